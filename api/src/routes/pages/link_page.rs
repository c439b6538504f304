//! The page of a link, in every state.

use keyward_core::{domain::Purpose, queries::LinkView};
use serde::Serialize;

use super::form::Form;
use crate::http::problem::Problem;

/// What a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
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

/// A page and its state.
pub(super) struct LinkPage<'a> {
    pub(super) purpose: Purpose,
    pub(super) view: View,
    pub(super) form: &'a Form,
    /// What the link is for, if the page knows it.
    pub(super) link: Option<LinkView>,
    /// Why the last request failed.
    pub(super) problem: Option<Problem>,
}

impl LinkPage<'_> {
    /// Whether the page can send a new link.
    pub(super) fn offers_link(&self) -> bool {
        matches!(self.purpose, Purpose::VerifyEmail | Purpose::ResetPassword)
    }

    /// Whether the form has a field for a name.
    pub(super) fn asks_name(&self) -> bool {
        self.purpose == Purpose::AcceptInvitation
    }

    /// Whether the form has a field for a new password. The one that confirms an address has it if the
    /// account needs a password.
    pub(super) fn asks_password(&self) -> bool {
        match self.purpose {
            Purpose::ResetPassword | Purpose::AcceptInvitation => true,
            Purpose::VerifyEmail => self.needs_password(),
            Purpose::ConfirmEmailChange | Purpose::UndoEmailChange => false,
        }
    }

    /// Whether the address was registered more than once, as the last request has shown.
    pub(super) fn needs_password(&self) -> bool {
        let is_refused = self.problem.as_ref().is_some_and(|p| p.code == "password_required");
        self.purpose == Purpose::VerifyEmail && (is_refused || !self.form.password.is_empty())
    }

    /// Whether the form has a token that was found to be that of a link. Answers to others do not disclose
    /// whether it was one.
    pub(super) fn is_authentic(&self) -> bool {
        let is_doubtful = self.problem.is_some() && self.link.is_none();
        !self.form.token.is_empty() && matches!(self.view, View::Use | View::Done) && !is_doubtful
    }

    /// Why the request failed, if neither the headline nor a field says so.
    pub(super) fn unexplained(&self) -> Option<&Problem> {
        let is_asked = self.problem.as_ref().is_some_and(|p| p.code == "password_required");
        let has_headline = matches!(self.view, View::Dead | View::Throttled) || is_asked;
        self.problem.as_ref().filter(|_| !has_headline && !self.has_flaws())
    }

    pub(super) fn has_flaws(&self) -> bool {
        self.problem.as_ref().is_some_and(|problem| problem.errors.is_some())
    }

    /// The message of the headline. `message` is that of the page.
    pub(super) fn heading(&self, message: &str) -> String {
        let part = match self.view {
            View::Use if self.needs_password() => return "page-disputed.title".to_owned(),
            View::Use => "title",
            View::Done => "done",
            View::Ask => "ask-title",
            View::Dead => return "page-dead-title".to_owned(),
            View::Sent => return "page-sent-title".to_owned(),
            View::Throttled => return "page-throttled.title".to_owned(),
        };
        format!("{message}.{part}")
    }

    /// The messages of the buttons that use the link, and that request another one. An email calls its
    /// button as the page does.
    pub(super) fn buttons(&self) -> (&'static str, &'static str) {
        match self.purpose {
            Purpose::VerifyEmail => ("mail-verification.button", "page-verify-email.ask-button"),
            Purpose::ResetPassword => ("mail-password-reset.button", "mail-reset-button"),
            Purpose::ConfirmEmailChange => ("mail-email-change-confirmation.button", ""),
            Purpose::UndoEmailChange => ("mail-email-changed.button", ""),
            Purpose::AcceptInvitation => ("mail-invitation.button", ""),
        }
    }
}
