//! Objects of the OpenAPI document that are made from one value, and their times.

use chrono::{DateTime, SecondsFormat, Utc};
use poem_openapi::{NewType, types::ToJSON};
use serde_json::Value;

/// Declares objects and the value that each is made from. A member has its type and its source, which
/// is converted with `into`.
macro_rules! objects {
    ($(
        $(#[$attribute:meta])*
        $name:ident from $source:tt: $type:ty {
            $($(#[$member_attribute:meta])* $member:ident: $member_type:ty = $value:expr,)+
        }
    )+) => {$(
        #[derive(Debug, poem_openapi::Object)]
        $(#[$attribute])*
        pub(crate) struct $name {
            $($(#[$member_attribute])* pub(crate) $member: $member_type,)+
        }

        impl From<$type> for $name {
            fn from($source: $type) -> Self {
                Self { $($member: $value.into(),)+ }
            }
        }
    )+};
}

pub(crate) use objects;

// RFC 3339 in UTC with a `Z`. No doc comment: poem-openapi would copy it into the schema of every time.
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
