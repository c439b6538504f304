//! The parts of an email in the language of its reader.

use keyward_core::{
    domain::MailKind,
    languages::{Arguments, Language},
};
use serde::Serialize;

use super::EmailFacts;

/// The parts of an email, as the layouts read them.
#[derive(Debug, Serialize)]
pub(super) struct EmailContent {
    product: String,
    home: String,
    pub(super) subject: String,
    preheader: String,
    heading: String,
    greeting: String,
    body: Vec<String>,
    /// The button that follows the body.
    main: Option<Button>,
    /// When and from where the email was requested.
    asked: Vec<String>,
    not_you_heading: String,
    not_you: Vec<String>,
    /// The button that follows what to do "if this was not you".
    remedy: Option<Button>,
    after_button: Vec<String>,
    /// Announces the address of the support, if there is one.
    support: Option<String>,
    support_email: String,
    footer: String,
}

/// A button, with its link as text.
#[derive(Debug, Serialize)]
struct Button {
    label: String,
    url: String,
    by_hand: String,
    /// When the link expires, and the code that does the same; none for a page without a secret.
    link: Option<LinkParts>,
}

#[derive(Debug, Serialize)]
struct LinkParts {
    expiry: String,
    other_device: String,
    code_page: String,
    code_label: String,
    code: String,
}

/// Where the button of an email leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    /// To the page of the link in the email.
    Link,
    /// To the page that requests a password reset.
    ResetPage,
}

/// The button that follows the body, and the one that follows what to do "if this was not you".
const fn buttons(kind: MailKind) -> (Option<Target>, Option<Target>) {
    match kind {
        MailKind::Verification
        | MailKind::PasswordReset
        | MailKind::PasswordResetForced
        | MailKind::EmailChangeConfirmation
        | MailKind::Invitation => (Some(Target::Link), None),
        MailKind::AlreadyRegistered => (Some(Target::ResetPage), None),
        MailKind::EmailChangeNotice | MailKind::EmailChanged => (None, Some(Target::Link)),
        MailKind::PasswordChanged | MailKind::ReuseDetected => (None, Some(Target::ResetPage)),
        MailKind::AccountDeleted
        | MailKind::FormerAccountDeleted
        | MailKind::AccountDeletedByAdmin => (None, None),
    }
}

/// Whether the email is never sent without its link.
pub(super) const fn needs_link(kind: MailKind) -> bool {
    matches!(buttons(kind), (Some(Target::Link), _))
}

/// Whether an administrator causes the email, whose IP address it must not disclose.
const fn is_by_administrator(kind: MailKind) -> bool {
    matches!(
        kind,
        MailKind::PasswordResetForced | MailKind::AccountDeletedByAdmin | MailKind::Invitation
    )
}

impl EmailContent {
    /// The parts of an email of a kind.
    ///
    /// # Errors
    ///
    /// If a message is missing or malformed.
    pub(super) fn new(
        kind: MailKind,
        facts: &EmailFacts,
        language: Language<'_>,
    ) -> anyhow::Result<Self> {
        let words = Words::new(kind, facts, language)?;
        let (main, remedy) = buttons(kind);
        let button = |target: Option<Target>| match target {
            Some(target) => words.button(target, facts),
            None => Ok(None),
        };
        let mut asked = vec![words.part("asked")?];
        if !is_by_administrator(kind) {
            asked.push(match facts.asked_from {
                Some(_) => words.part("ip")?,
                None => words.part("ip-unknown")?,
            });
        }
        let has_support = !facts.support_email.is_empty();
        let greeting = if facts.name.is_some() { "greeting" } else { "greeting-nameless" };
        Ok(Self {
            product: facts.product.clone(),
            // Where readers know the product.
            home: if facts.app_url.is_empty() { &facts.home } else { &facts.app_url }.clone(),
            // A mailbox shows the subject alone; some show the marks as boxes.
            subject: words.part("subject")?.replace(['\u{2068}', '\u{2069}'], ""),
            preheader: words.part("preheader")?,
            heading: words.part("heading")?,
            greeting: words.part(greeting)?,
            body: paragraphs(&words.part("body")?),
            main: button(main)?,
            asked,
            not_you_heading: words.part("not-you-heading")?,
            not_you: paragraphs(&words.part("not-you")?),
            remedy: button(remedy)?,
            after_button: paragraphs(&words.own("after-button")?.unwrap_or_default()),
            support: has_support.then(|| words.part("support")).transpose()?,
            support_email: facts.support_email.clone(),
            footer: words.part("footer")?,
        })
    }
}

/// The messages of one email, with the values of their variables.
struct Words<'a> {
    language: Language<'a>,
    /// The message of the kind.
    id: String,
    arguments: Arguments<'a>,
}

impl<'a> Words<'a> {
    fn new(kind: MailKind, facts: &EmailFacts, language: Language<'a>) -> anyhow::Result<Self> {
        let mut arguments = Arguments::new();
        arguments.set("product", language.isolate(&facts.product).into_owned());
        arguments.set("at", language.moment(facts.asked_at)?);
        if let Some(name) = &facts.name {
            arguments.set("name", language.isolate(name).into_owned());
        }
        if let Some(ip) = facts.asked_from {
            arguments.set("ip", language.isolate(&ip.to_string()).into_owned());
        }
        if let Some(link) = &facts.link {
            arguments.set("expires", language.moment(link.expires_at)?);
            arguments.set("within", language.within(link.remaining)?);
        }
        let id = format!("mail-{}", kind.as_str().replace('_', "-"));
        Ok(Self { language, id, arguments })
    }

    /// A part that only this email has.
    fn own(&self, part: &str) -> anyhow::Result<Option<String>> {
        self.language.find(&format!("{}.{part}", self.id), &self.arguments)
    }

    /// A part of this email, or the one that several emails have.
    fn part(&self, part: &str) -> anyhow::Result<String> {
        match self.own(part)? {
            Some(own) => Ok(own),
            None => self.language.text(&format!("mail-{part}"), &self.arguments),
        }
    }

    /// A button; none if the link it leads to no longer exists.
    fn button(&self, target: Target, facts: &EmailFacts) -> anyhow::Result<Option<Button>> {
        let by_hand = self.part("by-hand")?;
        if target == Target::ResetPage {
            let (label, url) = (self.part("reset-button")?, facts.reset_page.clone());
            return Ok(Some(Button { label, url, by_hand, link: None }));
        }
        let Some(link) = &facts.link else { return Ok(None) };
        let parts = LinkParts {
            expiry: self.part("expiry")?,
            other_device: self.part("other-device")?,
            code_page: link.code_page.clone(),
            code_label: self.part("code")?,
            code: link.code.clone(),
        };
        let (label, url) = (self.part("button")?, link.url.clone());
        Ok(Some(Button { label, url, by_hand, link: Some(parts) }))
    }
}

/// The paragraphs of a text, which empty lines separate.
fn paragraphs(text: &str) -> Vec<String> {
    let lines = |paragraph: &str| paragraph.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    text.split("\n\n").map(lines).filter(|text| !text.is_empty()).collect()
}
