//! Every email in every language with sample values: written to a folder, or only tried.

use std::{fs, net::Ipv4Addr, path::Path};

use anyhow::Context as _;
use chrono::{DateTime, Duration, Utc};
use keyward_core::{
    brand::TemplateMistakes,
    domain::{MailKind, Purpose},
    settings::Settings,
};

use super::{EmailFacts, EmailRenderer, content::needs_link, facts::LinkFacts};

/// Writes `<folder>/<language>/<kind>.html` and `.txt` and the logo, and returns the number of emails.
///
/// # Errors
///
/// If a message or a layout is malformed, or a file cannot be written.
pub(crate) fn write(
    settings: &Settings,
    folder: &Path,
    now: DateTime<Utc>,
) -> anyhow::Result<usize> {
    let renderer = EmailRenderer::new(&settings.brand)?;
    verify(&renderer, settings, now)?;
    let facts = sample(settings, now);
    let mut written = 0;
    for locale in settings.brand.languages.locales.all() {
        let folder = folder.join(locale.as_str());
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        for kind in MailKind::ALL {
            let email = renderer.render(*kind, &facts, locale)?;
            let text = format!("{}\n\n{}", email.subject, email.text);
            let html =
                email.html.replace(&format!("cid:{}", EmailRenderer::LOGO_ID), "../logo.png");
            for (extension, content) in [("html", html), ("txt", text)] {
                let file = folder.join(kind.as_str()).with_extension(extension);
                fs::write(&file, content).with_context(|| file.display().to_string())?;
            }
            written += 1;
        }
    }
    if let Some(logo) = &settings.brand.email_logo {
        let file = folder.join("logo.png");
        fs::write(&file, &logo.content).with_context(|| file.display().to_string())?;
    }
    Ok(written)
}

/// Renders every email in every language, with all facts and with as few as it can have.
///
/// # Errors
///
/// Every mistake in a template, with file and line, and in a message.
pub(crate) fn verify(
    renderer: &EmailRenderer,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Result<(), TemplateMistakes> {
    let sample = sample(settings, now);
    let full = EmailFacts { support_email: "support@keyward.example".to_owned(), ..sample.clone() };
    let most = EmailFacts { name: None, asked_from: None, support_email: String::new(), ..sample };
    let least = EmailFacts { link: None, ..most.clone() };
    let mut mistakes = TemplateMistakes::default();
    let locales = renderer.0.brand().languages.locales.all();
    for (locale, kind) in
        locales.flat_map(|locale| MailKind::ALL.iter().map(move |kind| (locale, *kind)))
    {
        for facts in [&full, if needs_link(kind) { &most } else { &least }] {
            if let Err(error) = renderer.render(kind, facts, locale) {
                mistakes.add(renderer.0.explain(&error));
            }
        }
    }
    mistakes.or(())
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
