//! Giving an upload up.

use crate::{App, Command, Result, domain::AvatarUploadId, origin::Origin, store::avatars};

/// Ends an upload that cannot become a picture. The account keeps the picture it has. One that has
/// ended before is left alone.
#[derive(Debug)]
pub struct RejectUpload {
    /// The upload.
    pub upload_id: AvatarUploadId,
    /// Why, in words for whoever uploaded it; nothing of the file is repeated in it.
    pub reason: String,
}

impl Command for RejectUpload {
    type Output = ();
    const NAME: &'static str = "reject_upload";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let mut tx = app.begin(origin).await?;
        if avatars::lock_owner(&mut tx, self.upload_id).await?.is_some() {
            avatars::fail(&mut tx, self.upload_id, &self.reason).await?;
        }
        tx.commit().await
    }
}
