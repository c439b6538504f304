//! What an email can say.

use chrono::{DateTime, Duration, Utc};
use keyward_core::{commands::internal::OutgoingEmail, domain::Purpose, settings::Settings};

/// What an email can say; the templates read it as `mail`. HTML templates escape it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EmailFacts {
    /// The name of the product.
    pub(crate) product: String,
    /// The name of the recipient, where repeating it is safe.
    pub(crate) greeting: Option<String>,
    /// The link; empty if the email has none.
    pub(crate) link: String,
    /// The token of the link, for a page that cannot read it.
    pub(crate) code: String,
    /// When the link expires: a date and a time.
    pub(crate) valid_until: String,
    /// How long the link is valid: "30 minutes".
    pub(crate) valid_for: String,
    /// When the email was requested.
    pub(crate) asked_at: String,
    /// The IP address that it was requested from.
    pub(crate) asked_from: String,
    /// The address of the product on the web.
    pub(crate) home: String,
    /// The page that requests a password reset.
    pub(crate) reset_page: String,
}

impl EmailFacts {
    /// The facts of an email that is sent at `now`.
    pub(crate) fn new(settings: &Settings, email: &OutgoingEmail, now: DateTime<Utc>) -> Self {
        let link = email.link.as_ref();
        let expires_at = link.map_or(now, |link| link.expires_at);
        Self {
            product: settings.product.clone(),
            greeting: email.display_name.as_deref().and_then(greeting),
            link: link
                .map(|link| settings.page(link.purpose.page(), Some(&link.token)))
                .unwrap_or_default(),
            code: link.map(|link| link.token.expose().to_owned()).unwrap_or_default(),
            valid_until: moment(expires_at),
            valid_for: span(expires_at - now),
            asked_at: moment(email.asked_at),
            asked_from: email
                .asked_from
                .map_or_else(|| "an unknown address".to_owned(), |ip| ip.to_string()),
            home: settings.public_url.origin().ascii_serialization(),
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

fn span(span: Duration) -> String {
    let plural = |n: i64, unit: &str| format!("{n} {unit}{}", if n == 1 { "" } else { "s" });
    // Rounded to the minute: sending takes a moment.
    let minutes = (span.num_seconds() + 30) / 60;
    match minutes {
        0..120 => plural(minutes, "minute"),
        120..2880 => plural((minutes + 30) / 60, "hour"),
        _ => plural((minutes + 720) / 1440, "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_readable_units() {
        for (seconds, words) in [
            (1_799, "30 minutes"),
            (60, "1 minute"),
            (86_395, "24 hours"),
            (7_200, "2 hours"),
            (604_800, "7 days"),
        ] {
            assert_eq!(span(Duration::seconds(seconds)), words);
        }
    }

    #[test]
    fn name_that_could_become_a_link_is_not_repeated() {
        assert_eq!(greeting("Ada Lovelace").as_deref(), Some("Ada Lovelace"));
        for name in ["evil.example", "http://evil", "a@b", "", &"x".repeat(61)] {
            assert_eq!(greeting(name), None, "{name:?}");
        }
    }
}
