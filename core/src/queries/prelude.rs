//! What most queries import.

pub(super) use chrono::{DateTime, Utc};

pub(super) use super::Keyset;
pub(super) use crate::{App, Error, Query, Refusal, Result, administrator::Administrator};
