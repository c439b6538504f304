//! The HTML that a recipient of a mail sees.
//!
//! A link leads here with its token in the fragment, which reaches no server (OWASP ASVS 5.0,
//! 14.2.1). GET and HEAD change nothing (3.5.3), however often a scanner calls; only the form's POST
//! uses a link up.
//!
//! A new page is one file: a type, its words, and what its form does ([`LinkPage`]).

mod accept_invitation;
mod assets;
mod confirm_email;
mod form;
mod link_page;
mod reset_password;
mod throttled;
mod undo_email;
mod verify_email;

use askama::Template;
use poem::{Response, http::header};

pub(crate) use accept_invitation::AcceptInvitationPage;
pub(crate) use assets::Assets;
pub(crate) use confirm_email::ConfirmEmailPage;
use form::Form;
pub(crate) use link_page::endpoint;
use link_page::{Another, Fields, LinkPage, Words};
pub(crate) use reset_password::ResetPasswordPage;
pub(crate) use throttled::throttled;
pub(crate) use undo_email::UndoEmailPage;
pub(crate) use verify_email::VerifyEmailPage;

/// Paths of the pages and their methods; they are not part of the OpenAPI document.
pub(crate) const ROUTES: &[(&str, &str)] = &[
    ("/verify-email", "GET, POST"),
    ("/reset-password", "GET, POST"),
    ("/confirm-email", "GET, POST"),
    ("/undo-email", "GET, POST"),
    ("/accept-invitation", "GET, POST"),
    ("/assets/{name}", "GET"),
    ("/docs", "GET"),
    ("/openapi.json", "GET"),
    ("/health/live", "GET"),
    ("/health/ready", "GET"),
];

/// Only what we serve ourselves; nothing inline.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                   form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

fn html(page: &impl Template) -> poem::Result<Response> {
    let html = page.render().map_err(poem::error::InternalServerError)?;
    Ok(Response::builder()
        .header(header::CONTENT_SECURITY_POLICY, CSP)
        .content_type("text/html; charset=utf-8")
        .body(html))
}
