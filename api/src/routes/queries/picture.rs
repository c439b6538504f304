//! The response with an image: cached forever, in ranges on request, and inert in a browser.

use std::ops::Range;

use poem::{
    IntoResponse, Request, Response,
    http::{StatusCode, header},
    web::headers::{ETag, HeaderMapExt as _, IfNoneMatch, IfRange},
};
use poem_openapi::{
    ApiResponse,
    payload::Payload,
    registry::{MetaSchema, MetaSchemaRef},
};

use crate::http::problem::Problem;

/// The content of a URL never changes.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// Opened as a page of its own, an image cannot run or load anything.
const INERT: &str = "default-src 'none'; sandbox";

/// The bytes of an image.
pub(crate) struct Image {
    media_type: &'static str,
    tag: String,
    bytes: Vec<u8>,
}

impl Payload for Image {
    const CONTENT_TYPE: &'static str = "image/*";

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "binary")))
    }
}

impl IntoResponse for Image {
    fn into_response(self) -> Response {
        Response::builder()
            .content_type(self.media_type)
            .header(header::CACHE_CONTROL, FOREVER)
            .header(header::CONTENT_SECURITY_POLICY, INERT)
            .header(header::ETAG, self.tag)
            .header(header::ACCEPT_RANGES, "bytes")
            // Set here so that the response to HEAD has it, too.
            .header(header::CONTENT_LENGTH, self.bytes.len())
            .body(self.bytes)
    }
}

/// The responses with an image.
#[derive(ApiResponse)]
pub(crate) enum PictureAnswer {
    /// The image. The content of a URL never changes.
    #[oai(status = 200)]
    Whole(Image),
    /// The requested range of the image.
    #[oai(status = 206)]
    Part(
        Image,
        /// The range and the size of the image.
        #[oai(header = "Content-Range")]
        String,
    ),
    /// The image is in a public bucket (`AVATAR_PUBLIC_URL`).
    #[oai(status = 302)]
    Elsewhere(
        /// The URL of the image.
        #[oai(header = "Location")]
        String,
        /// How long the redirect may be cached. The URL of the bucket can change.
        #[oai(header = "Cache-Control")]
        String,
    ),
    /// The client already has the image.
    #[oai(status = 304)]
    NotModified(
        /// The tag of the image.
        #[oai(header = "ETag")]
        String,
        /// How long the image may be cached.
        #[oai(header = "Cache-Control")]
        String,
    ),
    /// The range is outside the image.
    #[oai(status = 416)]
    NoSuchPart(
        Problem,
        /// The size of the image.
        #[oai(header = "Content-Range")]
        String,
    ),
}

impl PictureAnswer {
    /// The response to a request, which may be conditional or ask for a range (RFC 9110, sections
    /// 13 and 14). The key names the image and never another one.
    pub(crate) fn new(
        request: &Request,
        key: &str,
        media_type: &'static str,
        bytes: Vec<u8>,
    ) -> Self {
        let (tag, headers) = (format!("\"{key}\""), request.headers());
        let etag = tag.parse::<ETag>().ok();
        let condition = headers.typed_get::<IfNoneMatch>().zip(etag.as_ref());
        if condition.is_some_and(|(condition, etag)| !condition.precondition_passes(etag)) {
            return Self::NotModified(tag, FOREVER.into());
        }
        let if_range = headers.typed_get::<IfRange>();
        let is_same = if_range.is_none_or(|own| !own.is_modified(etag.as_ref(), None));
        let range = request.header(header::RANGE).filter(|_| is_same);
        let total = bytes.len();
        match range.and_then(|range| parse_range(range, total)) {
            None => Self::Whole(Image { media_type, tag, bytes }),
            Some(part) if part.is_empty() => {
                let status = StatusCode::RANGE_NOT_SATISFIABLE;
                let detail = "the range is outside the image";
                let problem = Problem::new(status, "range_not_satisfiable", detail);
                Self::NoSuchPart(problem, format!("bytes */{total}"))
            }
            Some(part) => {
                let range = format!("bytes {}-{}/{total}", part.start, part.end - 1);
                let bytes = bytes[part].to_vec();
                Self::Part(Image { media_type, tag, bytes }, range)
            }
        }
    }
}

/// The range of `Range` within an image; empty if it is outside. None for several ranges and for
/// invalid ones, which are answered with the whole (RFC 9110, section 14.2).
fn parse_range(text: &str, total: usize) -> Option<Range<usize>> {
    let (first, last) = text.strip_prefix("bytes=")?.trim().split_once('-')?;
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse().unwrap_or(usize::MAX))
    };
    let range = match (first, last) {
        ("", length) => total.saturating_sub(number(length)?)..total,
        (first, "") => number(first)?..total,
        (first, last) => number(first)?..number(last)?.saturating_add(1).min(total),
    };
    Some(if range.is_empty() { 0..0 } else { range })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_cut_to_the_picture() {
        assert_eq!(parse_range("bytes=0-3", 10), Some(0..4));
        assert_eq!(parse_range("bytes=8-99", 10), Some(8..10));
        assert_eq!(parse_range("bytes=4-", 10), Some(4..10));
        assert_eq!(parse_range("bytes=-3", 10), Some(7..10));
        assert_eq!(parse_range("bytes=-99", 10), Some(0..10));
    }

    #[test]
    fn a_range_outside_the_picture_is_empty() {
        for outside in ["bytes=10-", "bytes=10-12", "bytes=-0", "bytes=99999999999999999999-"] {
            assert_eq!(parse_range(outside, 10), Some(0..0), "{outside}");
        }
    }

    #[test]
    fn several_ranges_and_invalid_ones_are_ignored() {
        for ignored in ["bytes=0-1,4-5", "lines=1-2", "bytes=x", "bytes=-", "bytes=+1-2", ""] {
            assert_eq!(parse_range(ignored, 10), None, "{ignored}");
        }
    }
}
