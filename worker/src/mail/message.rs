//! The bytes of an email: headers, both bodies, signature.

use std::sync::Arc;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use keyward_core::{
    brand::Brand,
    settings::{Dkim, Sender, Settings},
};
use lettre::{
    Address,
    message::{
        Attachment, Mailbox, Mailboxes, MultiPart, SinglePart,
        header::{
            ContentType, Date, From, HeaderName, HeaderValue, Headers, MIME_VERSION_1_0, MessageId,
            Subject, To,
        },
    },
};
use uuid::Uuid;

use super::{EmailRenderer, RenderedEmail, dkim, smtp::Envelope};

/// Writes emails.
#[derive(Debug)]
pub(super) struct MessageWriter {
    pub(super) from: Sender,
    /// The right part of every `Message-ID`; emails are signed for this domain.
    pub(super) domain: String,
    dkim: Option<Dkim>,
    /// Whether SendGrid reports about our emails.
    is_sendgrid: bool,
    brand: Arc<Brand>,
}

impl MessageWriter {
    pub(super) fn new(settings: &Settings) -> Self {
        let from = settings.mail.from.clone();
        let domain = parts(from.address.as_str()).1.to_owned();
        let is_sendgrid = settings.mail.sendgrid_key.is_some();
        let (dkim, brand) = (settings.mail.dkim(), settings.brand.clone());
        Self { from, domain, dkim, is_sendgrid, brand }
    }

    /// The envelope and the bytes of an email to `to`: signed, if there is a key. It bounces to
    /// `return_path`, or to its sender.
    pub(super) fn write(
        &self,
        to: &str,
        return_path: Option<&str>,
        id: Uuid,
        mail: RenderedEmail,
        now: DateTime<Utc>,
    ) -> anyhow::Result<(Envelope, Vec<u8>)> {
        let from = self.from.address.as_str();
        let envelope = Envelope::new(from, to, return_path.unwrap_or(from))?;
        let mut headers = Headers::new();
        headers.set(From::from(mailbox(self.from.name.clone(), from)));
        // No display name: it is not verified. The greeting has it where it is safe.
        headers.set(To::from(mailbox(None, to)));
        headers.set(Subject::from(mail.subject));
        headers.set(MessageId::from(format!("<{id}@{}>", self.domain)));
        headers.set(Date::from(std::time::SystemTime::from(now)));
        // SendGrid takes the header out and repeats the id in its reports.
        let arguments = format!("{{\"unique_args\":{{\"keyward_mail\":\"{id}\"}}}}");
        let sendgrid = self.is_sendgrid.then_some(("X-SMTPAPI", arguments.as_str()));
        let common = [
            // Sent by a program (RFC 3834), so that no auto-responder answers it.
            ("Auto-Submitted", "auto-generated"),
            // Keeps Exchange from answering with absence notices and receipts.
            ("X-Auto-Response-Suppress", "All"),
            ("Content-Language", mail.language),
        ];
        for (name, value) in common.into_iter().chain(sendgrid) {
            let name = HeaderName::new_from_ascii_str(name);
            headers.insert_raw(HeaderValue::new(name, value.to_owned()));
        }
        headers.set(MIME_VERSION_1_0);
        let mut bytes = headers.to_string().into_bytes();
        bytes.extend(self.bodies(mail.text, mail.html)?.formatted());
        let bytes = match &self.dkim {
            Some(dkim) => dkim::sign(dkim, &self.domain, &bytes, now).context("DKIM")?,
            None => bytes,
        };
        Ok((envelope, bytes))
    }
}

impl MessageWriter {
    /// Both bodies, and the logo if the HTML shows it (RFC 2387).
    fn bodies(&self, text: String, html: String) -> anyhow::Result<MultiPart> {
        let logo = self.brand.email_logo.as_ref();
        let Some(logo) = logo.filter(|_| html.contains(EmailRenderer::LOGO_ID)) else {
            return Ok(MultiPart::alternative_plain_html(text, html));
        };
        let image = Attachment::new_inline(EmailRenderer::LOGO_ID.to_owned())
            .body(logo.content.clone(), ContentType::parse(logo.media_type)?);
        let shown = MultiPart::related().singlepart(SinglePart::html(html)).singlepart(image);
        Ok(MultiPart::alternative().singlepart(SinglePart::plain(text)).multipart(shown))
    }
}

/// A mailbox as it stands in a header. lettre's own parser refuses valid addresses in many scripts, so it
/// must not judge them.
fn mailbox(name: Option<String>, address: &str) -> Mailboxes {
    let (local, domain) = parts(address);
    Mailbox::new(name, Address::new_dangerous(local, domain)).into()
}

fn parts(address: &str) -> (&str, &str) {
    address.rsplit_once('@').unwrap_or((address, ""))
}
