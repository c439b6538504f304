//! Pages as HTML, in the language of their reader.

use std::{fmt::Display, sync::Arc};

use keyward_core::{
    App,
    languages::{Arguments, Language, Languages, Locale},
    templates::Templates,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use poem::{
    Response,
    http::{HeaderValue, header},
};
use serde::Serialize;

use super::reader::Reader;
use crate::http::{assets, problem::Problem};

/// Allows only what this server serves, and nothing inline.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                   form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What is encoded in a `mailto` link.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// The templates in `api/templates/pages`, by the name that other templates use.
const TEMPLATES: [(&str, &str); 6] = [
    ("pages/layout.html", include_str!("../../../templates/pages/layout.html")),
    ("pages/parts.html", include_str!("../../../templates/pages/parts.html")),
    ("pages/message.html", include_str!("../../../templates/pages/message.html")),
    ("pages/link_page.html", include_str!("../../../templates/pages/link_page.html")),
    ("pages/use_link.html", include_str!("../../../templates/pages/use_link.html")),
    ("pages/ask_link.html", include_str!("../../../templates/pages/ask_link.html")),
];

/// Renders pages. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Pages(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    app: App,
    templates: Templates,
}

/// What the layout shows around every page.
#[derive(Serialize)]
struct Layout<'a, T> {
    product: &'a str,
    app_url: Option<&'a str>,
    support_email: Option<&'a str>,
    support_url: Option<String>,
    /// The menu of languages; empty if the page cannot be shown again.
    languages: Vec<MenuEntry>,
    assets: Assets,
    #[serde(flatten)]
    page: &'a T,
}

#[derive(Serialize)]
struct MenuEntry {
    tag: &'static str,
    name: String,
    direction: &'static str,
}

#[derive(Serialize)]
struct Assets {
    icon: String,
    style: String,
    script: String,
}

/// A page with a headline and a paragraph.
#[derive(Serialize)]
struct Message {
    title: String,
    lead: String,
}

impl Pages {
    /// Parses the messages and the templates.
    ///
    /// # Errors
    ///
    /// If one is malformed; the error names file and line.
    pub(crate) fn new(app: &App) -> anyhow::Result<Self> {
        let templates = Templates::new(Languages::load()?, TEMPLATES)?;
        Ok(Self(Arc::new(Parts { app: app.clone(), templates })))
    }

    pub(super) fn app(&self) -> &App {
        &self.0.app
    }

    /// The messages of a language.
    pub(super) fn language(&self, locale: Locale) -> Language<'_> {
        self.0.templates.language(locale)
    }

    /// The page of a message: its `.title` and its `.lead`.
    ///
    /// # Errors
    ///
    /// 500 if it cannot be rendered, which is a defect.
    pub(super) fn message(&self, id: &str, reader: Reader) -> poem::Result<Response> {
        let language = self.language(reader.locale);
        let arguments = language.arguments([("product", self.app().settings.product.clone())]);
        let part = |part: &str| language.text(&format!("{id}.{part}"), &arguments).map_err(defect);
        let message = Message { title: part("title")?, lead: part("lead")? };
        self.response("pages/message.html", reader, true, &message)
    }

    /// A page. `has_menu` offers it in other languages.
    ///
    /// # Errors
    ///
    /// 500 if it cannot be rendered, which is a defect.
    pub(super) fn response(
        &self,
        template: &str,
        reader: Reader,
        has_menu: bool,
        page: &impl Serialize,
    ) -> poem::Result<Response> {
        let html = self.render(template, reader.locale, has_menu, page).map_err(defect)?;
        let mut response = Response::builder()
            .header(header::CONTENT_SECURITY_POLICY, CSP)
            .header(header::CONTENT_LANGUAGE, reader.locale.as_str())
            .content_type("text/html; charset=utf-8")
            .body(html);
        if !reader.is_chosen {
            let vary = HeaderValue::from_static("accept-language");
            response.headers_mut().insert(header::VARY, vary);
        }
        Ok(response)
    }

    fn render(
        &self,
        template: &str,
        locale: Locale,
        has_menu: bool,
        page: &impl Serialize,
    ) -> anyhow::Result<String> {
        let settings = &self.app().settings;
        let support = settings.support_email.as_ref();
        let languages = Locale::all().filter(|_| has_menu).map(|locale| {
            let language = self.language(locale);
            let name = language.text("language-name", &Arguments::new())?;
            Ok(MenuEntry { tag: locale.as_str(), name, direction: language.direction() })
        });
        let layout = Layout {
            product: &settings.product,
            app_url: settings.app_url.as_ref().map(|url| url.as_str()),
            support_email: support.map(|address| address.as_str()),
            support_url: support.map(|address| {
                let local = address.local_part();
                let domain = &address.as_str()[local.len()..];
                format!("mailto:{}{domain}", utf8_percent_encode(local, ENCODED))
            }),
            languages: languages.collect::<anyhow::Result<_>>()?,
            assets: Assets {
                icon: assets::url("favicon.svg"),
                style: assets::url("page.css"),
                script: assets::url("page.js"),
            },
            page,
        };
        self.0.templates.render(template, locale, &layout)
    }
}

/// A defect, which is logged.
pub(super) fn defect(error: impl Display) -> poem::Error {
    tracing::error!(error = format!("{error:#}"), "a page cannot be rendered");
    Problem::defect().into()
}
