//! Rejecting an avatar upload.

use crate::{commands::prelude::*, domain::AvatarUploadId};

/// Ends an open upload that cannot become a picture. The account keeps its picture.
pub struct RejectUpload {
    /// The upload.
    pub upload_id: AvatarUploadId,
    /// Why, for the administrator who uploaded it; repeats nothing of the file.
    pub reason: String,
}

impl Command for RejectUpload {
    type Output = ();
    const NAME: &'static str = "reject_upload";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let mut tx = app.begin(origin).await?;
        avatars::fail(&mut tx, self.upload_id, &self.reason).await?;
        tx.commit().await
    }
}
