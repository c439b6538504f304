//! Lists, page by page.

use serde::Deserialize;
use uuid::Uuid;

/// Entries on a page.
const SIZE: usize = 50;
/// Entries to read for a page: one more than it shows, which tells whether another page follows.
pub(super) const LIMIT: i64 = SIZE as i64 + 1;

/// A page of a list.
pub(super) struct ListPage<T> {
    pub(super) entries: Vec<T>,
    has_more: bool,
}

/// Where a page of a list begins that is sorted by id, the latest first.
#[derive(Deserialize)]
pub(super) struct Before {
    pub(super) before: Option<Uuid>,
}

impl<T> ListPage<T> {
    /// The page of up to [`LIMIT`] entries.
    pub(super) fn new(mut entries: Vec<T>) -> Self {
        let has_more = entries.len() > SIZE;
        entries.truncate(SIZE);
        Self { entries, has_more }
    }

    /// All entries on one page.
    pub(super) fn single(entries: Vec<T>) -> Self {
        Self { entries, has_more: false }
    }

    /// The last entry, if another page follows.
    pub(super) fn last_of_many(&self) -> Option<&T> {
        self.entries.last().filter(|_| self.has_more)
    }
}
