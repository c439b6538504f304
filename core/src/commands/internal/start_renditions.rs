//! Taking an upload to make its renditions.

use crate::{App, Command, Result, domain::AvatarUploadId, origin::Origin, store::avatars};

/// Counts an attempt to decode an upload, and says whether to make it: not if the upload has ended
/// or was replaced.
///
/// A picture that kills the process which decodes it leaves no reason behind, only its count: after
/// five attempts it is given up. Attempts that failed for another reason, such as a blob store that
/// was away, come before this and are not counted.
#[derive(Debug)]
pub struct StartRenditions(pub AvatarUploadId);

/// So often a picture is decoded at most.
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
            avatars::fail(&mut tx, self.0, "the picture could not be decoded").await?;
        }
        tx.commit().await?;
        Ok(attempt <= MAX_ATTEMPTS)
    }
}
