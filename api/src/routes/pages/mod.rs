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
    Endpoint, EndpointExt as _, Request, Response, endpoint,
    http::{StatusCode, header},
};

use self::form::Form;
use crate::http::{
    assets,
    context::Context,
    payload,
    problem::{Problem, sentence},
    rate_limit,
};

/// Allows only what this server serves, and nothing inline.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                   form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

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
    app: &'a App,
    purpose: Purpose,
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

    fn offers_link(&self) -> bool {
        matches!(self.purpose, Purpose::VerifyEmail | Purpose::ResetPassword)
    }

    /// Whether the form has a field for a new password. The one that confirms an address has it if the
    /// account needs a password.
    fn asks_password(&self) -> bool {
        match self.purpose {
            Purpose::ResetPassword | Purpose::AcceptInvitation => true,
            Purpose::VerifyEmail => self.needs_password(),
            Purpose::ConfirmEmailChange | Purpose::UndoEmailChange => false,
        }
    }

    /// Whether the address was registered more than once, as the last request has shown.
    fn needs_password(&self) -> bool {
        let is_refused = self.problem.as_ref().is_some_and(|p| p.code == "password_required");
        self.purpose == Purpose::VerifyEmail && (is_refused || !self.form.password.is_empty())
    }

    /// Why the request failed, if neither the headline nor a field says so.
    fn unexplained(&self) -> Option<&Problem> {
        let is_asked = self.problem.as_ref().is_some_and(|p| p.code == "password_required");
        let has_headline = matches!(self.view, View::Dead | View::Throttled) || is_asked;
        self.problem.as_ref().filter(|_| !has_headline && !self.has_flaws())
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
    let limited = rate_limit::wrap(poem::get(show).post(submit));
    let app = app.clone();
    limited.after(move |answer| {
        std::future::ready(answer.and_then(|answer| throttled(purpose, &app, answer)))
    })
}

async fn show(purpose: Purpose, request: Request) -> poem::Result<Response> {
    let (app, form) = (Context::of(&request)?.app, Form::default());
    LinkPage { app, purpose, view: View::Use, form: &form, problem: None }.html()
}

async fn submit(purpose: Purpose, request: Request) -> poem::Result<Response> {
    let (request, mut body) = request.split();
    let context = Context::of(&request)?;
    let form = Form::new(payload::read(&request, &mut body).await?);
    let page = LinkPage { app: context.app, purpose, view: View::Use, form: &form, problem: None };
    let (tried, done, result) = if page.offers_link() && form.action == "send" {
        (View::Ask, View::Sent, actions::request_link(purpose, &context, &form).await)
    } else {
        (View::Use, View::Done, actions::use_link(purpose, &context, &form).await)
    };
    let (view, problem) = match result {
        Ok(()) => (done, None),
        Err(problem) if problem.code == "link_invalid" && problem.errors.is_none() => {
            (View::Dead, Some(problem))
        }
        Err(problem) => (tried, Some(problem)),
    };
    LinkPage { view, problem, ..page }.html()
}

/// Shows a page in place of a 429.
fn throttled(purpose: Purpose, app: &App, answer: Response) -> poem::Result<Response> {
    let problem = answer.data::<Problem>().cloned();
    if answer.status() != StatusCode::TOO_MANY_REQUESTS || problem.is_none() {
        return Ok(answer);
    }
    let (view, form) = (View::Throttled, Form::default());
    let mut response = LinkPage { app, purpose, view, form: &form, problem }.html()?;
    response.headers_mut().extend(answer.headers().clone());
    Ok(response)
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
