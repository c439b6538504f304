//! Disabling and enabling an account (OWASP ASVS 5.0, 7.4.2).

use super::prelude::*;
use crate::domain::{EndReason, Status, StatusReason, UserId, VersionMatch};

/// Disables or enables an account. Disabling it ends all its sessions and revokes its open links for
/// good. It takes effect with the answer. Setting the present status changes nothing and emits no
/// event.
///
/// Refused with [`UserNotFound`](crate::Refusal::UserNotFound),
/// [`VersionMismatch`](crate::Refusal::VersionMismatch) and
/// [`LastAdmin`](crate::Refusal::LastAdmin).
pub struct ChangeStatus {
    /// The administrator.
    pub by: Administrator,
    /// The account.
    pub user_id: UserId,
    /// The new status.
    pub status: Status,
    /// The reason, for administrators only.
    pub reason: Option<StatusReason>,
    /// The versions it may start from.
    pub if_match: VersionMatch,
}

impl Command for ChangeStatus {
    type Output = ();
    const NAME: &'static str = "change_status";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let Self { by, user_id, status, reason, if_match } = self;
        let (mut tx, mut user) = administrators::begin_on(app, origin, by, user_id).await?;
        if_match.check(user.version)?;
        if user.is_active == (status == Status::Active) {
            return Ok(());
        }
        let patch = UserPatch { status: Some(status), ..UserPatch::default() };
        users::update(&mut tx, &mut user, patch).await?;
        let (version, actor_id) = (user.version, by.id());
        sqlx::query!(
            "insert into status_changes (user_id, version, status, reason, actor_id, changed_at)
             values ($1, $2, $3, $4, $5, $6)",
            user_id.0,
            version,
            status.as_str(),
            reason.as_ref().map(StatusReason::as_str),
            actor_id.map(|id| id.0),
            tx.now,
        )
        .execute(tx.sql())
        .await?;
        if status == Status::Active {
            tx.emit(Event::UserEnabled { user_id, version, actor_id });
            return tx.commit().await;
        }
        links::revoke(&mut tx, Some(user_id), Revoked::All).await?;
        sessions::end(&mut tx, &user, Ended::All, EndReason::Disabled).await?;
        administrators::require_one(&mut tx, user.role).await?;
        tx.emit(Event::UserDisabled { user_id, version, actor_id });
        tx.commit().await
    }
}
