//! Every email in every language.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use keyward_core::{
    domain::MailKind,
    languages::{Language, Locale},
    settings::Settings,
};

use super::{EmailFacts, EmailRenderer, RenderedEmail, preview};

fn settings() -> Settings {
    let key = |from: u8| STANDARD.encode(std::array::from_fn::<u8, 32, _>(|n| from + n as u8));
    let get = |name: &str| match name {
        "LINK_KEY" => Some(key(0)),
        "WEBHOOK_KEY" => Some(key(50)),
        "SESSION_KEY" | "SIGNING_KEYS" => Some(key(100)),
        "OPS_OPERATORS" | "OPS_VIEWERS" => Some(key(150)),
        "DATABASE_URL" => Some("postgres://127.0.0.1:1/none".to_owned()),
        "REDIS_URL" => Some("redis://127.0.0.1:1".to_owned()),
        "NATS_URL" => Some("nats://127.0.0.1:1".to_owned()),
        "SMTP_URL" => Some("smtp://127.0.0.1:1".to_owned()),
        "SUPPORT_EMAIL" => Some("support@example.org".to_owned()),
        _ => None,
    };
    Settings::from_env(get).unwrap()
}

fn renderer() -> EmailRenderer {
    EmailRenderer::new(&settings().brand).unwrap()
}

fn facts() -> EmailFacts {
    let at: DateTime<Utc> = "2026-11-30T14:05:09Z".parse().unwrap();
    preview::sample(&settings(), at)
}

/// Calls `check` with every email in every language.
fn for_all(facts: &EmailFacts, check: impl Fn(MailKind, Language<'_>, RenderedEmail)) {
    let renderer = renderer();
    let languages = &renderer.0.brand().languages;
    for locale in languages.locales.all() {
        for kind in MailKind::ALL {
            let email = renderer.render(*kind, facts, locale);
            let email = email.unwrap_or_else(|error| panic!("{kind:?} {locale:?}: {error:#}"));
            check(*kind, languages.get(locale), email);
        }
    }
}

/// Kinds whose button leads to the page of a link.
const WITH_LINK: [MailKind; 7] = [
    MailKind::Verification,
    MailKind::PasswordReset,
    MailKind::PasswordResetForced,
    MailKind::EmailChangeConfirmation,
    MailKind::EmailChangeNotice,
    MailKind::EmailChanged,
    MailKind::Invitation,
];
/// Kinds whose button leads to the page that requests a reset.
const WITH_RESET: [MailKind; 3] =
    [MailKind::AlreadyRegistered, MailKind::PasswordChanged, MailKind::ReuseDetected];
/// Kinds that an administrator causes.
const BY_ADMINISTRATOR: [MailKind; 3] =
    [MailKind::PasswordResetForced, MailKind::AccountDeletedByAdmin, MailKind::Invitation];

#[test]
fn every_email_has_its_link_code_expiry_origin_and_advice() {
    let facts = facts();
    let link = facts.link.clone().unwrap();

    for_all(&facts, |kind, language, email| {
        let RenderedEmail { subject, text, html, .. } = &email;
        let named = format!("{kind:?} in {}: {subject}\n{text}", language.locale().as_str());
        let has_line = |line: &str| text.lines().any(|one| one == line);
        let both = |words: &str| text.contains(words) && html.contains(words);
        let has_link = WITH_LINK.contains(&kind);
        assert_eq!(has_line(&link.url), has_link, "link: {named}");
        assert_eq!(has_line(&link.code), has_link, "code: {named}");
        assert_eq!(html.matches(&link.url).count(), if has_link { 3 } else { 0 }, "{html}");
        assert_eq!(html.contains(&format!(">{}<", link.code)), has_link, "code: {html}");
        let expiry = language.moment(link.expires_at).unwrap();
        assert_eq!(both(&expiry), has_link, "expiry: {named}");
        let within = language.within(link.remaining).unwrap();
        assert_eq!(both(&within), has_link, "lifetime: {named}");
        let is_reset = WITH_RESET.contains(&kind);
        assert_eq!(has_line(&facts.reset_page), is_reset, "reset page: {named}");
        assert!(both(&language.moment(facts.asked_at).unwrap()), "time: {named}");
        assert_eq!(both("203.0.113.7"), !BY_ADMINISTRATOR.contains(&kind), "IP: {named}");
        assert!(subject.contains("Keyward") && both("Keyward"), "product: {named}");
        let advice = html.split_once("<h2").unwrap().1.split_once("</h2>").unwrap();
        assert!(advice.0.chars().count() > 5 && advice.1.contains("<p"), "advice: {named}");
    });
}

#[test]
fn every_email_is_in_its_language_and_direction() {
    for_all(&facts(), |_, language, email| {
        let (tag, direction) = (language.locale().as_str(), language.direction());
        assert_eq!(email.language, tag);
        assert_eq!(email.html.matches(&format!("lang=\"{tag}\" dir=\"{direction}\"")).count(), 3);
        // Words that are copied must not contain marks.
        for line in email.text.lines().filter(|line| line.contains("://") || line.contains("WDJB"))
        {
            assert!(!line.contains(['\u{2068}', '\u{2069}']), "{line}");
        }
        assert!(!email.subject.contains(['\u{2068}', '\u{2069}', '\n']), "{}", email.subject);
        assert_eq!(email.text.contains('\u{2068}'), direction == "rtl", "{}", email.text);
    });
}

#[test]
fn text_and_html_say_the_same() {
    for_all(&facts(), |kind, _, email| {
        let html = email.html.replace("&#39;", "'").replace("&quot;", "\"");
        for line in email.text.lines().filter(|line| !matches!(*line, "" | "-- ")) {
            let line = line.strip_prefix("Keyward, ").unwrap_or(line);
            assert!(html.contains(line), "{kind:?}: {line}");
        }
    });
}

#[test]
fn hostile_values_are_escaped_and_missing_ones_are_left_out() {
    let mut facts = EmailFacts {
        product: "A&B's <b>\"{{ x }}\"".into(),
        name: Some("<script>{ $ip }".into()),
        ..facts()
    };
    for_all(&facts, |_, _, email| {
        assert!(
            email.html.contains("A&amp;B&#39;s &lt;b&gt;&quot;{{ x }}&quot;"),
            "{}",
            email.html
        );
        assert!(email.text.contains("A&B's <b>\"{{ x }}\""), "{}", email.text);
        assert!(!email.html.contains("<script"), "{}", email.html);
        assert_well_formed(&email.html);
    });

    (facts.name, facts.asked_from, facts.link) = (None, None, None);
    let renderer = renderer();
    for kind in MailKind::ALL.iter().filter(|kind| !WITH_LINK.contains(kind)) {
        let email = renderer.render(*kind, &facts, Locale::ENGLISH).unwrap();
        assert!(email.text.starts_with("Hello,\n"), "{}", email.text);
        assert_eq!(email.text.contains("IP address: unknown"), !BY_ADMINISTRATOR.contains(kind));
        assert_well_formed(&email.html);
    }
}

#[test]
fn a_name_from_right_to_left_is_isolated_in_english() {
    let facts = EmailFacts { name: Some("שרה".into()), ..facts() };
    let renderer = renderer();

    let email = renderer.render(MailKind::Verification, &facts, Locale::ENGLISH).unwrap();

    assert!(email.text.starts_with("Hello \u{2068}שרה\u{2069},\n"), "{}", email.text);
}

/// The text parts of all emails, one snapshot per language. English ones are with the tests of the jobs.
#[test]
fn emails_of_each_language() {
    let (renderer, facts) = (renderer(), facts());
    let locales = renderer.0.brand().languages.locales.all();
    for locale in locales.filter(|locale| *locale != Locale::ENGLISH) {
        let mut all = String::new();
        for kind in MailKind::ALL {
            let RenderedEmail { subject, text, .. } =
                renderer.render(*kind, &facts, locale).unwrap();
            all += &format!("######## {}\n{subject}\n\n{text}\n", kind.as_str());
        }
        insta::assert_snapshot!(format!("emails_{}", locale.as_str()), all);
    }
}

#[test]
fn html_is_well_formed() {
    for_all(&facts(), |_, _, email| assert_well_formed(&email.html));
}

/// Fails unless every element is closed in order, every attribute is quoted, and text is escaped.
#[track_caller]
fn assert_well_formed(html: &str) {
    let (mut open, mut rest) = (Vec::new(), html);
    while let Some((text, tag)) = rest.split_once('<') {
        let is_style = open.last() == Some(&"style");
        assert!(is_style || !text.contains('>'), "a bare > in {text}");
        for entity in text.split('&').skip(1) {
            let name = entity.split(';').next().unwrap();
            assert!(entity.contains(';') && name.len() < 8, "a bare & in {text}");
        }
        if let Some(comment) = tag.strip_prefix("!--") {
            rest = comment.split_once("-->").expect("the end of a comment").1;
            continue;
        }
        let (inside, after) = tag.split_once('>').expect("the end of a tag");
        rest = after;
        if let Some(name) = inside.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{html}");
            continue;
        }
        let (name, attributes) = inside.split_once(' ').unwrap_or((inside, ""));
        let quotes = attributes.matches('"').count();
        assert_eq!(quotes, 2 * attributes.matches("=\"").count(), "{inside}");
        if !matches!(name, "!doctype" | "meta" | "br") {
            open.push(name);
        }
    }
    assert_eq!((open, rest.trim()), (vec![], ""));
}
