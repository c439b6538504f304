//! What a parameter may be, according to its schema.

use keyward_core::error::Flaw;
use serde_json::Value;
use uuid::Uuid;

/// What a parameter may be. Other rules belong to the routes.
#[derive(Debug)]
pub(super) enum Rule {
    Uuid,
    Number { min: u64, max: u64 },
    OneOf(Vec<String>),
    Text { max_chars: usize },
}

impl Rule {
    /// The rule of a schema, which may be a reference into the document.
    pub(super) fn new(document: &Value, schema: &Value) -> Self {
        let reference = schema["$ref"].as_str().or_else(|| schema["allOf"][0]["$ref"].as_str());
        let schema = reference
            .and_then(|reference| document.pointer(reference.trim_start_matches('#')))
            .unwrap_or(schema);
        let number = |name: &str| schema[name].as_u64();
        let texts = |value: &Value| value.as_str().map(str::to_owned);
        match (schema["type"].as_str(), schema["enum"].as_array()) {
            (_, Some(words)) => Self::OneOf(words.iter().filter_map(texts).collect()),
            (Some("integer"), _) => Self::Number {
                min: number("minimum").unwrap_or(0),
                max: number("maximum").unwrap_or(u64::MAX),
            },
            _ if schema["format"] == "uuid" => Self::Uuid,
            _ => {
                let max = number("maxLength").and_then(|max| usize::try_from(max).ok());
                Self::Text { max_chars: max.unwrap_or(usize::MAX) }
            }
        }
    }

    /// Judges a value.
    pub(super) fn check(&self, value: &str) -> Result<(), Flaw> {
        match self {
            Self::Uuid if Uuid::try_parse(value).is_err() => {
                Err(Flaw::new("malformed", "this must be a UUID"))
            }
            Self::Number { min, max } => match number(value) {
                Some(number) if (min..=max).contains(&&number) => Ok(()),
                number => {
                    let code = if number.is_some() { "out_of_range" } else { "malformed" };
                    Err(Flaw::new(code, format!("this must be a number from {min} to {max}")))
                }
            },
            Self::OneOf(words) if !words.iter().any(|word| word == value) => {
                let detail = format!("this must be one of: {}", words.join(", "));
                Err(Flaw::new("unknown_value", detail))
            }
            Self::Text { max_chars } if value.chars().count() > *max_chars => {
                Err(Flaw::new("too_long", format!("this has at most {max_chars} characters")))
            }
            _ => Ok(()),
        }
    }
}

/// A number of digits only. `None` for a sign, which [`str::parse`] accepts.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
