//! The state of an avatar upload.

use super::prelude::*;
use crate::domain::AvatarUploadId;

/// Returns the state of an avatar upload. Kept for 30 days after it has ended.
///
/// Refused with [`UploadNotFound`](Refusal::UploadNotFound), and as [`Administrator`] says.
pub struct GetAvatarUpload {
    /// The administrator.
    pub by: Administrator,
    /// The upload.
    pub upload_id: AvatarUploadId,
}

/// The state of an avatar upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadView {
    /// `processing`, `done` or `failed`.
    pub status: String,
    /// Why it failed, written for people.
    pub reason: Option<String>,
}

impl Query for GetAvatarUpload {
    type View = UploadView;
    const NAME: &'static str = "get_avatar_upload";

    async fn handle(self, app: &App) -> Result<UploadView> {
        let mut sql = app.read_as(self.by).await?;
        let found = sqlx::query_as!(
            UploadView,
            "select status, reason from avatar_uploads where upload_id = $1",
            self.upload_id.0,
        )
        .fetch_optional(&mut *sql)
        .await?;
        Ok(found.ok_or(Refusal::UploadNotFound)?)
    }
}
