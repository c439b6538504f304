//! Replies of a relay (RFC 5321, section 4.2). Only their three digits decide.

use std::{fmt, io};

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _};

/// Maximum number of bytes of a reply that are read. The digits of a longer one still count.
const MAX_BYTES: u64 = 64 * 1024;

/// A reply. Its text is for people: it can be empty, and is read whatever its charset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mail) struct Reply {
    /// The three digits; those of the last line, if they differ.
    pub(in crate::mail) code: u16,
    /// What follows the digits of each line.
    pub(in crate::mail) lines: Vec<String>,
    /// Whether nothing can be read after it: it was too long, or the relay has closed the connection.
    pub(super) is_last: bool,
}

/// What was read in place of a reply.
#[derive(Debug, thiserror::Error)]
pub(in crate::mail) enum NoReply {
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A line without three digits.
    #[error("not an SMTP reply: {0}")]
    NotSmtp(String),
}

impl Reply {
    /// Reads a reply line by line into `heard`, so that its digits count even if its end never comes.
    pub(super) async fn read(
        stream: &mut (impl AsyncBufRead + Unpin),
        heard: &mut Option<Self>,
    ) -> Result<(), NoReply> {
        let mut stream = stream.take(MAX_BYTES);
        loop {
            let mut line = Vec::new();
            stream.read_until(b'\n', &mut line).await?;
            let is_last = !line.ends_with(b"\n");
            let text = |line: &[u8]| String::from_utf8_lossy(line.trim_ascii()).into_owned();
            let Some(code) = code(&line) else {
                if is_last && stream.limit() > 0 && line.iter().all(u8::is_ascii_digit) {
                    let text = "the relay has closed the connection";
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, text).into());
                }
                return Err(NoReply::NotSmtp(text(&line)));
            };
            let reply = heard.get_or_insert_with(|| Self { code, lines: Vec::new(), is_last });
            let rest = &line[3..];
            reply.lines.push(text(rest.strip_prefix(b"-").unwrap_or(rest)));
            (reply.code, reply.is_last) = (code, is_last);
            if is_last || line.get(3) != Some(&b'-') {
                return Ok(());
            }
        }
    }

    /// The first digit: 2 is yes, 3 is go on, 4 is later, 5 is no.
    pub(in crate::mail) fn class(&self) -> u16 {
        self.code / 100
    }

    /// The reply without these texts, which the relay may have repeated.
    pub(super) fn without(mut self, secrets: &[String]) -> Self {
        for line in &mut self.lines {
            for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
                *line = line.replace(secret.as_str(), "[credentials]");
            }
        }
        self
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}", self.code)?;
        self.lines.iter().filter(|line| !line.is_empty()).try_for_each(|line| write!(f, " {line}"))
    }
}

/// The code of a line: three digits that no fourth one follows.
fn code(line: &[u8]) -> Option<u16> {
    let (digits, rest) = line.split_at_checked(3)?;
    let is_code =
        digits.iter().all(u8::is_ascii_digit) && !rest.first().is_some_and(u8::is_ascii_digit);
    is_code.then(|| digits.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8]) -> Result<(u16, String), String> {
        let (mut bytes, mut heard) = (bytes, None);
        let reading = Reply::read(&mut bytes, &mut heard);
        let read = futures_util::FutureExt::now_or_never(reading).expect("it does not wait");
        read.map_err(|error| error.to_string())?;
        let reply = heard.expect("a reply");
        Ok((reply.code, reply.to_string()))
    }

    #[test]
    fn three_digits_decide_whatever_the_text() {
        for (bytes, code, text) in [
            (&b"250 2.0.0 OK\r\n"[..], 250, "250 2.0.0 OK"),
            (b"250\r\n", 250, "250"),
            (b"250 \r\n", 250, "250"),
            (b"250\n", 250, "250"),
            (b"250-\r\n250\r\n", 250, "250"),
            (b"250-one\r\n250-\r\n250 two\r\n", 250, "250 one two"),
            (b"250 2.0.0 \xfcbernommen\r\n", 250, "250 2.0.0 \u{fffd}bernommen"),
            (
                b"550 \x83\x81\x81[\x83\x8b\r\n",
                550,
                "550 \u{fffd}\u{fffd}\u{fffd}[\u{fffd}\u{fffd}",
            ),
            (b"250ok\r\n", 250, "250 ok"),
            (b"250-queued\r\n550 no\r\n", 550, "550 queued no"),
            (b"250 closed in the middle", 250, "250 closed in the middle"),
            (b"250 one\r\n550 two\r\n", 250, "250 one"),
        ] {
            assert_eq!(read(bytes), Ok((code, text.to_owned())), "{:?}", bytes.escape_ascii());
        }
    }

    #[test]
    fn what_has_no_three_digits_is_no_reply() {
        for bytes in [
            &b"OK\r\n"[..],
            b"25 OK\r\n",
            b"2500 OK\r\n",
            b" 250 OK\r\n",
            b"\r\n",
            b"-250\r\n",
            b"\0\0\0\0",
            b"250-one\r\nnonsense\r\n",
            "２５０ OK\r\n".as_bytes(),
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
        ] {
            let error = read(bytes).unwrap_err();
            assert!(error.contains("not an SMTP reply"), "{:?}: {error}", bytes.escape_ascii());
        }
        for bytes in [&b""[..], b"25", b"250-one\r\n", b"250-one\r\n25"] {
            let error = read(bytes).unwrap_err();
            assert!(error.contains("closed"), "{:?}: {error}", bytes.escape_ascii());
        }
    }

    #[test]
    fn endless_reply_is_cut() {
        let line = [b"250-", &[b'x'; 200][..], b"\r\n"].concat();
        assert_eq!(read(&line.repeat(100_000)).unwrap().0, 250);
        let line = [b"550 ", &[b'x'; 10_000_000][..]].concat();
        assert!(read(&line).unwrap().1.len() < 70_000);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_reply_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok((code, _)) = read(&bytes) {
                prop_assert!(code < 1000);
            }
        }

        #[test]
        fn text_never_changes_the_code(
            code in 200_u16..600,
            texts in proptest::collection::vec("[^\r\n]{0,80}".prop_map(String::into_bytes), 1..5),
            noise in proptest::collection::vec(128_u8.., 0..20),
        ) {
            let last = texts.len() - 1;
            let lines = texts.iter().enumerate().flat_map(|(nth, text)| {
                let separator = if nth == last { " " } else { "-" };
                [format!("{code}{separator}").into_bytes(), text.clone(), noise.clone(), b"\r\n".to_vec()]
            });
            let bytes = lines.flatten().collect::<Vec<u8>>();
            prop_assert_eq!(read(&bytes).unwrap().0, code);
        }
    }
}
