//! The bounds of request values, as far as a schema can express them.
//!
//! Not validators of poem-openapi, which report only the first flaw. The types of `keyward_core`
//! check the values; this repeats their bounds. A value within its bounds may still be refused (a
//! password that is easy to guess); a value outside never passes.

use keyward_core::{
    commands::RotateServiceToken,
    domain::{
        DisplayName, EmailAddress, IdempotencyKey, LinkCode, Password, Scope, SearchText,
        StatusReason,
    },
    languages::LanguageTag,
};
use serde_json::{Value, json};

use crate::http::pagination::Page;

/// Tokens are base64url. The last character of some carries only two bits.
const LINK_TOKEN: &str = "^[A-Za-z0-9_-]{64}$";
/// Eight letters; other characters between them are ignored. Full-width letters count as letters.
const LINK_CODE: &str = "^[^A-Za-z0-9]*([BCDFGHJ-NP-TV-XZbcdfghj-np-tv-xz\\uff21-\\uff3a\\uff41-\\uff5a]\
                         [^A-Za-z0-9]*){8}$";
const REFRESH_TOKEN: &str = "^kwr_[A-Za-z0-9_-]{69}[AQgw]$";
/// A position of 16 bytes, or of 32 in the event log, and a code.
const CURSOR: &str = "^[A-Za-z0-9_-]{32,54}$";
/// `*`, or a list of entity tags (RFC 9110, section 13.1.1).
const IF_MATCH: &str = "^(\\*|[ \\t,]*(W/)?\"[^\"]*\"([ \\t]*,[ \\t]*((W/)?\"[^\"]*\")?)*)$";
/// Wider than RFC 5646, which bounds the parts of a tag by their position.
const LANGUAGE_TAG: &str = "^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$";
const NO_CONTROLS: &str = r"^[^\u0000-\u001f\u007f-\u009f]*$";

/// The bounds of a request body as a whole.
pub(super) fn of_body(reference: &str) -> Option<Value> {
    reference.ends_with("/ProfileChange").then(|| json!({"minProperties": 1}))
}

/// The bounds of a member of a request body.
pub(super) fn of_member(name: &str) -> Option<Value> {
    Some(match name {
        // Every address has one `@` with text on both sides.
        "email" => json!({
            "minLength": 3, "maxLength": EmailAddress::MAX_BYTES, "pattern": "^[^@]+@[^@]+$",
        }),
        "password" | "current_password" => {
            json!({"minLength": 1, "maxLength": Password::MAX_CHARS})
        }
        "display_name" | "name" => json!({"minLength": 1, "maxLength": DisplayName::MAX_CHARS}),
        "locale" => json!({
            "minLength": 2, "maxLength": LanguageTag::MAX_CHARS, "pattern": LANGUAGE_TAG,
        }),
        "scopes" => json!({
            "minItems": 1,
            "items": {"type": "string", "enum": Scope::ALL.iter().map(|s| s.as_str()).collect::<Vec<_>>()},
        }),
        "expires_at" => json!({"format": "date-time"}),
        "reason" => json!({"maxLength": StatusReason::MAX_CHARS}),
        "code" => json!({
            "minLength": 8, "maxLength": LinkCode::MAX_CHARS, "pattern": LINK_CODE,
        }),
        "token" => json!({"minLength": 64, "maxLength": 64, "pattern": LINK_TOKEN}),
        "refresh_token" => json!({"minLength": 74, "maxLength": 74, "pattern": REFRESH_TOKEN}),
        _ => return None,
    })
}

/// The bounds of a parameter.
pub(super) fn of_parameter(name: &str) -> Option<Value> {
    Some(match name {
        "query" => json!({"maxLength": SearchText::MAX_CHARS, "pattern": NO_CONTROLS}),
        "cursor" => json!({"minLength": 32, "maxLength": 54, "pattern": CURSOR}),
        "Idempotency-Key" => json!({
            "minLength": 1, "maxLength": IdempotencyKey::MAX_CHARS, "pattern": "^[!-~]+$",
        }),
        "If-Match" => json!({"minLength": 1, "pattern": IF_MATCH}),
        "overlap_seconds" => json!({
            "maximum": RotateServiceToken::MAX_OVERLAP.num_seconds(),
            "default": RotateServiceToken::OVERLAP.num_seconds(),
        }),
        "limit" => json!({"minimum": 1, "maximum": Page::MAX_LIMIT, "default": Page::DEFAULT}),
        _ => return None,
    })
}
