//! What an email can say.

use std::net::IpAddr;

use chrono::{DateTime, Duration, Utc};
use keyward_core::{commands::internal::OutgoingEmail, domain::Purpose, settings::Settings};
use url::Url;

/// What an email can say, in no language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EmailFacts {
    /// The name of the product.
    pub(crate) product: String,
    /// The name of the recipient, where repeating it is safe.
    pub(crate) name: Option<String>,
    /// The link, if the email has one.
    pub(crate) link: Option<LinkFacts>,
    /// When the email was requested.
    pub(crate) asked_at: DateTime<Utc>,
    /// The IP address that it was requested from, if it is known.
    pub(crate) asked_from: Option<IpAddr>,
    /// The address of the product on the web.
    pub(crate) home: String,
    /// The application; empty if `APP_URL` is not set.
    pub(crate) app_url: String,
    /// Whom to tell; empty if `SUPPORT_EMAIL` is not set.
    pub(crate) support_email: String,
    /// The page that requests a password reset.
    pub(crate) reset_page: String,
}

/// A link and the code that does the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LinkFacts {
    pub(crate) url: String,
    pub(crate) code: String,
    /// The page that takes the code.
    pub(crate) code_page: String,
    pub(crate) expires_at: DateTime<Utc>,
    /// How long it works after the email is sent.
    pub(crate) remaining: Duration,
}

impl EmailFacts {
    /// The facts of an email that is sent `now`.
    pub(crate) fn new(settings: &Settings, email: &OutgoingEmail, now: DateTime<Utc>) -> Self {
        let link = email.link.as_ref().map(|link| LinkFacts {
            url: settings.page(link.purpose.page(), Some(&link.token)),
            code: link.code.expose(),
            code_page: settings.page(link.purpose.page(), None),
            expires_at: link.expires_at,
            remaining: link.expires_at - now,
        });
        let name = email.display_name.as_deref().and_then(greetable);
        let (asked_at, asked_from) = (email.asked_at, email.asked_from);
        Self { name, link, asked_from, ..Self::of_product(settings, asked_at) }
    }

    /// The facts that every email has.
    pub(super) fn of_product(settings: &Settings, asked_at: DateTime<Utc>) -> Self {
        Self {
            product: settings.product.clone(),
            name: None,
            link: None,
            asked_at,
            asked_from: None,
            home: settings.public_url.origin().ascii_serialization(),
            app_url: settings.app_url.as_ref().map(Url::to_string).unwrap_or_default(),
            support_email: settings
                .support_email
                .as_ref()
                .map(|address| address.as_str().to_owned())
                .unwrap_or_default(),
            reset_page: settings.page(Purpose::ResetPassword.page(), None),
        }
    }
}

/// The name, unless it could become a link or fill the page. Anyone can register any address under any
/// name, and must not be able to send a message to its owner.
fn greetable(name: &str) -> Option<String> {
    let forbidden = ['.', '/', ':', '@', '。', '．', '｡', '\n', '\r'];
    let is_safe = (1..=60).contains(&name.chars().count()) && !name.contains(forbidden);
    is_safe.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_that_could_become_a_link_is_not_repeated() {
        assert_eq!(greetable("Ada Lovelace").as_deref(), Some("Ada Lovelace"));
        for name in ["evil.example", "http://evil", "a@b", "", &"x".repeat(61)] {
            assert_eq!(greetable(name), None, "{name:?}");
        }
    }
}
