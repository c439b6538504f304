//! JSON of the HTTP interface, with Mailpit's names.

use mail_parser::{Address, DateTime, MimeHeaders};
use serde::Serialize;

use super::mail::{Mail, parse};

#[derive(Serialize, PartialEq)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Person {
    name: String,
    address: String,
}

/// A mail in the list.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Summary {
    #[serde(rename = "ID")]
    id: String,
    #[serde(rename = "MessageID")]
    message_id: String,
    read: bool,
    from: Option<Person>,
    to: Vec<Person>,
    cc: Vec<Person>,
    bcc: Vec<Person>,
    reply_to: Vec<Person>,
    subject: String,
    created: String,
    size: usize,
    attachments: usize,
    snippet: String,
}

/// A page of the list.
#[derive(Serialize)]
pub(super) struct Summaries {
    pub(super) total: usize,
    pub(super) unread: usize,
    pub(super) count: usize,
    pub(super) messages_count: usize,
    pub(super) start: usize,
    pub(super) messages: Vec<Summary>,
}

/// One mail in full.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Full {
    #[serde(rename = "ID")]
    id: String,
    #[serde(rename = "MessageID")]
    message_id: String,
    from: Option<Person>,
    to: Vec<Person>,
    cc: Vec<Person>,
    bcc: Vec<Person>,
    reply_to: Vec<Person>,
    return_path: String,
    subject: String,
    date: String,
    text: String,
    #[serde(rename = "HTML")]
    html: String,
    size: usize,
    inline: [(); 0],
    attachments: Vec<Attachment>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Attachment {
    #[serde(rename = "PartID")]
    part_id: String,
    file_name: String,
    content_type: String,
    size: usize,
}

impl From<&Mail> for Summary {
    fn from(mail: &Mail) -> Self {
        let parsed = parse(&mail.raw);
        let (to, cc) = (people(parsed.to()), people(parsed.cc()));
        Self {
            id: mail.id.clone(),
            message_id: mail.message_id.clone(),
            read: false,
            from: people(parsed.from()).into_iter().next(),
            bcc: hidden(mail, &to, &cc),
            to,
            cc,
            reply_to: people(parsed.reply_to()),
            subject: mail.subject.clone(),
            created: time(mail.received_at_ms),
            size: mail.raw.len(),
            attachments: parsed.attachment_count(),
            snippet: snippet(&parsed.body_preview(200).unwrap_or_default()),
        }
    }
}

impl From<&Mail> for Full {
    fn from(mail: &Mail) -> Self {
        let parsed = parse(&mail.raw);
        let (to, cc) = (people(parsed.to()), people(parsed.cc()));
        let attachments = parsed.attachments().enumerate().map(|(number, part)| Attachment {
            part_id: (number + 1).to_string(),
            file_name: part.attachment_name().unwrap_or_default().to_owned(),
            content_type: part.content_type().map_or_else(String::new, |kind| {
                let subtype = kind.subtype().unwrap_or("*");
                format!("{}/{subtype}", kind.ctype())
            }),
            size: part.len(),
        });
        Self {
            id: mail.id.clone(),
            message_id: mail.message_id.clone(),
            from: people(parsed.from()).into_iter().next(),
            bcc: hidden(mail, &to, &cc),
            to,
            cc,
            reply_to: people(parsed.reply_to()),
            return_path: parsed.return_address().unwrap_or_default().to_owned(),
            subject: mail.subject.clone(),
            date: parsed.date().map_or_else(|| time(mail.received_at_ms), DateTime::to_rfc3339),
            text: mail.text.clone(),
            html: mail.html.clone(),
            size: mail.raw.len(),
            inline: [],
            attachments: attachments.collect(),
        }
    }
}

/// The beginning of a text, on one line.
fn snippet(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

fn people(header: Option<&Address<'_>>) -> Vec<Person> {
    let addresses = header.into_iter().flat_map(Address::iter);
    addresses
        .map(|one| Person {
            name: one.name().unwrap_or_default().to_owned(),
            address: one.address().unwrap_or_default().to_owned(),
        })
        .collect()
}

/// Recipients whom no header names.
fn hidden(mail: &Mail, to: &[Person], cc: &[Person]) -> Vec<Person> {
    let is_named = |address: &str| {
        let mut named = to.iter().chain(cc);
        named.any(|person| person.address.eq_ignore_ascii_case(address))
    };
    let recipients = mail.envelope_to.iter();
    recipients
        .filter(|address| !is_named(address))
        .map(|address| Person { name: String::new(), address: address.clone() })
        .collect()
}

fn time(at_ms: u64) -> String {
    let seconds = i64::try_from(at_ms / 1000).unwrap_or_default();
    let whole = DateTime::from_timestamp(seconds).to_rfc3339();
    let fraction = format!(".{:03}Z", at_ms % 1000);
    whole.replace('Z', &fraction)
}
