//! Deletes unused objects from the blob store.

use keyward_core::{commands::internal::CollectBlobs, domain::UserId, origin::Origin};
use serde::{Deserialize, Serialize};

use crate::{
    context::JobContext,
    queue::{Job, JobError},
};

/// Deletes unused objects from the blob store after the picture of an account has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BlobCollection {
    /// The account whose picture has changed. Unused objects of others are deleted with its own.
    pub(crate) user_id: UserId,
}

impl Job for BlobCollection {
    const QUEUE: &'static str = "blob-collection";
    const CONCURRENCY: usize = 1;

    /// Safe to repeat.
    async fn run(self, context: &JobContext, origin: &Origin) -> Result<(), JobError> {
        context.app.execute(CollectBlobs, origin).await?;
        Ok(())
    }
}
