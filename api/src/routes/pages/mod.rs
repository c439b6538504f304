//! The HTML pages that email recipients see.
//!
//! A link opens a page with its token in the fragment, which reaches no server (OWASP ASVS 5.0,
//! 14.2.1). GET and HEAD change nothing (3.5.3), however often a scanner calls; only the form's
//! POST uses the link. A page answers with the statuses of the API: 422 for invalid fields, 400 for
//! a link that no longer works, 503 with `Retry-After` if a dependency is unavailable.
//!
//! A page speaks the language that its [`reader`] has chosen, then that of their account once a link
//! has shown whose it is, else that of the browser. The texts are in `core/locales`, the templates in
//! `templates/pages`; [`actions`] says what the forms do. [`browser`] answers browsers where the API has
//! nothing, and restores [`links`] that were changed on their way.

mod actions;
pub(crate) mod browser;
mod content;
mod failure;
mod form;
mod html;
mod link_page;
mod links;
mod reader;
#[cfg(test)]
mod tests;
mod verify;

use keyward_core::{
    App,
    brand::TemplateMistakes,
    domain::Purpose,
    queries::{GetLink, GetLinkLanguage},
};
use poem::{Endpoint, EndpointExt as _, Request, Response, endpoint, http::StatusCode};

use self::{
    form::Form,
    html::Pages,
    link_page::{LinkPage, View},
    reader::Reader,
};
use crate::http::{context::Context, payload, problem::Problem, rate_limit};

/// Parses the templates. Tries all pages if there is a brand.
///
/// # Errors
///
/// Every mistake in a template or a message, with file and line.
pub(crate) fn load(app: &App) -> Result<Pages, TemplateMistakes> {
    let pages = Pages::new(app)?;
    if app.settings.brand.is_own {
        verify::verify(&pages)?;
    }
    Ok(pages)
}

/// The endpoint of a page.
pub(crate) fn endpoint(
    purpose: Purpose,
    pages: &Pages,
) -> impl Endpoint<Output = Response> + use<> {
    let (on_get, on_post, on_refusal) = (pages.clone(), pages.clone(), pages.clone());
    let show = endpoint::make(move |request| std::future::ready(show(purpose, &on_get, &request)));
    let submit = endpoint::make(move |request| submit(purpose, on_post.clone(), request));
    let limited = rate_limit::wrap(poem::get(show).post(submit));
    limited.around(move |inner, request| {
        let pages = on_refusal.clone();
        async move {
            let reader = Reader::of(&Context::of(&request)?);
            throttled(purpose, &pages, reader, inner.call(request).await?)
        }
    })
}

fn show(purpose: Purpose, pages: &Pages, request: &Request) -> poem::Result<Response> {
    let (reader, form) = (Reader::of(&Context::of(request)?), Form::default());
    let page = LinkPage { purpose, view: View::Use, form: &form, link: None, problem: None };
    content::response(&page, pages, reader)
}

async fn submit(purpose: Purpose, pages: Pages, request: Request) -> poem::Result<Response> {
    let (request, mut body) = request.split();
    let context = Context::of(&request)?;
    let reader = Reader::of(&context);
    let form = Form::new(payload::read(&request, &mut body).await?);
    let form = &form;
    let page = LinkPage { purpose, view: View::Use, form, link: None, problem: None };
    let link = async || context.fetch(GetLink { purpose, token: form.token.clone() }).await;
    let (tried, done, result) = match form.action.as_str() {
        "send" if page.offers_link() => {
            let sent = actions::request_link(purpose, &context, form).await;
            (View::Ask, View::Sent, sent.map(|()| None))
        }
        "show" => (View::Use, View::Use, link().await.map(Some)),
        _ => {
            let used = actions::use_link(purpose, &context, form, reader.locale).await;
            (View::Use, View::Done, used.map(|()| None))
        }
    };
    let (view, link, problem) = match result {
        Ok(link) => (done, link, None),
        Err(problem) if problem.code == "link_invalid" && problem.errors.is_none() => {
            (View::Dead, None, Some(problem))
        }
        // The same form again, which can now say for which account it is.
        Err(problem)
            if tried == View::Use && problem.status.is_client_error() && !form.token.is_empty() =>
        {
            (tried, link().await.ok(), Some(problem))
        }
        Err(problem) => (tried, None, Some(problem)),
    };
    let page = LinkPage { view, link, problem, ..page };
    let reader = match page.is_authentic() {
        true => of_account(purpose, &context, form, reader).await,
        false => reader,
    };
    content::response(&page, &pages, reader)
}

/// Takes the language of the account that a link belongs to, unless the reader has chosen one.
async fn of_account(
    purpose: Purpose,
    context: &Context<'_>,
    form: &Form,
    reader: Reader,
) -> Reader {
    if reader.is_chosen {
        return reader;
    }
    let query = GetLinkLanguage { purpose, token: form.token.clone() };
    let found = context.fetch(query).await.ok().flatten();
    let locales = &context.app.settings.brand.languages.locales;
    reader.of_account(found.as_deref(), locales)
}

/// Shows a page in place of a 429.
fn throttled(
    purpose: Purpose,
    pages: &Pages,
    reader: Reader,
    answer: Response,
) -> poem::Result<Response> {
    let problem = answer.data::<Problem>().cloned();
    if answer.status() != StatusCode::TOO_MANY_REQUESTS || problem.is_none() {
        return Ok(answer);
    }
    let (view, form) = (View::Throttled, Form::default());
    let page = LinkPage { purpose, view, form: &form, link: None, problem };
    let mut response = content::response(&page, pages, reader)?;
    response.headers_mut().extend(answer.headers().clone());
    Ok(response)
}
