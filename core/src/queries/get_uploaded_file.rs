//! The file of an upload that is being worked on.

use crate::{
    App, Query, Result,
    domain::{AvatarUploadId, BlobKey},
};

/// The file of an upload, for the job that makes its renditions; nothing if the upload has ended or
/// its account is gone.
///
/// [`Unavailable`](crate::Error::Unavailable) also if the upload is open and its file is not there:
/// nobody removes it before the upload ends.
#[derive(Debug)]
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
        Ok(Some(file.ok_or_else(|| crate::Error::Unavailable(missing()))?))
    }
}
