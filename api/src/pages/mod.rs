//! The HTML that a recipient of a mail sees.
//!
//! A link leads here with its token in the fragment, which reaches no server. GET and HEAD change
//! nothing, however often a scanner calls; only the form's POST uses a link up.

mod assets;
mod reset_password;
mod verify_email;

use askama::Template;
use keyward_core::{Error, Refusal};
use poem::{Response, http::header};

pub(crate) use assets::Assets;
pub(crate) use reset_password::ResetPasswordPage;
pub(crate) use verify_email::VerifyEmailPage;

/// Paths of the pages and their methods; they are not part of the OpenAPI document.
pub(crate) const ROUTES: &[(&str, &str)] = &[
    ("/verify-email", "GET, POST"),
    ("/reset-password", "GET, POST"),
    ("/docs", "GET"),
    ("/openapi.json", "GET"),
    ("/health/live", "GET"),
    ("/health/ready", "GET"),
];

/// Only what we serve ourselves; nothing inline.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                   form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A form, posted by a page.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Form {
    /// The token, or the whole link.
    #[serde(default)]
    token: String,
    /// The new password.
    #[serde(default)]
    password: String,
    /// `send` asks for a new link.
    #[serde(default)]
    action: String,
    /// Where to send it.
    #[serde(default)]
    email: String,
}

impl Form {
    /// The token alone: people paste the whole link, too.
    fn token(&self) -> String {
        let text = self.token.trim();
        text.rsplit_once('#').map_or(text, |(_, token)| token).to_owned()
    }

    fn asks_for_a_link(&self) -> bool {
        self.action == "send"
    }
}

/// What to say when something did not work.
enum Trouble {
    /// The link is no good.
    LinkInvalid,
    /// What was typed breaks these rules.
    Problem(String),
    /// It is on our side.
    Failed,
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(Refusal::LinkInvalid) => Self::LinkInvalid,
            Error::Refused(Refusal::Invalid(flaws)) => {
                let sentences = flaws.into_iter().map(|flaw| sentence(&flaw.flaw.detail));
                Self::Problem(sentences.collect::<Vec<_>>().join(" "))
            }
            Error::Refused(_) => Self::Failed,
            Error::Unavailable(cause) => {
                tracing::warn!(error = format!("{cause:#}"), "a dependency is not available");
                Self::Failed
            }
            Error::Fault(cause) => {
                tracing::error!(error = format!("{cause:#}"), "a defect");
                Self::Failed
            }
        }
    }
}

/// Title and detail of a page that could not do what it was asked.
const FAILED: (&str, &str) = (
    "That did not work",
    "The service is not available at the moment. Nothing has changed, and a link that you have is \
     still good: try again in a minute.",
);

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars).chain(['.']).collect()
}

fn respond(page: &impl Template) -> poem::Result<Response> {
    let html = page.render().map_err(poem::error::InternalServerError)?;
    Ok(Response::builder()
        .header(header::CONTENT_SECURITY_POLICY, CSP)
        .content_type("text/html; charset=utf-8")
        .body(html))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_link_is_cut_to_its_token() {
        let form = |token: &str| Form {
            token: token.into(),
            password: String::new(),
            action: String::new(),
            email: String::new(),
        };
        assert_eq!(form(" abc\n").token(), "abc");
        assert_eq!(form("https://id.example/reset-password#abc ").token(), "abc");
    }
}
