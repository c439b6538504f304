//! A moment on a page: how long ago, and when exactly.

use chrono::{DateTime, Utc};

use crate::ops::words;

/// A moment on a page.
pub(super) struct When {
    pub(super) ago: String,
    pub(super) exact: String,
    pub(super) machine: String,
}

impl When {
    pub(super) fn new(at: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        Self { ago: words::ago(&at, &now), exact: words::moment(&at), machine: words::machine(&at) }
    }
}
