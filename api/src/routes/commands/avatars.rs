//! `PUT` and `DELETE /v1/users/me/avatar` and `/v1/users/{id}/avatar`.

use crate::{http::upload::Upload, routes::prelude::*};

pub(crate) struct AvatarCommands;

#[derive(ApiResponse)]
enum UploadAccepted {
    /// The image is being processed. It replaces the current avatar within seconds.
    #[oai(status = 202)]
    Processing(
        Json<UploadTaken>,
        /// The URL of the status of the upload.
        #[oai(header = "Location")]
        String,
    ),
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Avatars")]
impl AvatarCommands {
    /// Upload your avatar
    ///
    /// Administrators only. Accepts JPEG, PNG and WebP. The image is cropped to the square in its
    /// centre.
    #[oai(path = "/users/me/avatar", method = "put", operation_id = "upload_my_avatar")]
    async fn upload_my_avatar(
        &self,
        admin: AdminUser<'_>,
        upload: Upload,
    ) -> Result<UploadAccepted, Problem> {
        upload_avatar(&admin, admin.actor.user_id, upload).await
    }

    /// Upload the avatar of an account
    ///
    /// Administrators only. Accepts JPEG, PNG and WebP. The image is cropped to the square in its
    /// centre.
    #[oai(path = "/users/:id/avatar", method = "put", operation_id = "upload_avatar")]
    async fn upload_avatar(
        &self,
        admin: AdminUser<'_>,
        /// The id of the account.
        id: Path<Uuid>,
        upload: Upload,
    ) -> Result<UploadAccepted, Problem> {
        upload_avatar(&admin, UserId(id.0), upload).await
    }

    /// Delete your avatar
    ///
    /// Administrators only. Restores the default avatar.
    #[oai(path = "/users/me/avatar", method = "delete", operation_id = "remove_my_avatar")]
    async fn remove_my_avatar(&self, admin: AdminUser<'_>) -> Result<NoContent, Problem> {
        let user_id = admin.actor.user_id;
        admin.answer(commands::RemoveAvatar { by: admin.by, user_id }).await
    }

    /// Delete the avatar of an account
    ///
    /// Administrators only. Restores the default avatar.
    #[oai(path = "/users/:id/avatar", method = "delete", operation_id = "remove_avatar")]
    async fn remove_avatar(
        &self,
        admin: AdminUser<'_>,
        /// The id of the account.
        id: Path<Uuid>,
    ) -> Result<NoContent, Problem> {
        admin.answer(commands::RemoveAvatar { by: admin.by, user_id: UserId(id.0) }).await
    }
}

async fn upload_avatar(
    admin: &AdminUser<'_>,
    user_id: UserId,
    upload: Upload,
) -> Result<UploadAccepted, Problem> {
    let command = commands::UploadAvatar { by: admin.by, user_id, picture: upload.0 };
    let location = format!("/v1/avatar-uploads/{}", admin.execute(command).await?);
    Ok(UploadAccepted::Processing(Json(().into()), location))
}
