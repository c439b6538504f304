//! What became of an upload.

use crate::{App, Query, Refusal, Result, administrator::Administrator, domain::AvatarUploadId};

/// What became of a picture that an administrator uploaded. Kept for 30 days after its end.
///
/// Refused as [`Administrator`] says, or with [`UploadNotFound`](Refusal::UploadNotFound).
#[derive(Debug)]
pub struct GetAvatarUpload {
    /// Who asks.
    pub by: Administrator,
    /// The upload.
    pub upload_id: AvatarUploadId,
}

/// What became of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadStatus {
    /// The renditions are being made.
    Processing,
    /// They are made.
    Done,
    /// There will be none; the reason is in words for people.
    Failed(String),
}

impl Query for GetAvatarUpload {
    type View = UploadStatus;
    const NAME: &'static str = "get_avatar_upload";

    async fn handle(self, app: &App) -> Result<UploadStatus> {
        let mut sql = app.read_as(self.by).await?;
        let row = sqlx::query!(
            "select status, reason from avatar_uploads where upload_id = $1",
            self.upload_id.0,
        )
        .fetch_optional(&mut *sql)
        .await?
        .ok_or(Refusal::UploadNotFound)?;
        Ok(match (row.status.as_str(), row.reason) {
            ("processing", _) => UploadStatus::Processing,
            ("done", _) => UploadStatus::Done,
            (_, reason) => UploadStatus::Failed(reason.unwrap_or_default()),
        })
    }
}
