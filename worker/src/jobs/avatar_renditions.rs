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
    images::{Reason, renditions},
    queue::{Job, JobError},
};

/// Makes the renditions of an uploaded picture and publishes them. If the picture cannot be decoded,
/// the job is dead at once and the upload says why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AvatarRenditions {
    /// The upload.
    pub(crate) upload_id: AvatarUploadId,
}

impl Job for AvatarRenditions {
    const QUEUE: &'static str = "avatar-renditions";
    /// The slowest picture within the limits takes one core less than a second.
    const TIMEOUT: Duration = Duration::from_secs(60);
    const CONCURRENCY: usize = 4;

    /// Safe to repeat, also concurrently: a file always gives the same objects, and the first attempt
    /// to record them wins.
    async fn run(self, context: &JobContext, origin: &Origin) -> Result<(), JobError> {
        let (app, upload_id) = (&context.app, self.upload_id);
        let Some(file) = app.fetch(GetUploadedFile(upload_id)).await? else {
            tracing::info!(upload.id = %upload_id, "upload {upload_id} has ended before");
            return Ok(());
        };
        // The core comes first: only an attempt that starts counts.
        let core = Arc::clone(&context.cores).acquire_owned().await.map_err(JobError::fatal)?;
        if !app.execute(StartRenditions(upload_id), origin).await? {
            return Ok(());
        }
        let made = tokio::task::spawn_blocking(move || {
            // Held until the work ends: a job that timed out leaves its work behind on this core.
            let _core = core;
            renditions(&file)
        });
        match made.await.unwrap_or(Err(Reason::Undecodable)) {
            Ok(files) => {
                app.execute(RecordRenditions { upload_id, files }, origin).await?;
                Ok(())
            }
            Err(reason) => {
                let command = RejectUpload { upload_id, reason: reason.to_string() };
                app.execute(command, origin).await?;
                Err(JobError::fatal(reason))
            }
        }
    }
}
