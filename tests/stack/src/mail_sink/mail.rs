//! A stored mail, parsed.

use mail_parser::{Address, Message, MessageParser};

/// A mail as its recipient would see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The sink's id of the mail; ids increase.
    pub id: String,
    /// `Message-ID`, without its angle brackets.
    pub message_id: String,
    /// The address in `From`.
    pub from: String,
    /// The addresses in `To`.
    pub to: Vec<String>,
    /// `Subject`, decoded.
    pub subject: String,
    /// The text part, decoded; empty if there is none.
    pub text: String,
    /// The HTML part, decoded; empty if there is none.
    pub html: String,
    /// Every header in the order of the mail: unfolded, otherwise as it was sent.
    pub headers: Vec<(String, String)>,
    /// The bytes between `DATA` and the final dot.
    pub raw: Vec<u8>,
    /// The addresses of `RCPT TO`.
    pub envelope_to: Vec<String>,
    /// Time of receipt, in milliseconds since 1970.
    pub received_at_ms: u64,
}

impl Mail {
    /// Parses a mail. Parts that cannot be parsed are empty; `raw` is always set.
    pub(super) fn parse(
        received_at_ms: u64,
        id: String,
        envelope_to: Vec<String>,
        raw: Vec<u8>,
    ) -> Self {
        let parsed = parse(&raw);
        let part = |is_html: bool, body: Option<std::borrow::Cow<'_, str>>| {
            // The parser derives a missing text part from the HTML part, and the reverse.
            let exists = parsed.parts.iter().any(|part| match is_html {
                true => part.is_text_html(),
                false => part.is_text() && !part.is_text_html(),
            });
            body.filter(|_| exists).map(Into::into).unwrap_or_default()
        };
        let unfold = |value: &str| value.split("\r\n").collect::<String>().trim().to_owned();
        Self {
            id,
            message_id: parsed.message_id().unwrap_or_default().to_owned(),
            from: addresses(parsed.from()).pop().unwrap_or_default(),
            to: addresses(parsed.to()),
            subject: parsed.subject().unwrap_or_default().to_owned(),
            text: part(false, parsed.body_text(0)),
            html: part(true, parsed.body_html(0)),
            headers: parsed
                .headers_raw()
                .map(|(name, value)| (name.to_owned(), unfold(value)))
                .collect(),
            envelope_to,
            received_at_ms,
            raw,
        }
    }

    /// The value of a header; the name is compared case-insensitively.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Whether it was delivered to this address.
    pub fn is_to(&self, address: &str) -> bool {
        let mut recipients = self.envelope_to.iter();
        recipients.any(|recipient| recipient.eq_ignore_ascii_case(address))
    }
}

/// The mail as mail-parser sees it.
pub(super) fn parse(raw: &[u8]) -> Message<'_> {
    MessageParser::default().parse(raw).unwrap_or_default()
}

fn addresses(header: Option<&Address<'_>>) -> Vec<String> {
    let addresses = header.into_iter().flat_map(Address::iter);
    addresses.filter_map(|one| Some(one.address()?.to_owned())).collect()
}
