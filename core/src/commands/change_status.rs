//! Disabling accounts, and enabling them again (OWASP ASVS 5.0, 7.4.2).

use crate::{
    App, Command, Result,
    administrator::Administrator,
    app::Tx,
    domain::{EndReason, Role, Status, StatusReason, UserId, VersionMatch},
    events::Event,
    origin::Origin,
    store::{administrators, links, sessions},
};

/// Disables an account or enables it again. Disabled, it has no session and no open link any more:
/// what it held is dead also after it is enabled. It takes effect with the answer.
///
/// Refused with [`UserNotFound`](crate::Refusal::UserNotFound),
/// [`VersionMismatch`](crate::Refusal::VersionMismatch) and
/// [`LastAdmin`](crate::Refusal::LastAdmin). The status it has already is no mistake and leaves no
/// event.
#[derive(Debug)]
pub struct ChangeStatus {
    /// Who asks.
    pub by: Administrator,
    /// Whose status.
    pub user_id: UserId,
    /// The new status.
    pub status: Status,
    /// Why; only administrators read it.
    pub reason: Option<StatusReason>,
    /// The version it starts from.
    pub if_match: VersionMatch,
}

impl Command for ChangeStatus {
    type Output = ();
    const NAME: &'static str = "change_status";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let mut tx = app.begin(origin).await?;
        let user = administrators::lock_target(&mut tx, self.by, self.user_id).await?;
        self.if_match.check(user.version)?;
        if user.is_active == (self.status == Status::Active) {
            return Ok(());
        }
        let version = self.change(&mut tx).await?;
        let (user_id, actor_id) = (self.user_id, self.by.user_id());
        if self.status == Status::Active {
            tx.emit(Event::UserEnabled { user_id, version, actor_id });
            return tx.commit().await;
        }
        links::revoke_all(&mut tx, user_id).await?;
        sessions::end_all(&mut tx, user_id, version, None, EndReason::Disabled).await?;
        if user.role == Role::Admin {
            administrators::keep_one(&mut tx).await?;
        }
        tx.emit(Event::UserDisabled { user_id, version, actor_id });
        tx.commit().await
    }
}

impl ChangeStatus {
    /// Changes the row and notes why. Returns the new version.
    async fn change(&self, tx: &mut Tx) -> Result<i64> {
        let now = tx.now;
        Ok(sqlx::query_scalar!(
            "with changed as (
                 update users set status = $2, version = version + 1
                 where user_id = $1 returning version
             )
             insert into status_changes (user_id, version, status, reason, actor_id, changed_at)
             select $1, version, $2, $3, $4, $5 from changed
             returning version",
            self.user_id.0,
            self.status.as_str(),
            self.reason.as_ref().map(StatusReason::as_str),
            self.by.user_id().map(|id| id.0),
            now,
        )
        .fetch_one(tx.sql())
        .await?)
    }
}
