//! The sender of emails.

use std::str::FromStr;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::domain::EmailAddress;

const FORM: &str = "must be `Name <address>` or an address";
const ENCODED: &str =
    "has an encoded word (=?…?=) that cannot be read; write the name as plain text";

/// The sender of emails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// Its name as people read it: without quotes, escapes and encoded words.
    pub name: Option<String>,
    /// Its address.
    pub address: EmailAddress,
}

/// Reads `Name <address>`, `"Name" <address>`, or an address. A name needs no quotes, whatever its
/// characters; encoded words (RFC 2047) are decoded.
impl FromStr for Sender {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_one_line = |text: &str| !text.trim().contains(char::is_control);
        if !is_one_line(text) {
            return Err("must be one line");
        }
        let (name, address) = match text.trim().strip_suffix('>') {
            Some(text) => text.rsplit_once('<').ok_or(FORM)?,
            None => ("", text),
        };
        let name = match name.trim().strip_prefix('"') {
            Some(quoted) => unquoted(quoted).ok_or("has a name with an open quote")?,
            None => name.trim().to_owned(),
        };
        if name.contains(['<', '>']) {
            return Err("must be one sender");
        }
        let name = decoded(&name).filter(|name| is_one_line(name)).ok_or(ENCODED)?;
        let address = EmailAddress::parse(address).map_err(|_| FORM)?;
        Ok(Self { name: Some(name).filter(|name| !name.is_empty()), address })
    }
}

/// The contents of a quoted string (RFC 5322, section 3.2.4) whose first quote has been read. Nothing may
/// follow the last quote.
fn unquoted(text: &str) -> Option<String> {
    let (mut name, mut chars) = (String::new(), text.chars());
    loop {
        match chars.next()? {
            '"' => return chars.as_str().trim().is_empty().then_some(name),
            '\\' => name.push(chars.next()?),
            other => name.push(other),
        }
    }
}

/// A name whose encoded words are decoded. Between two of them, white space does not count.
fn decoded(name: &str) -> Option<String> {
    let (mut text, mut follows_encoded) = (String::new(), false);
    for word in name.split_whitespace() {
        let encoded = word.strip_prefix("=?").and_then(|word| word.strip_suffix("?="));
        if !(text.is_empty() || follows_encoded && encoded.is_some()) {
            text.push(' ');
        }
        match encoded {
            Some(encoded) => text += &decode_word(encoded)?,
            None => text += word,
        }
        follows_encoded = encoded.is_some();
    }
    Some(text)
}

/// Decodes what is between `=?` and `?=`.
fn decode_word(word: &str) -> Option<String> {
    let mut parts = word.splitn(3, '?');
    let (charset, encoding, text) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = match encoding {
        "B" | "b" => STANDARD.decode(text).ok()?,
        "Q" | "q" => {
            let percent = text.replace('%', "=25").replace('_', " ").replace('=', "%");
            percent_encoding::percent_decode_str(&percent).collect()
        }
        _ => return None,
    };
    match charset.to_ascii_lowercase().as_str() {
        "utf-8" | "us-ascii" => String::from_utf8(bytes).ok(),
        "iso-8859-1" => Some(bytes.into_iter().map(char::from).collect()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> String {
        let sender: Sender = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(sender.address.as_str(), "a@b.example", "{text}");
        sender.name.unwrap_or_default()
    }

    #[test]
    fn name_may_be_written_in_every_way() {
        for (text, meant) in [
            ("a@b.example", ""),
            ("<a@b.example>", ""),
            (" Acme <a@b.example> ", "Acme"),
            ("Acme, Inc. <a@b.example>", "Acme, Inc."),
            ("\"Acme, Inc.\" <a@b.example>", "Acme, Inc."),
            (r#""Acme \"The\" \\ Inc" <a@B.example>"#, r#"Acme "The" \ Inc"#),
            ("Łódź 東京 <a@b.example>", "Łódź 東京"),
            ("=?utf-8?B?xYHDs2TFug==?= <a@b.example>", "Łódź"),
            (
                "=?UTF-8?q?Caf=C3=A9_100%?= =?iso-8859-1?Q?_B=E9?= Inc <a@b.example>",
                "Café 100% Bé Inc",
            ),
        ] {
            assert_eq!(name(text), meant, "{text}");
        }
    }

    #[test]
    fn what_is_not_one_sender_is_refused() {
        for text in [
            "",
            "no-reply",
            "Acme <a@b.example",
            "Acme a@b.example",
            "\"Acme <a@b.example>",
            "\"Acme\" Inc <a@b.example>",
            "a@b.example, c@d.example",
            "A <a@b.example>, C <c@d.example>",
            "a@b.example (Acme)",
            "Acme\r\nBcc: x@y.example <a@b.example>",
            "=?utf-8?B?AAo=?= <a@b.example>",
            "=?utf-8?B?!?= <a@b.example>",
            "=?utf-8?Q?=FF?= <a@b.example>",
            "=?koi8-r?Q?=C1?= <a@b.example>",
        ] {
            assert!(text.parse::<Sender>().is_err(), "{text:?}");
        }
    }
}
