//! Removes objects that a change of a picture has left behind.

use keyward_core::{commands::internal::CollectBlobs, domain::UserId, origin::Origin};
use serde::{Deserialize, Serialize};

use crate::{
    context::JobContext,
    queue::{JobError, Work},
};

/// Removes what is needed no more from the blob store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobCollection {
    /// Whose picture has changed. Whatever else is in the way is removed with it.
    pub user_id: UserId,
}

impl Work for BlobCollection {
    const QUEUE: &'static str = "blob-collection";
    const CONCURRENCY: usize = 1;

    /// Repeating is safe: what is gone is gone.
    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        context.app.execute(CollectBlobs, &Origin::default()).await?;
        Ok(())
    }
}
