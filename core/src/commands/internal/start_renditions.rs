//! Starting an attempt to make renditions.

use crate::{commands::prelude::*, domain::AvatarUploadId};

/// Counts an attempt to decode an upload. Returns whether to make it: not if the upload has ended.
///
/// A picture that kills the decoding process leaves only this count: it fails after five attempts.
/// Attempts that fail for another reason, such as an unavailable blob store, end before this and are
/// not counted.
pub struct StartRenditions(pub AvatarUploadId);

/// The maximum number of attempts to decode a picture.
const MAX_ATTEMPTS: i32 = 5;

impl Command for StartRenditions {
    type Output = bool;
    const NAME: &'static str = "start_renditions";

    async fn handle(self, app: &App, origin: &Origin) -> Result<bool> {
        let mut tx = app.begin(origin).await?;
        if avatars::lock_owner(&mut tx, self.0).await?.is_none() {
            return Ok(false);
        }
        let attempt = sqlx::query_scalar!(
            "update avatar_uploads set attempts = attempts + 1 where upload_id = $1
             returning attempts",
            self.0.0,
        )
        .fetch_one(tx.sql())
        .await?;
        if attempt > MAX_ATTEMPTS {
            avatars::fail(&mut tx, self.0, "the image could not be decoded").await?;
        }
        tx.commit().await?;
        Ok(attempt <= MAX_ATTEMPTS)
    }
}
