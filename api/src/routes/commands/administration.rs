//! `DELETE /v1/users/{id}`, `PUT /v1/users/{id}/role`, `PUT /v1/users/{id}/status`,
//! `POST /v1/users/{id}/password-resets`, `POST /v1/users/{id}/mails/{mail_id}/resend`,
//! `DELETE /v1/users/{id}/sessions`.

use keyward_core::domain::{MailId, StatusReason};

use crate::routes::{
    prelude::*,
    queries::users::{Role, Status, UserAnswer},
};

pub(crate) struct AdministrationCommands;

/// A new role.
#[derive(Debug, Object)]
pub(crate) struct RoleChange {
    /// The new role of the account.
    role: Role,
}

/// A new status.
#[derive(Debug, Object)]
pub(crate) struct StatusChange {
    /// The new status of the account.
    status: Status,
    /// The reason, at most 500 characters. Only administrators can read it.
    reason: Option<String>,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Administration")]
impl AdministrationCommands {
    /// Change the role of an account
    ///
    /// Takes effect before the response. Fails with `last_admin` if the account is the last active
    /// administrator.
    #[oai(path = "/users/:id/role", method = "put", operation_id = "change_role")]
    async fn change_role(
        &self,
        admin: Scoped<'_, UsersWrite>,
        /// The id of the account.
        id: Path<Uuid>,
        /// The `ETag` of the account.
        #[oai(name = "If-Match")]
        if_match: IfMatch<true>,
        body: Body<RoleChange>,
    ) -> Result<UserAnswer, Problem> {
        let (user_id, role, if_match) = (UserId(id.0), body.whole()?.role.into(), if_match.0);
        admin.execute(commands::ChangeRole { by: admin.by, user_id, role, if_match }).await?;
        UserAnswer::of(&admin, user_id).await
    }

    /// Disable or enable an account
    ///
    /// Disabling ends every session and invalidates every link of the account; enabling does not
    /// restore them. Fails with `last_admin` if the account is the last active administrator.
    #[oai(path = "/users/:id/status", method = "put", operation_id = "change_status")]
    async fn change_status(
        &self,
        admin: Scoped<'_, UsersWrite>,
        /// The id of the account.
        id: Path<Uuid>,
        /// The `ETag` of the account.
        #[oai(name = "If-Match")]
        if_match: IfMatch<true>,
        body: Body<StatusChange>,
    ) -> Result<UserAnswer, Problem> {
        let (body, mut flaws) = body.parts();
        let reason = StatusReason::parse_optional(body.reason.as_deref().unwrap_or_default());
        let reason = flaws.check("/reason", reason);
        let (reason, status) = (flaws.all(reason)?, body.status.into());
        let (by, user_id, if_match) = (admin.by, UserId(id.0), if_match.0);
        admin.execute(commands::ChangeStatus { by, user_id, status, reason, if_match }).await?;
        UserAnswer::of(&admin, user_id).await
    }

    /// Delete an account
    ///
    /// Deletes the account and its personal data. The email address can be registered again. Fails
    /// with `last_admin` if the account is the last active administrator.
    #[oai(path = "/users/:id", method = "delete", operation_id = "delete_user")]
    async fn delete_user(
        &self,
        admin: Scoped<'_, UsersWrite>,
        /// The id of the account.
        id: Path<Uuid>,
        /// Delete the account only if it still has this `ETag`.
        #[oai(name = "If-Match")]
        if_match: IfMatch<false>,
    ) -> Result<NoContent, Problem> {
        let (user_id, if_match) = (UserId(id.0), if_match.0);
        admin.answer(commands::DeleteUser { by: admin.by, user_id, if_match }).await
    }

    /// Force a password reset
    ///
    /// Invalidates the current password, ends every session, and emails a reset link to the owner of
    /// the account.
    #[oai(
        path = "/users/:id/password-resets",
        method = "post",
        operation_id = "force_password_reset"
    )]
    async fn force_password_reset(
        &self,
        admin: Scoped<'_, UsersWrite>,
        /// The id of the account.
        id: Path<Uuid>,
        /// Makes the request safe to repeat: 1 to 255 visible ASCII characters.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
    ) -> Result<Accepted<MailPlanned>, Problem> {
        let command = commands::ForcePasswordReset { by: admin.by, user_id: UserId(id.0) };
        admin.once(key).await?.answer(command).await
    }

    /// Send an email again
    ///
    /// Sends an email of the account again, with a fresh link if it has one, and lifts the suppression of
    /// its recipient. Fails with `mail_obsolete` if the email is no longer due.
    #[oai(path = "/users/:id/mails/:mail_id/resend", method = "post", operation_id = "resend_mail")]
    async fn resend_mail(
        &self,
        admin: Scoped<'_, UsersWrite>,
        /// The id of the account.
        id: Path<Uuid>,
        /// The id of the email.
        mail_id: Path<Uuid>,
        /// Makes the request safe to repeat: 1 to 255 visible ASCII characters.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
    ) -> Result<Accepted<MailPlanned>, Problem> {
        let (user_id, mail_id) = (UserId(id.0), MailId(mail_id.0));
        let command = commands::ResendMail { by: admin.by, user_id, mail_id };
        admin.once(key).await?.answer(command).await
    }

    /// End every session of an account
    #[oai(path = "/users/:id/sessions", method = "delete", operation_id = "end_user_sessions")]
    async fn end_user_sessions(
        &self,
        admin: Scoped<'_, UsersWrite>,
        /// The id of the account.
        id: Path<Uuid>,
    ) -> Result<NoContent, Problem> {
        admin.answer(commands::EndUserSessions { by: admin.by, user_id: UserId(id.0) }).await
    }
}
