//! How a picture is answered: cached for ever, in parts if asked for, and inert in a browser.

use std::ops::{Bound, RangeInclusive};

use poem::{
    IntoResponse, Request, Response,
    http::{HeaderValue, StatusCode, header},
    web::headers::{HeaderMapExt as _, IfNoneMatch, IfRange, Range},
};
use poem_openapi::{
    ApiResponse,
    payload::Payload,
    registry::{MetaSchema, MetaSchemaRef},
};

use crate::http::problem::{Problem, ProblemBody};

/// What an address shows never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Opened as a page of its own, a picture can do nothing at all.
const INERT: &str = "default-src 'none'; sandbox";

/// Bytes of a picture.
pub(crate) struct Image {
    media_type: &'static str,
    tag: HeaderValue,
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
            .header(header::CACHE_CONTROL, FOR_EVER)
            .header(header::CONTENT_SECURITY_POLICY, INERT)
            .header(header::ETAG, self.tag)
            .header(header::ACCEPT_RANGES, "bytes")
            // Said here, so that an answer to HEAD says it, too.
            .header(header::CONTENT_LENGTH, self.bytes.len())
            .body(self.bytes)
    }
}

/// The answers of a picture.
#[derive(ApiResponse)]
pub(crate) enum Picture {
    /// The picture; what an address shows never changes.
    #[oai(status = 200)]
    Whole(Image),
    /// The part that was asked for.
    #[oai(status = 206)]
    Part(
        Image,
        /// Which part, and of how many bytes.
        #[oai(header = "Content-Range")]
        String,
    ),
    /// The picture is in a public bucket (`AVATAR_PUBLIC_URL`).
    #[oai(status = 302)]
    Elsewhere(
        /// Where.
        #[oai(header = "Location")]
        String,
        /// The bucket's address is a setting, which may change.
        #[oai(header = "Cache-Control")]
        String,
    ),
    /// It is what you have.
    #[oai(status = 304)]
    NotModified(
        /// Its tag.
        #[oai(header = "ETag")]
        String,
        /// It stays what you have.
        #[oai(header = "Cache-Control")]
        String,
    ),
    /// It has no such part.
    #[oai(status = 416)]
    NoSuchPart(
        ProblemBody,
        /// How many bytes it has.
        #[oai(header = "Content-Range")]
        String,
    ),
}

impl Picture {
    pub(crate) fn elsewhere(url: String) -> Self {
        Self::Elsewhere(url, "public, max-age=300".into())
    }
}

/// What a request says of the copy that it has, and of the part that it wants (RFC 9110, sections
/// 13 and 14).
pub(crate) struct Conditions {
    if_none_match: Option<IfNoneMatch>,
    if_range: Option<IfRange>,
    range: Option<Range>,
}

impl Conditions {
    pub(crate) fn of(request: &Request) -> Self {
        let headers = request.headers();
        Self {
            if_none_match: headers.typed_get(),
            if_range: headers.typed_get(),
            range: headers.typed_get().filter(|_| has_sane_range(request)),
        }
    }

    /// Answers with a picture, named by its key, which is never given to another one.
    pub(crate) fn answer(self, key: &str, media_type: &'static str, bytes: Vec<u8>) -> Picture {
        let text = format!("\"{key}\"");
        let Ok(tag) = HeaderValue::from_str(&text) else {
            let tag = HeaderValue::from_static("\"\"");
            return Picture::Whole(Image { media_type, tag, bytes });
        };
        let parsed = text.parse().ok();
        if let (Some(condition), Some(tag)) = (&self.if_none_match, &parsed)
            && !condition.precondition_passes(tag)
        {
            return Picture::NotModified(text, FOR_EVER.into());
        }
        let same = self.if_range.as_ref().is_none_or(|own| !own.is_modified(parsed.as_ref(), None));
        let total = bytes.len() as u64;
        match self.range.filter(|_| same).map(|range| one_part(&range, total)) {
            None | Some(Part::Ignored) => Picture::Whole(Image { media_type, tag, bytes }),
            Some(Part::None) => {
                let status = StatusCode::RANGE_NOT_SATISFIABLE;
                let problem =
                    Problem::new(status, "range_not_satisfiable", "the picture has no such part");
                Picture::NoSuchPart(ProblemBody(problem), format!("bytes */{total}"))
            }
            Some(Part::Of(part)) => {
                let which = format!("bytes {}-{}/{total}", part.start(), part.end());
                let bytes = bytes[*part.start() as usize..=*part.end() as usize].to_vec();
                Picture::Part(Image { media_type, tag, bytes }, which)
            }
        }
    }
}

/// Whether `Range` is what it must be; else it counts as not sent (RFC 9110, section 14.2).
fn has_sane_range(request: &Request) -> bool {
    let text = request.headers().get(header::RANGE).and_then(|value| value.to_str().ok());
    let parts = text.and_then(|text| text.strip_prefix("bytes=")).unwrap_or_default();
    parts.split(',').all(|part| {
        let ends = part.trim().split_once('-');
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        ends.is_some_and(|(from, to)| is_number(from) && is_number(to) && part.trim() != "-")
    })
}

enum Part {
    /// Several parts: the whole is an answer, too (RFC 9110, section 14.2).
    Ignored,
    None,
    Of(RangeInclusive<u64>),
}

fn one_part(range: &Range, total: u64) -> Part {
    let mut parts = range.satisfiable_ranges(total);
    let (first, second) = (parts.next(), parts.next());
    let (start, end) = match (first, second) {
        (None, _) => return Part::None,
        (Some(_), Some(_)) => return Part::Ignored,
        (Some(part), None) => part,
    };
    let start = match start {
        Bound::Included(start) => start,
        Bound::Excluded(before) => before + 1,
        Bound::Unbounded => 0,
    };
    let end = match end {
        Bound::Included(end) => end.min(total.saturating_sub(1)),
        Bound::Excluded(after) => after.min(total).saturating_sub(1),
        Bound::Unbounded => total.saturating_sub(1),
    };
    if start > end || start >= total { Part::None } else { Part::Of(start..=end) }
}
