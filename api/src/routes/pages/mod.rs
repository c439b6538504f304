//! The HTML pages that email recipients see.
//!
//! A link opens a page with its token in the fragment, which reaches no server (OWASP ASVS 5.0,
//! 14.2.1). GET and HEAD change nothing (3.5.3), however often a scanner calls; only the form's
//! POST uses the link. A page answers with the statuses of the API: 422 for invalid fields, 400 for
//! a link that no longer works, 503 with `Retry-After` if a dependency is unavailable.
//!
//! `templates/words.html` has the texts; [`actions`] says what the forms do. [`browser`] answers
//! browsers where the API has nothing, and restores [`links`] that were changed on their way.

mod actions;
pub(crate) mod browser;
mod form;
mod html;
mod link_page;
mod links;

use keyward_core::{App, domain::Purpose, queries::GetLink};
use poem::{Endpoint, EndpointExt as _, Request, Response, endpoint, http::StatusCode};

use self::{
    form::Form,
    link_page::{LinkPage, View},
};
use crate::http::{context::Context, payload, problem::Problem, rate_limit};

/// The endpoint of a page.
pub(crate) fn endpoint(purpose: Purpose, app: &App) -> impl Endpoint<Output = Response> + use<> {
    let show = endpoint::make(move |request| show(purpose, request));
    let submit = endpoint::make(move |request| submit(purpose, request));
    let limited = rate_limit::wrap(poem::get(show).post(submit));
    let app = app.clone();
    limited.after(move |answer| {
        std::future::ready(answer.and_then(|answer| throttled(purpose, &app, answer)))
    })
}

async fn show(purpose: Purpose, request: Request) -> poem::Result<Response> {
    let (app, form) = (Context::of(&request)?.app, Form::default());
    LinkPage { app, purpose, view: View::Use, form: &form, link: None, problem: None }.response()
}

async fn submit(purpose: Purpose, request: Request) -> poem::Result<Response> {
    let (request, mut body) = request.split();
    let context = Context::of(&request)?;
    let form = Form::new(payload::read(&request, &mut body).await?);
    let (app, form, view) = (context.app, &form, View::Use);
    let page = LinkPage { app, purpose, view, form, link: None, problem: None };
    let link = async || context.fetch(GetLink { purpose, token: form.token.clone() }).await;
    let (tried, done, result) = match form.action.as_str() {
        "send" if page.offers_link() => {
            let sent = actions::request_link(purpose, &context, form).await;
            (View::Ask, View::Sent, sent.map(|()| None))
        }
        "show" => (View::Use, View::Use, link().await.map(Some)),
        _ => {
            let used = actions::use_link(purpose, &context, form).await;
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
    LinkPage { view, link, problem, ..page }.response()
}

/// Shows a page in place of a 429.
fn throttled(purpose: Purpose, app: &App, answer: Response) -> poem::Result<Response> {
    let problem = answer.data::<Problem>().cloned();
    if answer.status() != StatusCode::TOO_MANY_REQUESTS || problem.is_none() {
        return Ok(answer);
    }
    let (view, form) = (View::Throttled, Form::default());
    let page = LinkPage { app, purpose, view, form: &form, link: None, problem };
    let mut response = page.response()?;
    response.headers_mut().extend(answer.headers().clone());
    Ok(response)
}
