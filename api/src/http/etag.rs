//! Entity tags (RFC 9110, section 8.8.3): an account's is its version, and strong.

use keyward_core::{Refusal, domain::VersionMatch};
use poem::{
    Request, RequestBody,
    http::{HeaderName, header},
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaParamIn, MetaSchema, MetaSchemaRef},
};

use crate::http::problem::Failure;

/// The tag of a version.
pub(crate) fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// `If-Match`: the change is made only if the account still has one of these tags (section
/// 13.1.1). Without it a route that needs it answers 428 (RFC 6585), others ask for nothing.
pub(crate) type IfMatch<const REQUIRED: bool> = Condition<true, REQUIRED>;

/// `If-None-Match`: the account is sent only if it has none of these tags (section 13.1.2).
pub(crate) type IfNoneMatch = Condition<false, false>;

/// A header with tags: the one or the other.
#[derive(Debug)]
pub(crate) struct Condition<const IF_MATCH: bool, const REQUIRED: bool>(Option<VersionMatch>);

impl<const REQUIRED: bool> IfMatch<REQUIRED> {
    /// The versions that the change may start from.
    pub(crate) fn versions(self) -> VersionMatch {
        self.0.unwrap_or(VersionMatch::Any)
    }
}

impl IfNoneMatch {
    /// Whether the client has this version already.
    pub(crate) fn has(&self, version: i64) -> bool {
        self.0.as_ref().is_some_and(|versions| versions.check(version).is_ok())
    }
}

/// Reads a list of tags, which may stand in several lines. A tag that is none of ours, and for a
/// strong comparison (section 8.8.3.2) every weak one, matches no version.
fn read(request: &Request, name: HeaderName, weak_is_good: bool) -> Option<VersionMatch> {
    let mut lines = request.headers().get_all(name).iter().peekable();
    lines.peek()?;
    let tags: Vec<&str> = lines
        .flat_map(|line| line.to_str().unwrap_or_default().split(','))
        .map(str::trim)
        .collect();
    if tags == ["*"] {
        return Some(VersionMatch::Any);
    }
    let version = |tag: &str| {
        let tag = if weak_is_good { tag.strip_prefix("W/").unwrap_or(tag) } else { tag };
        let version = tag.trim_matches('"').parse().ok()?;
        (etag(version) == tag).then_some(version)
    };
    Some(VersionMatch::OneOf(tags.into_iter().filter_map(version).collect()))
}

impl<'a, const IF_MATCH: bool, const REQUIRED: bool> ApiExtractor<'a>
    for Condition<IF_MATCH, REQUIRED>
{
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    const PARAM_IS_REQUIRED: bool = REQUIRED;

    type ParamType = String;
    type ParamRawType = String;

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Header)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(MetaSchemaRef::Inline(Box::new(MetaSchema::new("string"))))
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<String>,
    ) -> poem::Result<Self> {
        let name = if IF_MATCH { header::IF_MATCH } else { header::IF_NONE_MATCH };
        match read(request, name, !IF_MATCH) {
            None if REQUIRED => Err(Failure::from(Refusal::IfMatchRequired).into()),
            versions => Ok(Self(versions)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(lines: &[&str], weak_is_good: bool) -> Option<VersionMatch> {
        let mut request = Request::builder();
        for line in lines {
            request = request.header(header::IF_MATCH, *line);
        }
        read(&request.finish(), header::IF_MATCH, weak_is_good)
    }

    fn one_of(versions: &[i64]) -> Option<VersionMatch> {
        Some(VersionMatch::OneOf(versions.to_vec()))
    }

    #[test]
    fn tags_come_in_lists_and_lines() {
        assert_eq!(versions(&[], false), None);
        assert_eq!(versions(&["*"], false), Some(VersionMatch::Any));
        assert_eq!(versions(&["\"7\", \"8\"", "\"9\""], false), one_of(&[7, 8, 9]));
    }

    #[test]
    fn a_weak_tag_matches_only_where_weakness_does_no_harm() {
        assert_eq!(versions(&["W/\"7\""], false), one_of(&[]));
        assert_eq!(versions(&["W/\"7\""], true), one_of(&[7]));
    }

    #[test]
    fn what_is_none_of_our_tags_matches_nothing() {
        for odd in ["", "7", "\"07\"", "\"+7\"", "\"7", "\"\"7\"\"", "w/\"7\"", "\"x\"", "*, *"] {
            assert_eq!(versions(&[odd], true), one_of(&[]), "{odd:?}");
        }
    }
}
