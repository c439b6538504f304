use std::collections::BTreeMap;

use chrono::DateTime;
use reqwest::header::HeaderMap;
use serde_json::Value;
use uuid::Uuid;

use crate::Reply;

/// Replaces values that differ from run to run with `_`: ids, times, tokens, URLs.
#[must_use]
pub fn masked(mut value: Value) -> Value {
    mask(&mut value);
    value
}

fn mask(value: &mut Value) {
    match value {
        Value::String(text) if is_random(text) => *text = "_".into(),
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Object(members) => members.values_mut().for_each(mask),
        _ => {}
    }
}

fn is_random(text: &str) -> bool {
    let is_traceparent = text.starts_with("00-") && text.len() == 55;
    let is_token = text.starts_with("kwr_") || text.starts_with("eyJ");
    let is_url = text.starts_with("http://127.0.0.1:");
    Uuid::parse_str(text).is_ok()
        || DateTime::parse_from_rfc3339(text).is_ok()
        || is_traceparent
        || is_token
        || is_url
}

/// The number of replies with each status.
#[must_use]
pub fn tally(replies: &[Reply]) -> Vec<(u16, usize)> {
    let mut statuses = BTreeMap::new();
    for reply in replies {
        *statuses.entry(reply.status.as_u16()).or_default() += 1;
    }
    statuses.into_iter().collect()
}

impl Reply {
    /// What a client can compare: status, headers and body, without request id and date.
    #[must_use]
    pub fn without_id(&self) -> (u16, Vec<(String, String)>, Value) {
        let mut body = self.json();
        if let Some(members) = body.as_object_mut() {
            members.remove("request_id");
        }
        (self.status.as_u16(), constant(&self.headers), body)
    }
}

fn constant(headers: &HeaderMap) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = headers
        .iter()
        .filter(|(name, _)| !["date", "x-request-id"].contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into()))
        .collect();
    headers.sort();
    headers
}
