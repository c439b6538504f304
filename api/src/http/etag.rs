//! Entity tags (RFC 9110, section 8.8.3). The tag of an account is its version, and strong.

use keyward_core::{Refusal, domain::VersionMatch};
use poem::{
    Request, RequestBody,
    http::{HeaderName, header},
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaParamIn, MetaSchema, MetaSchemaRef},
};

use super::problem::Problem;

/// The tag of a version.
pub(crate) fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// The `If-Match` header (RFC 9110, section 13.1.1). A route that requires it answers 428 without
/// it (RFC 6585).
pub(crate) type IfMatch<const REQUIRED: bool> = Condition<true, REQUIRED>;

/// The `If-None-Match` header (RFC 9110, section 13.1.2).
pub(crate) type IfNoneMatch = Condition<false, false>;

/// The versions in a header with a list of tags. Without the header, any version matches
/// `If-Match`, and none `If-None-Match`.
#[derive(Debug)]
pub(crate) struct Condition<const IF_MATCH: bool, const REQUIRED: bool>(pub(crate) VersionMatch);

/// Reads a list of tags, which may span several header lines. A foreign tag matches no version; nor
/// does a weak one in a strong comparison (section 8.8.3.2).
fn read(request: &Request, name: HeaderName, allow_weak: bool) -> Option<VersionMatch> {
    let lines = request.headers().get_all(name);
    let texts = lines.iter().map(|line| line.to_str().unwrap_or_default());
    let tags: Vec<&str> = texts.flat_map(|text| text.split(',')).map(str::trim).collect();
    let version = |tag: &&str| {
        let tag = if allow_weak { tag.strip_prefix("W/").unwrap_or(tag) } else { tag };
        let version = tag.trim_matches('"').parse().ok()?;
        (etag(version) == tag).then_some(version)
    };
    match tags[..] {
        [] => None,
        ["*"] => Some(VersionMatch::Any),
        _ => Some(VersionMatch::OneOf(tags.iter().filter_map(version).collect())),
    }
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
            Some(versions) => Ok(Self(versions)),
            None if REQUIRED => Err(Problem::from(Refusal::IfMatchRequired).into()),
            None if IF_MATCH => Ok(Self(VersionMatch::Any)),
            None => Ok(Self(VersionMatch::OneOf(Vec::new()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(lines: &[&str], allow_weak: bool) -> Option<VersionMatch> {
        let mut request = Request::builder();
        for line in lines {
            request = request.header(header::IF_MATCH, *line);
        }
        read(&request.finish(), header::IF_MATCH, allow_weak)
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
    fn a_weak_tag_matches_only_in_a_weak_comparison() {
        assert_eq!(versions(&["W/\"7\""], false), one_of(&[]));
        assert_eq!(versions(&["W/\"7\""], true), one_of(&[7]));
    }

    #[test]
    fn a_foreign_tag_matches_nothing() {
        for odd in ["", "7", "\"07\"", "\"+7\"", "\"7", "\"\"7\"\"", "w/\"7\"", "\"x\"", "*, *"] {
            assert_eq!(versions(&[odd], true), one_of(&[]), "{odd:?}");
        }
    }
}
