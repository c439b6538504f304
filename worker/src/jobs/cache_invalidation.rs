//! Tells Redis once more what an event made stale.

use keyward_core::{events::Event, infra::cache};
use serde::{Deserialize, Serialize};

use crate::{
    context::JobContext,
    queue::{Backoff, JobError, Work},
};

/// Writes the tombstones of an event again. The command has done it already, unless it died or
/// Redis was away between its commit and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CacheInvalidation {
    /// What happened.
    pub event: Event,
}

impl Work for CacheInvalidation {
    const QUEUE: &'static str = "cache-invalidation";
    const CONCURRENCY: usize = 64;
    const TAKEN: usize = 256;
    const BACKOFF: Backoff = Backoff::seconds(1, 60);

    /// Repeating is safe, in any order: a tombstone never replaces something newer.
    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        let invalidations: Vec<_> = cache::invalidation_by(&self.event).into_iter().collect();
        if context.app.cache.write_tombstones(&invalidations).await {
            Ok(())
        } else {
            Err(JobError::retry("redis is away"))
        }
    }
}
