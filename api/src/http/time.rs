//! Times on the wire: RFC 3339 in UTC with a `Z`.

use chrono::{DateTime, SecondsFormat, Utc};
use poem_openapi::{NewType, types::ToJSON};
use serde_json::Value;

// No doc comment: poem-openapi would copy it into the schema of every time.
#[derive(Debug, Clone, Copy, NewType)]
#[oai(from_parameter = false, from_multipart = false, to_json = false, to_header = false)]
pub(crate) struct Time(DateTime<Utc>);

impl From<DateTime<Utc>> for Time {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time)
    }
}

impl ToJSON for Time {
    fn to_json(&self) -> Option<Value> {
        Some(self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true).into())
    }
}
