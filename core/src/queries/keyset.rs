//! The part of a list that is read (keyset pagination).

/// The part of a list that is read: the items that follow `after`, at most `limit` of them. Keyset
/// pagination repeats and misses no item while rows are inserted and deleted.
#[derive(Debug, Clone, Copy)]
pub struct Keyset<Id> {
    /// The last item of the page before; `None` reads from the start.
    pub after: Option<Id>,
    /// The maximum number of items.
    pub limit: i64,
}
