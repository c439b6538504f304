//! The HTML pages that email recipients see.
//!
//! A link opens a page with its token in the fragment, which reaches no server (OWASP ASVS 5.0,
//! 14.2.1). GET and HEAD change nothing (3.5.3), however often a scanner calls; only the form's
//! POST uses the link. A page answers with the statuses of the API: 422 for invalid fields, 400 for
//! a link that no longer works, 503 with `Retry-After` if a dependency is unavailable.
//!
//! `templates/words.html` has the texts; [`actions`] says what the forms do.

mod actions;
mod form;

use askama::Template;
use keyward_core::{App, domain::Purpose};
use poem::{
    Endpoint, EndpointExt as _, FromRequest as _, Request, Response, endpoint,
    http::{StatusCode, header},
};

use self::form::Form;
use crate::http::{
    assets,
    context::Context,
    problem::{Problem, sentence},
    rate_limit,
};

/// Allows only what this server serves, and nothing inline.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                   form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// The notice if the server is at fault.
const UNAVAILABLE: &str = "The service is not available at the moment. Nothing has changed, and \
                           your link still works. Please try again in a minute.";

/// What a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    /// The form that uses the link.
    Use,
    /// The link was used.
    Done,
    /// The link no longer works.
    Dead,
    /// The form that requests a new link.
    Ask,
    /// A new link was requested.
    Sent,
    /// There were too many requests.
    Throttled,
}

#[derive(Template)]
#[template(path = "link_page.html")]
struct LinkPage<'a> {
    product: &'a str,
    purpose: Purpose,
    min_length: usize,
    view: View,
    form: &'a Form,
    /// Why the last request failed.
    problem: Option<Problem>,
}

impl LinkPage<'_> {
    /// The URL of the forms.
    fn path(&self) -> &'static str {
        self.purpose.page().trim_start_matches('/')
    }

    fn asks_name(&self) -> bool {
        self.purpose == Purpose::AcceptInvitation
    }

    fn asks_password(&self) -> bool {
        matches!(self.purpose, Purpose::AcceptInvitation | Purpose::ResetPassword)
    }

    fn offers_link(&self) -> bool {
        offers_link(self.purpose)
    }

    /// Why the request failed, if not because of a field.
    fn notice(&self) -> Option<String> {
        let problem = self.problem.as_ref()?;
        let is_explained = matches!(self.view, View::Dead | View::Throttled) || self.has_flaws();
        match problem.status.is_server_error() {
            true => Some(UNAVAILABLE.to_owned()),
            false => (!is_explained).then(|| sentence(&problem.detail)),
        }
    }

    fn has_flaws(&self) -> bool {
        self.problem.as_ref().is_some_and(|problem| problem.errors.is_some())
    }

    /// The flaws of a field as sentences. Empty if there are none.
    fn flaw_of(&self, field: &str) -> String {
        let flaws = self.problem.iter().flat_map(|problem| &problem.errors).flatten();
        let of_field = flaws.filter(|flaw| flaw.pointer.strip_prefix('/') == Some(field));
        of_field.map(|flaw| sentence(&flaw.flaw.detail)).collect::<Vec<_>>().join(" ")
    }

    /// How long to wait before the next request, in words.
    fn wait(&self) -> String {
        in_words(self.problem.as_ref().and_then(|problem| problem.retry_after_s).unwrap_or(1))
    }

    /// The page, with the status and the headers of the problem.
    fn html(&self) -> poem::Result<Response> {
        let html = self.render().map_err(poem::error::InternalServerError)?;
        let mut response = Response::builder()
            .header(header::CONTENT_SECURITY_POLICY, CSP)
            .content_type("text/html; charset=utf-8")
            .body(html);
        if let Some(problem) = &self.problem {
            response.set_status(problem.status);
            if let Some(wait_s) = problem.retry_after_s {
                response.headers_mut().insert(header::RETRY_AFTER, wait_s.into());
            }
        }
        Ok(response)
    }
}

/// The endpoint of a page.
pub(crate) fn endpoint(purpose: Purpose, app: &App) -> impl Endpoint<Output = Response> + use<> {
    let show = endpoint::make(move |request| show(purpose, request));
    let submit = endpoint::make(move |request| submit(purpose, request));
    let limited = rate_limit::wrap(poem::get(show).post(submit), app);
    let app = app.clone();
    limited.after(move |answer| {
        std::future::ready(answer.and_then(|answer| throttled(purpose, &app, answer)))
    })
}

async fn show(purpose: Purpose, request: Request) -> poem::Result<Response> {
    page(purpose, Context::of(&request)?.app, View::Use, &Form::default()).html()
}

async fn submit(purpose: Purpose, request: Request) -> poem::Result<Response> {
    let (request, mut body) = request.split();
    let context = Context::of(&request)?;
    let form = Form::from_request(&request, &mut body).await?;
    let (tried, done, result) = if offers_link(purpose) && form.action == "send" {
        (View::Ask, View::Sent, actions::request_link(purpose, &context, &form).await)
    } else {
        (View::Use, View::Done, actions::use_link(purpose, &context, &form).await)
    };
    let (view, problem) = match result {
        Ok(()) => (done, None),
        Err(problem) if problem.code == "link_invalid" => (View::Dead, Some(problem)),
        Err(problem) => (tried, Some(problem)),
    };
    LinkPage { problem, ..page(purpose, context.app, view, &form) }.html()
}

/// Shows a page in place of a 429.
fn throttled(purpose: Purpose, app: &App, answer: Response) -> poem::Result<Response> {
    let problem = answer.data::<Problem>().cloned();
    if answer.status() != StatusCode::TOO_MANY_REQUESTS || problem.is_none() {
        return Ok(answer);
    }
    let form = Form::default();
    let mut response = LinkPage { problem, ..page(purpose, app, View::Throttled, &form) }.html()?;
    response.headers_mut().extend(answer.headers().clone());
    Ok(response)
}

fn page<'a>(purpose: Purpose, app: &'a App, view: View, form: &'a Form) -> LinkPage<'a> {
    LinkPage {
        product: &app.settings.product,
        purpose,
        min_length: app.settings.passwords.min_chars,
        view,
        form,
        problem: None,
    }
}

/// Whether the page offers to request a new link.
fn offers_link(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::VerifyEmail | Purpose::ResetPassword)
}

fn in_words(seconds: u64) -> String {
    match (seconds, seconds.div_ceil(60)) {
        (..=1, _) => "a second".to_owned(),
        (..60, _) => format!("{seconds} seconds"),
        (_, 1) => "a minute".to_owned(),
        (_, minutes) => format!("{minutes} minutes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_written_in_words() {
        assert_eq!([0, 1, 59].map(in_words), ["a second", "a second", "59 seconds"]);
        assert_eq!([60, 61, 3_600].map(in_words), ["a minute", "2 minutes", "60 minutes"]);
    }
}
