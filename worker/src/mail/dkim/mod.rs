//! DKIM signatures, relaxed/relaxed (RFC 6376; RFC 8463 for Ed25519).
//!
//! Our own, because libraries that sign either use the `rsa` crate, whose timing leaks the key
//! (RUSTSEC-2023-0071), or bring a DNS resolver and a second version of our cryptography. Only emails of
//! our own are signed, so the parser is strict.

use anyhow::Context as _;
use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use keyward_core::settings::Dkim;

/// The headers that are signed, as lines of the tag `h`. Those named twice cannot be added to a signed
/// email: the second name says that there is no other one (RFC 6376, 8.15).
const SIGNED: [&str; 4] = [
    "from:from:to:to:subject:subject",
    "date:date:message-id:message-id",
    "reply-to:cc:mime-version",
    "content-type:content-transfer-encoding:auto-submitted",
];
/// Characters in a line of the signature, well below the limit of SMTP.
const LINE: usize = 70;

/// Returns the email with its signature as the first header.
///
/// # Errors
///
/// If it is not an email, or the key is invalid.
pub(super) fn sign(
    dkim: &Dkim,
    domain: &str,
    mail: &[u8],
    now: DateTime<Utc>,
) -> anyhow::Result<Vec<u8>> {
    let mail = std::str::from_utf8(mail).context("an email that is not text")?;
    let (headers, body) = mail.split_once("\r\n\r\n").context("an email without a body")?;
    let header = format!(
        "DKIM-Signature: v=1; a={}; c=relaxed/relaxed;\r\n d={domain};\r\n s={}; t={};\r\n h={};\r\n bh={};\r\n b=",
        dkim.key.algorithm(),
        dkim.selector,
        now.timestamp(),
        SIGNED.join(":\r\n  "),
        body_hash(body),
    );
    let names = SIGNED.iter().flat_map(|line| line.split(':'));
    let signature = STANDARD.encode(dkim.key.sign(signed(headers, names, &header).as_bytes())?);

    let mut whole = header.into_bytes();
    for line in signature.as_bytes().chunks(LINE) {
        whole.extend_from_slice(b"\r\n  ");
        whole.extend_from_slice(line);
    }
    whole.extend_from_slice(b"\r\n");
    whole.extend_from_slice(mail.as_bytes());
    Ok(whole)
}

/// The signed text: the headers with these names in this order, of several with one name the last one
/// first; then the header of the signature without its value.
fn signed<'a>(headers: &str, names: impl Iterator<Item = &'a str>, signature: &str) -> String {
    let unfolded = headers.replace("\r\n ", " ").replace("\r\n\t", "\t");
    let mut fields: Vec<String> = unfolded.split("\r\n").map(relaxed_header).collect();
    let mut canonical = String::new();
    for name in names {
        let is_named = |field: &String| field.split(':').next() == Some(name);
        if let Some(at) = fields.iter().rposition(is_named) {
            canonical += &fields.remove(at);
            canonical += "\r\n";
        }
    }
    canonical + &relaxed_header(signature)
}

/// RFC 6376, 3.4.2: name in lower case, one line, one space between words, none at the ends.
fn relaxed_header(field: &str) -> String {
    let (name, value) = field.split_once(':').unwrap_or((field, ""));
    format!("{}:{}", name.trim_end().to_ascii_lowercase(), one_spaced(value))
}

/// The value of the tag `bh`.
fn body_hash(body: &str) -> String {
    STANDARD.encode(digest::digest(&digest::SHA256, relaxed_body(body).as_bytes()))
}

/// RFC 6376, 3.4.4: one space between words, none at the end of a line, no empty lines at the end.
fn relaxed_body(body: &str) -> String {
    let lines = body.lines().map(|line| match one_spaced(line) {
        words if !words.is_empty() && line.starts_with([' ', '\t']) => format!(" {words}"),
        words => words,
    });
    let text = lines.collect::<Vec<_>>().join("\r\n");
    match text.trim_end_matches("\r\n") {
        "" => String::new(),
        text => format!("{text}\r\n"),
    }
}

/// The words of a text with one space between them.
fn one_spaced(text: &str) -> String {
    let words = text.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
