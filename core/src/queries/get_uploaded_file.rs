//! The file of an avatar upload.

use super::prelude::*;
use crate::domain::{AvatarUploadId, BlobKey};

/// Returns the uploaded file, for the job that makes its renditions; `None` if the upload has ended
/// or its account is deleted.
///
/// Fails with [`Unavailable`](Error::Unavailable) if the upload is open and its file is missing:
/// the file is kept until the upload ends.
pub struct GetUploadedFile(pub AvatarUploadId);

impl Query for GetUploadedFile {
    type View = Option<Vec<u8>>;
    const NAME: &'static str = "get_uploaded_file";

    async fn handle(self, app: &App) -> Result<Option<Vec<u8>>> {
        let key = sqlx::query_scalar!(
            "select original_key from avatar_uploads
             where upload_id = $1 and status = 'processing'",
            self.0.0,
        )
        .fetch_optional(&app.read)
        .await?;
        let Some(key) = key.map(BlobKey::from_row) else { return Ok(None) };
        let file = app.blobs.get(&key).await?;
        let missing = || anyhow::anyhow!("the file of upload {} is missing", self.0);
        Ok(Some(file.ok_or_else(|| Error::Unavailable(missing()))?))
    }
}
