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

/// The headers that are signed. Those named twice cannot be added to a signed email: the
/// second name says that there is no other one (RFC 6376, 8.15).
const SIGNED: &[&str] = &[
    "from",
    "from",
    "to",
    "to",
    "subject",
    "subject",
    "date",
    "date",
    "message-id",
    "message-id",
    "reply-to",
    "cc",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "auto-submitted",
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
    let end = memchr::memmem::find(mail, b"\r\n\r\n").context("an email without a body")?;
    let headers = std::str::from_utf8(&mail[..end + 2]).context("headers that are not text")?;
    let body = &mail[end + 4..];
    let body_hash = STANDARD.encode(digest::digest(&digest::SHA256, &relaxed_body(body)));
    let header = format!(
        "DKIM-Signature: v=1; a={}; c=relaxed/relaxed;\r\n d={domain};\r\n s={}; t={};\r\n h={};\r\n bh={body_hash};\r\n b=",
        dkim.key.algorithm(),
        dkim.selector,
        now.timestamp(),
        SIGNED.chunks(5).map(|names| names.join(":")).collect::<Vec<_>>().join(":\r\n  "),
    );

    let signature = STANDARD.encode(dkim.key.sign(signed(headers, SIGNED, &header).as_bytes())?);

    let mut whole = header.into_bytes();
    for line in signature.as_bytes().chunks(LINE) {
        whole.extend_from_slice(b"\r\n  ");
        whole.extend_from_slice(line);
    }
    whole.extend_from_slice(b"\r\n");
    whole.extend_from_slice(mail);
    Ok(whole)
}

/// The signed text: the headers with these names in this order, of several with one name the last one
/// first; then the header of the signature without its value and its line end.
fn signed(headers: &str, names: &[&str], signature: &str) -> String {
    let mut fields = fields(headers);
    let mut canonical = String::new();
    for name in names {
        let is_named = |field: &str| {
            let known = field.split_once(':').map(|(known, _)| known.trim_end());
            known.is_some_and(|known| known.eq_ignore_ascii_case(name))
        };
        if let Some(at) = fields.iter().rposition(|field| is_named(field)) {
            canonical += &relaxed_header(fields.remove(at));
        }
    }
    canonical + relaxed_header(signature).trim_end_matches("\r\n")
}

/// Header fields, each with its continuation lines.
fn fields(headers: &str) -> Vec<&str> {
    let mut fields = Vec::new();
    let mut begin = 0;
    for (end, _) in headers.match_indices("\r\n") {
        let next = end + 2;
        if !headers[next..].starts_with([' ', '\t']) {
            fields.push(&headers[begin..next]);
            begin = next;
        }
    }
    fields
}

/// RFC 6376, 3.4.2: name in lower case, one line, one space between words, none at the ends.
fn relaxed_header(field: &str) -> String {
    let (name, value) = field.split_once(':').unwrap_or((field, ""));
    let words: Vec<&str> = value.split([' ', '\t', '\r', '\n']).filter(|w| !w.is_empty()).collect();
    format!("{}:{}\r\n", name.trim_end().to_ascii_lowercase(), words.join(" "))
}

/// RFC 6376, 3.4.4: one space between words, none at the end of a line, no empty lines at the end.
fn relaxed_body(body: &[u8]) -> Vec<u8> {
    let mut relaxed = Vec::with_capacity(body.len());
    let mut end = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r\n").unwrap_or(line);
        let begin = relaxed.len();
        let mut space = false;
        for byte in line {
            match byte {
                b' ' | b'\t' => space = true,
                byte => {
                    if std::mem::take(&mut space) {
                        relaxed.push(b' ');
                    }
                    relaxed.push(*byte);
                }
            }
        }
        let is_empty = relaxed.len() == begin;
        relaxed.extend_from_slice(b"\r\n");
        if !is_empty {
            end = relaxed.len();
        }
    }
    relaxed.truncate(end);
    relaxed
}

#[cfg(test)]
mod tests;
