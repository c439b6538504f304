//! The page of a link, in every state.

use askama::Template;
use keyward_core::{
    App,
    domain::{PasswordPolicy, Purpose, Role},
    queries::LinkView,
};
use poem::{Response, http::header};

use super::{form::Form, html::html};
use crate::http::{
    assets,
    problem::{Problem, sentence},
};

/// What a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
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
pub(super) struct LinkPage<'a> {
    pub(super) app: &'a App,
    pub(super) purpose: Purpose,
    pub(super) view: View,
    pub(super) form: &'a Form,
    /// What the link is for, if the page knows it.
    pub(super) link: Option<LinkView>,
    /// Why the last request failed.
    pub(super) problem: Option<Problem>,
}

impl LinkPage<'_> {
    /// The URL of the forms.
    fn path(&self) -> &'static str {
        self.purpose.page().trim_start_matches('/')
    }

    /// Whether the page can send a new link.
    pub(super) fn offers_link(&self) -> bool {
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

    /// What a password that is too short will be refused with.
    fn too_short(&self) -> String {
        sentence(&PasswordPolicy::too_short(self.app.settings.passwords.min_chars).detail)
    }

    /// The page, with the status and the headers of the problem.
    pub(super) fn response(&self) -> poem::Result<Response> {
        let mut response = html(self)?;
        if let Some(problem) = &self.problem {
            response.set_status(problem.status);
            if let Some(wait_s) = problem.retry_after_s {
                response.headers_mut().insert(header::RETRY_AFTER, wait_s.into());
            }
        }
        Ok(response)
    }
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
