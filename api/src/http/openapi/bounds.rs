//! What the values of a request must be, as far as a schema can say it.
//!
//! Not left to validators of poem-openapi: they would answer for the first flaw only. The values are
//! checked where they are read, and this repeats what is checked there. A value within its bounds may
//! still be refused (a password that is easily guessed); one outside never passes.

use keyward_core::domain::{DisplayName, EmailAddress, Password, SearchText, StatusReason};
use serde_json::{Value, json};

use crate::http::pagination::Page;

/// Tokens are base64url; the last character of some carries two bits only.
const LINK_TOKEN: &str = "^[A-Za-z0-9_-]{64}$";
const REFRESH_TOKEN: &str = "^kwr_[A-Za-z0-9_-]{69}[AQgw]$";
const CURSOR: &str = "^[A-Za-z0-9_-]{21}[AQgw]$";
const NO_CONTROLS: &str = r"^[^\u0000-\u001f\u007f-\u009f]*$";

/// The bounds of a member of a request's body.
pub(super) fn of_member(name: &str) -> Option<Value> {
    Some(match name {
        // Whatever else an address is: one `@`, and something on both sides of it.
        "email" => json!({
            "minLength": 3, "maxLength": EmailAddress::MAX_BYTES, "pattern": "^[^@]+@[^@]+$",
        }),
        "password" | "current_password" => {
            json!({"minLength": 1, "maxLength": Password::MAX_CHARS})
        }
        "display_name" => json!({"minLength": 1, "maxLength": DisplayName::MAX_CHARS}),
        "reason" => json!({"maxLength": StatusReason::MAX_CHARS}),
        "token" => json!({"minLength": 64, "maxLength": 64, "pattern": LINK_TOKEN}),
        "refresh_token" => json!({"minLength": 74, "maxLength": 74, "pattern": REFRESH_TOKEN}),
        _ => return None,
    })
}

/// The bounds of a parameter in the query of a request.
pub(super) fn of_parameter(name: &str) -> Option<Value> {
    Some(match name {
        "query" => json!({"maxLength": SearchText::MAX_CHARS, "pattern": NO_CONTROLS}),
        "cursor" => json!({"minLength": 22, "maxLength": 22, "pattern": CURSOR}),
        "limit" => json!({"minimum": 1, "maximum": Page::MAX_LIMIT, "default": Page::DEFAULT}),
        _ => return None,
    })
}
