//! Reauthentication by password before changes that could lock the owner out (OWASP ASVS 5.0, 7.5.1;
//! NIST SP 800-63B-4, section 5.2).

use crate::{
    App, Refusal, Result,
    app::{Actor, Tx},
    domain::Password,
    infra::passwords::PasswordHash,
    origin::Origin,
    store::{LockedUser, sessions, users},
};

/// Reauthentication in three steps: look up the account, check the password without holding a lock, and
/// confirm in the unit of work that the account has not changed.
pub(crate) struct Reauthentication {
    actor: Actor,
    /// The account as of the look-up.
    pub(crate) user: LockedUser,
    hash: Option<PasswordHash>,
}

impl Reauthentication {
    /// Looks up the account and its password.
    ///
    /// # Errors
    ///
    /// [`Refusal::SessionEnded`] if the session has ended or the account is not active.
    pub(crate) async fn begin(app: &App, origin: &Origin, actor: Actor) -> Result<Self> {
        let mut look = app.begin(origin).await?;
        let user = sessions::authorize(&mut look, actor).await?;
        let hash = users::password_hash(&mut look, actor.user_id).await?;
        Ok(Self { actor, user, hash })
    }

    /// Checks the password. Costs one hash.
    ///
    /// # Errors
    ///
    /// [`Refusal::WrongPassword`]; [`Refusal::Busy`] if the queue of the hasher is full.
    pub(crate) async fn check(&self, app: &App, typed: &Password) -> Result<()> {
        let is_right = app.hasher.verify(typed, self.hash.as_ref()).await?;
        if is_right { Ok(()) } else { Err(Refusal::WrongPassword.into()) }
    }

    /// Locks the account if its session is alive and its password has not changed since the check. A
    /// login that replaced an outdated hash has kept the version, so the password is the same.
    ///
    /// # Errors
    ///
    /// [`Refusal::SessionEnded`]; [`Refusal::WrongPassword`] if the password has changed.
    pub(crate) async fn authorize(self, tx: &mut Tx) -> Result<LockedUser> {
        let user = sessions::authorize(tx, self.actor).await?;
        let hash = users::password_hash(tx, user.id).await?;
        let is_same = hash.map(|hash| hash.0) == self.hash.map(|hash| hash.0);
        if is_same || user.version == self.user.version {
            Ok(user)
        } else {
            Err(Refusal::WrongPassword.into())
        }
    }
}
