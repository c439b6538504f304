//! The parts of a message (RFC 2046), without those of messages in it.

use mail_parser::{
    HeaderName, MessageParser, MimeHeaders as _,
    decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode},
};

/// A report has three parts; a mail server on the way may have wrapped it once or twice.
const MAX_DEPTH: usize = 3;
const MAX_PARTS: usize = 32;
/// Bytes of a boundary (RFC 2046, section 5.1.1, less two hyphens).
const MAX_BOUNDARY: usize = 70;
/// Bytes of the headers of a part that are read.
const MAX_HEAD: usize = 64 * 1024;

/// A part that has no parts itself.
#[derive(Debug)]
pub(super) struct Part {
    /// In lower case.
    pub(super) media_type: String,
    /// Decoded; what is not UTF-8 is replaced.
    pub(super) text: String,
}

/// Returns the first parts of a message.
pub(super) fn of(message: &[u8]) -> Vec<Part> {
    let mut found = Vec::new();
    let mut open = vec![(message, 0)];
    while let Some((bytes, depth)) = open.pop()
        && found.len() < MAX_PARTS
    {
        let (head, body) = split_head(bytes);
        // A part may have no headers.
        let head = parser().parse_headers(head);
        let content_type = head.as_ref().and_then(|head| head.content_type());
        let kind = content_type.map_or("text", |kind| kind.ctype()).to_ascii_lowercase();
        let subtype = content_type.and_then(|kind| kind.subtype()).unwrap_or("plain");
        let boundary = content_type.and_then(|kind| kind.attribute("boundary"));
        if kind == "multipart" {
            let Some(boundary) = boundary.filter(|one| one.len() <= MAX_BOUNDARY) else { continue };
            if depth < MAX_DEPTH {
                let pieces = pieces(body, boundary.as_bytes()).into_iter().rev();
                open.extend(pieces.map(|piece| (piece, depth + 1)));
            }
            continue;
        }
        let encoding = head.as_ref().and_then(|head| head.content_transfer_encoding());
        let encoding = encoding.unwrap_or_default();
        let decoded = match encoding.trim().to_ascii_lowercase().as_str() {
            "base64" => base64_decode(body),
            "quoted-printable" => quoted_printable_decode(body),
            _ => None,
        };
        let text = String::from_utf8_lossy(decoded.as_deref().unwrap_or(body)).into_owned();
        let media_type = format!("{kind}/{}", subtype.to_ascii_lowercase());
        found.push(Part { media_type, text });
    }
    found
}

fn parser() -> MessageParser {
    MessageParser::new()
        .header_content_type(HeaderName::ContentType)
        .header_text(HeaderName::ContentTransferEncoding)
}

/// The headers with their empty line, and what follows.
fn split_head(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut end = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        end += line.len();
        if matches!(line, b"\n" | b"\r\n") || end > MAX_HEAD {
            break;
        }
    }
    bytes.split_at(end)
}

/// What stands between the lines that are the boundary.
fn pieces<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let (mut pieces, mut start, mut offset) = (Vec::new(), None, 0);
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let rest = line.strip_prefix(b"--").and_then(|line| line.strip_prefix(boundary));
        let ends = rest.map(|rest| rest.starts_with(b"--"));
        let is_boundary = rest.is_some_and(|rest| {
            rest.strip_prefix(b"--").unwrap_or(rest).iter().all(u8::is_ascii_whitespace)
        });
        if is_boundary {
            pieces.extend(start.map(|start| &body[start..offset]));
            start = (ends != Some(true)).then_some(offset + line.len());
            if start.is_none() || pieces.len() == MAX_PARTS {
                return pieces;
            }
        }
        offset += line.len();
    }
    // A message that was cut.
    pieces.extend(start.map(|start| &body[start..]));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_in_wrappings_and_decoded() {
        let message = "Content-Type: multipart/mixed; boundary=\"o\"\r\n\r\npreamble\r\n--o\r\n\
            Content-Type: multipart/report; boundary=i\r\n\r\n--i\r\n\r\nplain\r\n--i\r\n\
            Content-Type: Message/Delivery-Status\r\nContent-Transfer-Encoding: BASE64\r\n\r\n\
            QWN0aW9uOiBmYWlsZWQ=\r\n--i--\r\n--o  \r\nContent-Type: message/rfc822\r\n\r\n\
            Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nno part of ours\r\n--x--\r\n\
            --o--\r\nepilogue\r\n";
        let parts = of(message.as_bytes());
        let parts: Vec<_> =
            parts.iter().map(|part| (part.media_type.as_str(), part.text.trim())).collect();
        assert_eq!(
            parts[..2],
            [("text/plain", "plain"), ("message/delivery-status", "Action: failed"),]
        );
        assert_eq!((parts.len(), parts[2].0), (3, "message/rfc822"));
    }

    #[test]
    fn cut_message_keeps_the_part_that_was_read() {
        let message =
            "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: a/b\n\nhalf";
        let parts = of(message.as_bytes());
        assert_eq!((parts.len(), parts[0].text.as_str()), (1, "half"));
    }
}
