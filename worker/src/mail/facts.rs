//! What a mail can say, in words.

use chrono::{DateTime, Duration, Utc};
use keyward_core::{
    commands::internal::OutgoingEmail,
    domain::{MailKind, Purpose},
    settings::Settings,
};

/// What a mail can say, in words; the templates read it as `mail`. Templates escape it for HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// What it is to say.
    pub kind: MailKind,
    /// The product's name.
    pub product: String,
    /// The name to greet with, where it is safe to repeat.
    pub greeting: Option<String>,
    /// The link; empty if the mail has none.
    pub link: String,
    /// The link's token alone, for a page that could not read it.
    pub code: String,
    /// Until when the link is good: a date and a time.
    pub valid_until: String,
    /// For how long the link is good: "30 minutes".
    pub valid_for: String,
    /// When somebody asked.
    pub asked_at: String,
    /// From which address.
    pub asked_from: String,
    /// The product's address on the web.
    pub home: String,
    /// Where a link for a new password can be asked for.
    pub reset_page: String,
}

impl Facts {
    /// The facts of a email that is sent at `now`.
    #[must_use]
    pub fn new(settings: &Settings, email: &OutgoingEmail, now: DateTime<Utc>) -> Self {
        let link = email.link.as_ref();
        let expires_at = link.map_or(now, |link| link.expires_at);
        Self {
            kind: email.kind,
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

/// The name, unless it could become a link or fill the page: anybody can register anybody's
/// address under any name, and must not be able to write to him through us.
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
    // Rounded to the minute: a moment passes between planning and sending.
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
    fn spans_read_as_people_say_them() {
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
    fn a_name_that_could_become_a_link_is_not_repeated() {
        assert_eq!(greeting("Ada Lovelace").as_deref(), Some("Ada Lovelace"));
        for name in ["evil.example", "http://evil", "a@b", "", &"x".repeat(61)] {
            assert_eq!(greeting(name), None, "{name:?}");
        }
    }
}
