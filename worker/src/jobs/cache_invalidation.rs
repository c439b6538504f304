//! Invalidates the cache entries that an event made stale.

use keyward_core::{events::Event, infra::cache, origin::Origin};
use serde::{Deserialize, Serialize};

use crate::{
    context::JobContext,
    queue::{Backoff, Job, JobError},
};

/// Writes the tombstones of an event a second time. The command has written them before it answered,
/// unless it died or Redis was unavailable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CacheInvalidation {
    /// The event.
    pub(crate) event: Event,
}

impl Job for CacheInvalidation {
    const QUEUE: &'static str = "cache-invalidation";
    const CONCURRENCY: usize = 64;
    const BATCH: usize = 256;
    const BACKOFF: Backoff = Backoff(&[1, 2, 4, 8, 16, 32, 60]);

    /// Safe to repeat in any order: a tombstone never replaces a newer entry.
    async fn run(self, context: &JobContext, _: &Origin) -> Result<(), JobError> {
        let invalidations: Vec<_> = cache::invalidation_by(&self.event).into_iter().collect();
        if context.app.cache.write_tombstones(&invalidations).await {
            Ok(())
        } else {
            Err(JobError::retry("Redis is unavailable"))
        }
    }
}
