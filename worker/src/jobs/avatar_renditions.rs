//! Makes the renditions of an uploaded picture.

use std::{sync::Arc, time::Duration};

use keyward_core::{
    commands::internal::{RecordRenditions, RejectUpload, StartRenditions},
    domain::AvatarUploadId,
    origin::Origin,
    queries::GetUploadedFile,
};
use serde::{Deserialize, Serialize};

use crate::{
    context::JobContext,
    images::{Reason, Renditions, renditions},
    queue::{JobError, Work},
};

/// Makes the renditions of an uploaded picture and shows them. A picture that cannot be decoded is
/// given up at once, and the upload says why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AvatarRenditions {
    /// The upload.
    pub upload_id: AvatarUploadId,
}

impl Work for AvatarRenditions {
    const QUEUE: &'static str = "avatar-renditions";
    /// The worst picture that the limits let through takes a core less than a second.
    const TIMEOUT: Duration = Duration::from_secs(60);
    const CONCURRENCY: usize = 4;

    /// Repeating is safe, also at the same time: the same file always gives the same objects, and
    /// the first to record them wins.
    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        let (app, origin, upload_id) = (&context.app, Origin::default(), self.upload_id);
        let Some(file) = app.fetch(GetUploadedFile(upload_id)).await? else {
            tracing::info!(upload.id = %upload_id, "upload {upload_id} has ended before");
            return Ok(());
        };
        // Waits for a core first: an attempt counts when it is made.
        let core = Arc::clone(&context.cores).acquire_owned().await.map_err(JobError::give_up)?;
        if !app.execute(StartRenditions(upload_id), &origin).await? {
            return Ok(());
        }
        let made = tokio::task::spawn_blocking(move || {
            // Held in here, so that a job which was given up does not let another one in beside
            // the work that it left behind.
            let _core = core;
            renditions(&file)
        });
        match made.await.unwrap_or(Err(Reason::Undecodable)) {
            Ok(Renditions { files }) => {
                app.execute(RecordRenditions { upload_id, files }, &origin).await?;
                Ok(())
            }
            Err(reason) => {
                let command = RejectUpload { upload_id, reason: reason.to_string() };
                app.execute(command, &origin).await?;
                Err(JobError::give_up(reason))
            }
        }
    }
}
