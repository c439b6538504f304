//! Pages as HTML, in the language of their reader.

use std::sync::Arc;

use keyward_core::{
    App,
    brand::TemplateMistakes,
    languages::{Language, Locale},
    templates::Templates,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use poem::{
    Response,
    http::{HeaderValue, header},
};
use serde::Serialize;

use super::reader::Reader;
use crate::http::{assets::Assets, problem::Problem};

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
    #[serde(flatten)]
    page: &'a T,
}

#[derive(Serialize)]
struct MenuEntry {
    tag: &'static str,
    name: String,
    direction: &'static str,
}

/// A page with a headline and a paragraph.
#[derive(Serialize)]
struct Message {
    title: String,
    lead: String,
}

impl Pages {
    /// Parses the templates.
    ///
    /// # Errors
    ///
    /// If one is malformed; every mistake has a file and a line.
    pub(crate) fn new(app: &App) -> Result<Self, TemplateMistakes> {
        let brand = &app.settings.brand;
        let mut templates = Templates::new(brand.clone(), &TEMPLATES)?;
        templates.add_global("assets", &Assets::new(brand));
        Ok(Self(Arc::new(Parts { app: app.clone(), templates })))
    }

    pub(super) fn app(&self) -> &App {
        &self.0.app
    }

    pub(super) fn templates(&self) -> &Templates {
        &self.0.templates
    }

    /// The messages of a language.
    pub(super) fn language(&self, locale: Locale) -> Language<'_> {
        self.0.templates.language(locale)
    }

    /// The page of a message: its `.title` and its `.lead`.
    ///
    /// # Errors
    ///
    /// If a message or a template has a mistake.
    pub(super) fn message(&self, id: &str, locale: Locale) -> anyhow::Result<String> {
        let language = self.language(locale);
        let arguments = language.arguments([("product", self.app().settings.product.clone())]);
        let part = |part: &str| language.text(&format!("{id}.{part}"), &arguments);
        let message = Message { title: part("title")?, lead: part("lead")? };
        self.render("pages/message.html", locale, true, &message)
    }

    /// The response with a page.
    ///
    /// # Errors
    ///
    /// 500 if it was not rendered, which is a defect.
    pub(super) fn response(html: anyhow::Result<String>, reader: Reader) -> poem::Result<Response> {
        let html = html.map_err(|error| {
            tracing::error!(error = format!("{error:#}"), "a page cannot be rendered");
            Problem::defect()
        })?;
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

    /// A page as HTML. `has_menu` offers it in other languages.
    ///
    /// # Errors
    ///
    /// If a message or a template has a mistake.
    pub(super) fn render(
        &self,
        template: &str,
        locale: Locale,
        has_menu: bool,
        page: &impl Serialize,
    ) -> anyhow::Result<String> {
        let settings = &self.app().settings;
        let support = settings.support_email.as_ref();
        let languages = &settings.brand.languages;
        let menu = languages.locales.all().filter(|_| has_menu).map(|locale| MenuEntry {
            tag: locale.as_str(),
            name: languages.name(locale),
            direction: languages.get(locale).direction(),
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
            languages: menu.collect(),
            page,
        };
        self.0.templates.render(template, locale, &layout)
    }
}
