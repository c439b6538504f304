//! Making somebody an administrator, and no longer.

use crate::{
    App, Command, Refusal, Result,
    administrator::Administrator,
    domain::{Role, UserId, VersionMatch},
    events::Event,
    origin::Origin,
    store::administrators,
};

/// Changes what an account may do. It takes effect with the answer: the next request of an
/// administrator who is no longer one is refused.
///
/// Refused with [`UserNotFound`](Refusal::UserNotFound),
/// [`VersionMismatch`](Refusal::VersionMismatch), [`LastAdmin`](Refusal::LastAdmin), and with
/// [`UserUnverified`](Refusal::UserUnverified) if the account's address is not proven: whoever
/// registers that address next would get the account, and its role with it. The role it has
/// already is no mistake and leaves no event.
#[derive(Debug)]
pub struct ChangeRole {
    /// Who asks.
    pub by: Administrator,
    /// Whose role.
    pub user_id: UserId,
    /// The new role.
    pub role: Role,
    /// The version it starts from.
    pub if_match: VersionMatch,
}

impl Command for ChangeRole {
    type Output = ();
    const NAME: &'static str = "change_role";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let Self { by, user_id, role, if_match } = self;
        let mut tx = app.begin(origin).await?;
        let user = administrators::lock_target(&mut tx, by, user_id).await?;
        if_match.check(user.version)?;
        if user.role == role {
            return Ok(());
        }
        if role == Role::Admin && !user.is_verified {
            return Err(Refusal::UserUnverified.into());
        }
        let version = sqlx::query_scalar!(
            "update users set role = $2, version = version + 1
             where user_id = $1 returning version",
            user_id.0,
            role.as_str(),
        )
        .fetch_one(tx.sql())
        .await?;
        if user.role == Role::Admin {
            administrators::keep_one(&mut tx).await?;
        }
        tx.emit(Event::RoleChanged { user_id, version, actor_id: by.user_id(), role });
        tx.commit().await
    }
}
