//! `PUT` and `DELETE /v1/users/me/avatar` and `/v1/users/{id}/avatar`.

use keyward_core::{
    App, Refusal, administrator,
    commands::{RemoveAvatar, UploadAvatar},
    domain::UserId,
    origin::Origin,
};
use poem::web::Data;
use poem_openapi::{ApiResponse, Object, OpenApi, param::Path, payload::Json};
use uuid::Uuid;

use super::Done;
use crate::http::{auth::Administrator, problem::Failure, tags::Tag, upload::Upload};

pub(crate) struct AvatarCommands;

/// The renditions are being made.
#[derive(Debug, Object)]
pub(crate) struct UploadTaken {
    /// Always `processing`.
    status: String,
}

#[derive(ApiResponse)]
enum Taken {
    /// The picture is being worked on; it is shown within seconds.
    #[oai(status = 202)]
    Processing(
        Json<UploadTaken>,
        /// Where to see what became of it.
        #[oai(header = "Location")]
        String,
    ),
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Avatars")]
impl AvatarCommands {
    /// Give myself a picture
    ///
    /// For administrators only. JPEG, PNG or WebP; what is shown is the square in its middle.
    #[oai(path = "/users/me/avatar", method = "put", operation_id = "upload_my_avatar")]
    async fn upload_my_avatar(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        by: Administrator,
        upload: Upload,
    ) -> Result<Taken, Failure> {
        upload_avatar(&app, &origin, by.0, own(by.0)?, upload).await
    }

    /// Give somebody a picture
    ///
    /// For administrators only. JPEG, PNG or WebP; what is shown is the square in its middle.
    #[oai(path = "/users/:id/avatar", method = "put", operation_id = "upload_avatar")]
    async fn upload_avatar(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        by: Administrator,
        /// The account.
        id: Path<Uuid>,
        upload: Upload,
    ) -> Result<Taken, Failure> {
        upload_avatar(&app, &origin, by.0, UserId(id.0), upload).await
    }

    /// Go back to my default picture
    ///
    /// For administrators only.
    #[oai(path = "/users/me/avatar", method = "delete", operation_id = "remove_my_avatar")]
    async fn remove_my_avatar(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        by: Administrator,
    ) -> Result<Done, Failure> {
        app.execute(RemoveAvatar { by: by.0, user_id: own(by.0)? }, &origin).await?;
        Ok(Done::NoContent)
    }

    /// Give somebody the default picture back
    ///
    /// For administrators only.
    #[oai(path = "/users/:id/avatar", method = "delete", operation_id = "remove_avatar")]
    async fn remove_avatar(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        by: Administrator,
        /// The account.
        id: Path<Uuid>,
    ) -> Result<Done, Failure> {
        app.execute(RemoveAvatar { by: by.0, user_id: UserId(id.0) }, &origin).await?;
        Ok(Done::NoContent)
    }
}

/// The account of whoever asks. The command line has none, and asks no route.
fn own(by: administrator::Administrator) -> Result<UserId, Refusal> {
    by.user_id().ok_or(Refusal::UserNotFound)
}

async fn upload_avatar(
    app: &App,
    origin: &Origin,
    by: administrator::Administrator,
    user_id: UserId,
    upload: Upload,
) -> Result<Taken, Failure> {
    let command = UploadAvatar { by, user_id, picture: upload.pieces() };
    let id = app.execute(command, origin).await?;
    let location = format!("/v1/avatar-uploads/{id}");
    Ok(Taken::Processing(Json(UploadTaken { status: "processing".into() }), location))
}
