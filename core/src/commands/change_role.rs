//! Changing the role of an account.

use super::prelude::*;
use crate::domain::{Role, UserId, VersionMatch};

/// Changes the role of an account. It takes effect with the answer: the next request of a demoted
/// administrator is refused. Setting the present role changes nothing and emits no event.
///
/// Refused with [`UserNotFound`](Refusal::UserNotFound),
/// [`VersionMismatch`](Refusal::VersionMismatch), [`LastAdmin`](Refusal::LastAdmin), and with
/// [`UserUnverified`](Refusal::UserUnverified) for an unverified account: the next person to register
/// its address would take over the account and its role.
pub struct ChangeRole {
    /// The administrator.
    pub by: Administrator,
    /// The account.
    pub user_id: UserId,
    /// The new role.
    pub role: Role,
    /// The versions it may start from.
    pub if_match: VersionMatch,
}

impl Command for ChangeRole {
    type Output = ();
    const NAME: &'static str = "change_role";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let Self { by, user_id, role, if_match } = self;
        let (mut tx, mut user) = administrators::begin_on(app, origin, by, user_id).await?;
        if_match.check(user.version)?;
        if user.role == role {
            return Ok(());
        }
        if role == Role::Admin && !user.is_verified {
            return Err(Refusal::UserUnverified.into());
        }
        let old = user.role;
        let patch = UserPatch { role: Some(role), ..UserPatch::default() };
        users::update(&mut tx, &mut user, patch).await?;
        administrators::require_one(&mut tx, old).await?;
        let version = user.version;
        tx.emit(Event::RoleChanged { user_id, version, actor_id: by.id(), role });
        tx.commit().await
    }
}
