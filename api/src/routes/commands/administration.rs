//! `DELETE /v1/users/{id}`, `PUT /v1/users/{id}/role`, `PUT /v1/users/{id}/status`,
//! `POST /v1/users/{id}/password-resets`, `DELETE /v1/users/{id}/sessions`.

use keyward_core::{
    App,
    commands::{ChangeRole, ChangeStatus, DeleteUser, EndUserSessions, ForcePasswordReset},
    domain::{StatusReason, UserId},
    origin::Origin,
};
use poem::web::Data;
use poem_openapi::{ApiResponse, Object, OpenApi, param::Path, payload::Json};
use uuid::Uuid;

use super::Done;
use crate::{
    http::{auth::Administrator, body::Body, etag::IfMatch, problem::Failure, tags::Tag},
    routes::queries::{Role, Status, UserAnswer, changed_user},
};

pub(crate) struct AdministrationCommands;

/// A new role.
#[derive(Debug, Object)]
pub(crate) struct RoleChange {
    /// What the account may do.
    role: Role,
}

/// A new status.
#[derive(Debug, Object)]
pub(crate) struct StatusChange {
    /// Whether the account may be used.
    status: Status,
    /// Why; 500 characters at most. Only administrators read it.
    reason: Option<String>,
}

/// What is in a mail to somebody else.
#[derive(Debug, Object)]
pub(crate) struct MailPlanned {
    /// Always `mail_planned`.
    status: String,
}

/// The answer of what sends a mail to somebody else.
#[derive(Debug, ApiResponse)]
pub(crate) enum Planned {
    /// A mail is on its way.
    #[oai(status = 202)]
    Mail(Json<MailPlanned>),
}

impl Planned {
    pub(crate) fn new() -> Self {
        Self::Mail(Json(MailPlanned { status: "mail_planned".into() }))
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Administration")]
impl AdministrationCommands {
    /// Change a role
    ///
    /// It takes effect with the answer. The last active administrator cannot be demoted.
    #[oai(path = "/users/:id/role", method = "put", operation_id = "change_role")]
    async fn change_role(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        by: Administrator,
        /// The account.
        id: Path<Uuid>,
        /// The account's `ETag`.
        #[oai(name = "If-Match")]
        if_match: IfMatch<true>,
        body: Body<RoleChange>,
    ) -> Result<UserAnswer, Failure> {
        let (user_id, role) = (UserId(id.0), body.whole()?.role.into());
        let command = ChangeRole { by: by.0, user_id, role, if_match: if_match.versions() };
        app.execute(command, &origin).await?;
        changed_user(&app, user_id).await
    }

    /// Disable an account, or enable it again
    ///
    /// A disabled account has no session and no open link any more, also after it is enabled
    /// again. The last active administrator cannot be disabled.
    #[oai(path = "/users/:id/status", method = "put", operation_id = "change_status")]
    async fn change_status(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        by: Administrator,
        /// The account.
        id: Path<Uuid>,
        /// The account's `ETag`.
        #[oai(name = "If-Match")]
        if_match: IfMatch<true>,
        body: Body<StatusChange>,
    ) -> Result<UserAnswer, Failure> {
        let (body, mut flaws) = body.parts();
        let reason = StatusReason::parse(body.reason.as_deref().unwrap_or_default());
        let reason = flaws.check("/reason", reason);
        let reason = flaws.all(reason)?;
        let (user_id, status) = (UserId(id.0), body.status.into());
        let if_match = if_match.versions();
        let command = ChangeStatus { by: by.0, user_id, status, reason, if_match };
        app.execute(command, &origin).await?;
        changed_user(&app, user_id).await
    }

    /// Delete an account
    ///
    /// With everything that belongs to it; its address is free again. The last active
    /// administrator cannot be deleted.
    #[oai(path = "/users/:id", method = "delete", operation_id = "delete_user")]
    async fn delete_user(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        by: Administrator,
        /// The account.
        id: Path<Uuid>,
        /// Delete it only if it still has this `ETag`.
        #[oai(name = "If-Match")]
        if_match: IfMatch<false>,
    ) -> Result<Done, Failure> {
        let command = DeleteUser { by: by.0, user_id: UserId(id.0), if_match: if_match.versions() };
        app.execute(command, &origin).await?;
        Ok(Done::NoContent)
    }

    /// Make somebody choose a new password
    ///
    /// The present password no longer works, every session ends, and a link is mailed to the
    /// owner of the account.
    #[oai(
        path = "/users/:id/password-resets",
        method = "post",
        operation_id = "force_password_reset"
    )]
    async fn force_password_reset(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        by: Administrator,
        /// The account.
        id: Path<Uuid>,
    ) -> Result<Planned, Failure> {
        app.execute(ForcePasswordReset { by: by.0, user_id: UserId(id.0) }, &origin).await?;
        Ok(Planned::new())
    }

    /// Log somebody out everywhere
    #[oai(path = "/users/:id/sessions", method = "delete", operation_id = "end_user_sessions")]
    async fn end_user_sessions(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        by: Administrator,
        /// The account.
        id: Path<Uuid>,
    ) -> Result<Done, Failure> {
        app.execute(EndUserSessions { by: by.0, user_id: UserId(id.0) }, &origin).await?;
        Ok(Done::NoContent)
    }
}
