//! What the template of a link's page reads.

use keyward_core::{
    domain::PasswordPolicy,
    languages::{Arguments, Language},
    settings::Settings,
};
use poem::{Response, http::header};
use serde::Serialize;

use super::{
    failure::{self, FieldFlaws},
    form::Form,
    html::Pages,
    link_page::{LinkPage, View},
    reader::Reader,
};

/// A page, as its template reads it.
#[derive(Serialize)]
struct Content<'a> {
    view: View,
    /// The message of the page, such as `page-verify-email`.
    message: String,
    heading: String,
    title: String,
    /// The URL of the forms.
    action: String,
    /// The messages of the buttons that use the link, and that request another one.
    button: &'static str,
    ask_button: &'static str,
    offers_link: bool,
    asks_name: bool,
    needs_password: bool,
    form: &'a Form,
    link: Option<Link<'a>>,
    /// The field for a new password, if there is one.
    password: Option<NewPassword>,
    flaws: FieldFlaws,
    notice: Option<String>,
    wait: Option<String>,
}

#[derive(Serialize)]
struct Link<'a> {
    email: &'a str,
    role: Option<&'static str>,
    invited_by: &'a str,
}

#[derive(Serialize)]
struct NewPassword {
    min: usize,
    too_short: String,
}

impl<'a> Content<'a> {
    fn new(
        page: &'a LinkPage<'_>,
        settings: &'a Settings,
        language: Language<'_>,
        reader: Reader,
    ) -> anyhow::Result<Self> {
        let path = page.purpose.page().trim_start_matches('/');
        let message = format!("page-{path}");
        let heading = language.text(&page.heading(&message), &Arguments::new())?;
        let title = if page.has_flaws() {
            let arguments = Arguments::from_iter([("title", heading.as_str())]);
            language.text("page-error-title", &arguments)?
        } else {
            heading.clone()
        };
        let (button, ask_button) = page.buttons();
        let link = page.link.as_ref().map(|link| Link {
            email: &link.email,
            role: link.role.map(|role| role.as_str()),
            invited_by: link.invited_by.as_deref().unwrap_or(&settings.product),
        });
        let password = page.asks_password().then_some(settings.passwords.min_chars);
        let password = password.map(|min| NewPassword::new(min, language)).transpose()?;
        let notice = page.unexplained().map(|problem| failure::of_problem(language, problem));
        let throttled = page.problem.as_ref().filter(|_| page.view == View::Throttled);
        let wait = throttled.map(|it| failure::after_wait(language, "page-throttled.lead", it));
        Ok(Self {
            view: page.view,
            heading,
            title,
            action: format!("{path}{}", reader.query()),
            button,
            ask_button,
            offers_link: page.offers_link(),
            asks_name: page.asks_name(),
            needs_password: page.needs_password(),
            form: page.form,
            link,
            password,
            flaws: FieldFlaws::of(page.problem.as_ref(), language)?,
            notice: notice.transpose()?,
            wait: wait.transpose()?,
            message,
        })
    }
}

impl NewPassword {
    fn new(min: usize, language: Language<'_>) -> anyhow::Result<Self> {
        let too_short = PasswordPolicy::too_short(min);
        Ok(Self { min, too_short: failure::of_flaw(language, "password", &too_short)? })
    }
}

/// The page as HTML.
///
/// # Errors
///
/// If a message or a template has a mistake.
pub(super) fn html(page: &LinkPage<'_>, pages: &Pages, reader: Reader) -> anyhow::Result<String> {
    let (settings, language) = (&pages.app().settings, pages.language(reader.locale));
    let content = Content::new(page, settings, language, reader)?;
    // The result of a form cannot be shown again in another language.
    let has_menu = !matches!(page.view, View::Done | View::Sent);
    pages.render("pages/link_page.html", reader.locale, has_menu, &content)
}

/// The page, with the status and the headers of its problem.
///
/// # Errors
///
/// 500 if it cannot be rendered, which is a defect.
pub(super) fn response(
    page: &LinkPage<'_>,
    pages: &Pages,
    reader: Reader,
) -> poem::Result<Response> {
    let mut response = Pages::response(html(page, pages, reader), reader)?;
    if let Some(problem) = &page.problem {
        response.set_status(problem.status);
        if let Some(wait_s) = problem.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, wait_s.into());
        }
    }
    Ok(response)
}
