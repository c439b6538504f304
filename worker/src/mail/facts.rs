//! What an email can say.

use chrono::{DateTime, Utc};
use keyward_core::{commands::internal::OutgoingEmail, domain::Purpose, settings::Settings};
use url::Url;

/// What an email can say; the templates read it as `mail`. HTML templates escape it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EmailFacts {
    /// The name of the product.
    pub(crate) product: String,
    /// The name of the recipient, where repeating it is safe.
    pub(crate) greeting: Option<String>,
    /// The link; empty if the email has none.
    pub(crate) link: String,
    /// The short code of the link, for another device.
    pub(crate) code: String,
    /// The page that takes the code.
    pub(crate) code_page: String,
    /// When the link expires: a date and a time; empty if the email has none.
    pub(crate) valid_until: String,
    /// When the email was requested.
    pub(crate) asked_at: String,
    /// The IP address that it was requested from.
    pub(crate) asked_from: String,
    /// The address of the product on the web.
    pub(crate) home: String,
    /// The application; empty if `APP_URL` is not set.
    pub(crate) app_url: String,
    /// Whom to tell; empty if `SUPPORT_EMAIL` is not set.
    pub(crate) support_email: String,
    /// The page that requests a password reset.
    pub(crate) reset_page: String,
}

impl EmailFacts {
    /// The facts of an email.
    pub(crate) fn new(settings: &Settings, email: &OutgoingEmail) -> Self {
        let link = email.link.as_ref();
        Self {
            product: settings.product.clone(),
            greeting: email.display_name.as_deref().and_then(greeting),
            link: link
                .map(|link| settings.page(link.purpose.page(), Some(&link.token)))
                .unwrap_or_default(),
            code: link.map(|link| link.code.expose()).unwrap_or_default(),
            code_page: link
                .map(|link| settings.page(link.purpose.page(), None))
                .unwrap_or_default(),
            valid_until: link.map(|link| moment(link.expires_at)).unwrap_or_default(),
            asked_at: moment(email.asked_at),
            asked_from: email
                .asked_from
                .map_or_else(|| "an unknown address".to_owned(), |ip| ip.to_string()),
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
fn greeting(name: &str) -> Option<String> {
    let forbidden = ['.', '/', ':', '@', '。', '．', '｡', '\n', '\r'];
    let is_safe = (1..=60).contains(&name.chars().count()) && !name.contains(forbidden);
    is_safe.then(|| name.to_owned())
}

fn moment(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y, %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_that_could_become_a_link_is_not_repeated() {
        assert_eq!(greeting("Ada Lovelace").as_deref(), Some("Ada Lovelace"));
        for name in ["evil.example", "http://evil", "a@b", "", &"x".repeat(61)] {
            assert_eq!(greeting(name), None, "{name:?}");
        }
    }
}
