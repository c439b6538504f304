//! Fields that are written like headers.

use mail_parser::{HeaderName, Message, MessageParser};

/// Bytes that are read of one value.
const MAX_VALUE: usize = 2_000;

/// A group of fields, such as those of one recipient.
pub(super) struct Fields<'a>(Message<'a>);

impl<'a> Fields<'a> {
    /// Reads the fields up to an empty line; `None` if there are none.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        MessageParser::new().parse_headers(text.as_bytes()).map(Self)
    }

    /// The first field of this name, which is compared in any case.
    pub(super) fn get(&self, name: &'static str) -> Option<&str> {
        let value = self.0.header_raw(HeaderName::from(name))?.trim();
        let end =
            value.char_indices().map(|(at, _)| at).take_while(|at| *at <= MAX_VALUE).last()?;
        Some(if value.len() <= MAX_VALUE { value } else { &value[..end] })
    }

    /// The first word of a field, in lower case.
    pub(super) fn word(&self, name: &'static str) -> Option<String> {
        let is_end = |c: char| c.is_whitespace() || c == ';' || c == '(';
        let word = self.get(name)?.split(is_end).next()?;
        Some(word.to_ascii_lowercase())
    }
}
