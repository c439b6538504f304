//! Writes every email in every language to a folder, with sample values.

use std::{fs, net::Ipv4Addr, path::Path};

use anyhow::Context as _;
use chrono::{DateTime, Duration, Utc};
use keyward_core::{
    domain::{MailKind, Purpose},
    languages::Locale,
    settings::Settings,
};

use super::{EmailFacts, EmailRenderer, facts::LinkFacts};

/// Writes `<folder>/<language>/<kind>.html` and `.txt`, and returns the number of emails.
///
/// # Errors
///
/// If a message or a layout is malformed, or a file cannot be written.
pub(crate) fn write(
    settings: &Settings,
    folder: &Path,
    now: DateTime<Utc>,
) -> anyhow::Result<usize> {
    let (renderer, facts) = (EmailRenderer::new()?, sample(settings, now));
    let mut written = 0;
    for locale in Locale::all() {
        let folder = folder.join(locale.as_str());
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        for kind in MailKind::ALL {
            let email = renderer.render(*kind, &facts, locale)?;
            let text = format!("{}\n\n{}", email.subject, email.text);
            for (extension, content) in [("html", email.html), ("txt", text)] {
                let file = folder.join(kind.as_str()).with_extension(extension);
                fs::write(&file, content).with_context(|| file.display().to_string())?;
            }
            written += 1;
        }
    }
    Ok(written)
}

/// What a sample email can say: a link is requested now, and works for a day.
pub(super) fn sample(settings: &Settings, now: DateTime<Utc>) -> EmailFacts {
    let remaining = Duration::days(1);
    EmailFacts {
        name: Some("Ada Lovelace".to_owned()),
        link: Some(LinkFacts {
            url: settings.page(Purpose::VerifyEmail.page(), None) + "#" + &"sample-".repeat(9),
            code: "WDJB-MJHT".to_owned(),
            code_page: settings.page(Purpose::VerifyEmail.page(), None),
            expires_at: now + remaining,
            remaining,
        }),
        asked_from: Some(Ipv4Addr::new(203, 0, 113, 7).into()),
        ..EmailFacts::of_product(settings, now)
    }
}
