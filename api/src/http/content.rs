//! Content that is the same for all clients: shared by all responses, compressed once, and tagged
//! (RFC 9110, sections 8.8.3 and 12.5.3).

use std::{
    io::{self, Write as _},
    sync::OnceLock,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use flate2::{Compression, write::GzEncoder};
use hyper::body::Bytes;
use poem::{
    Request, Response,
    http::{HeaderMap, StatusCode, header},
    web::headers::{ETag, HeaderMapExt as _, IfNoneMatch},
};
use sha2::{Digest as _, Sha256};

/// Content of a URL.
pub(crate) struct Content {
    media_type: &'static str,
    cache_control: &'static str,
    hash: String,
    plain: Bytes,
    /// Compressed for the first client that accepts it.
    gzip: OnceLock<Bytes>,
}

impl Content {
    /// Content that clients may cache as `cache_control` says.
    pub(crate) fn new(
        media_type: &'static str,
        cache_control: &'static str,
        content: impl Into<Bytes>,
    ) -> Self {
        let plain = content.into();
        let hash = URL_SAFE_NO_PAD.encode(&Sha256::digest(&plain)[..12]);
        Self { media_type, cache_control, hash, plain, gzip: OnceLock::new() }
    }

    /// The response to a request, which may be conditional.
    pub(crate) fn response(&self, request: &Request) -> Response {
        let headers = request.headers();
        let is_gzip = accepts_gzip(headers);
        let tag = format!("\"{}{}\"", self.hash, if is_gzip { "-gzip" } else { "" });
        let response = Response::builder()
            .header(header::CACHE_CONTROL, self.cache_control)
            .header(header::ETAG, &tag)
            .header(header::VARY, "accept-encoding");
        let condition = headers.typed_get::<IfNoneMatch>().zip(tag.parse::<ETag>().ok());
        if condition.is_some_and(|(condition, tag)| !condition.precondition_passes(&tag)) {
            return response.status(StatusCode::NOT_MODIFIED).finish();
        }
        let (body, response) = match is_gzip {
            true => (self.gzip(), response.header(header::CONTENT_ENCODING, "gzip")),
            false => (self.plain.clone(), response),
        };
        // Set here so that the response to HEAD has it, too.
        let response = response.header(header::CONTENT_LENGTH, body.len());
        response.content_type(self.media_type).body(body)
    }

    fn gzip(&self) -> Bytes {
        let compress = || -> io::Result<Bytes> {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
            gzip.write_all(&self.plain)?;
            Ok(gzip.finish()?.into())
        };
        // Writing to memory does not fail.
        self.gzip.get_or_init(|| compress().unwrap_or_default()).clone()
    }
}

/// Whether `Accept-Encoding` names gzip, or anything, with a weight above zero.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING);
    let lines = lines.iter().filter_map(|line| line.to_str().ok());
    let codings: Vec<_> = lines.flat_map(|line| line.split(',')).map(weighted).collect();
    let weight = |wanted: &str| {
        let found = codings.iter().find(|(coding, _)| coding.eq_ignore_ascii_case(wanted));
        found.map(|(_, weight)| *weight)
    };
    weight("gzip").or_else(|| weight("*")).is_some_and(|weight| weight > 0.0)
}

/// A coding and its weight; zero if the weight is malformed.
fn weighted(item: &str) -> (&str, f32) {
    let (coding, parameter) = item.split_once(';').unwrap_or((item, "q=1"));
    let weight = parameter.trim().strip_prefix("q=").and_then(|weight| weight.parse().ok());
    (coding.trim(), weight.unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_used_if_the_client_accepts_it() {
        let accepts = |accept: &'static str| {
            let header = (header::ACCEPT_ENCODING, poem::http::HeaderValue::from_static(accept));
            accepts_gzip(&HeaderMap::from_iter([header]))
        };
        for accept in ["gzip", "br, gzip;q=0.5", "GZIP", "*", "gzip;q=1.0, identity; q=0.5"] {
            assert!(accepts(accept), "{accept}");
        }
        for accept in ["", "br", "gzip;q=0", "identity, *;q=0", "gzip;q=0, *", "x-gzip", "gzip;q=x"]
        {
            assert!(!accepts(accept), "{accept}");
        }
    }
}
