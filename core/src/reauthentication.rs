//! Reauthentication by password before changes that could lock the owner out (OWASP ASVS 5.0, 7.5.1;
//! NIST SP 800-63B-4, section 5.2).

use crate::{
    App, Refusal, Result,
    app::{Actor, Tx},
    domain::Password,
    origin::Origin,
    store::{LockedUser, sessions},
};

/// Reauthentication in three steps: look up the account, check the password without holding a lock, and
/// confirm in the unit of work that the account has not changed.
pub(crate) struct Reauthentication {
    actor: Actor,
    /// The account as of the look-up.
    pub(crate) user: LockedUser,
}

impl Reauthentication {
    /// Looks up the account. No lock is held afterwards.
    ///
    /// # Errors
    ///
    /// [`Refusal::SessionEnded`] if the session has ended or the account is not active.
    pub(crate) async fn begin(app: &App, origin: &Origin, actor: Actor) -> Result<Self> {
        let (_, user) = sessions::begin(app, origin, actor).await?;
        Ok(Self { actor, user })
    }

    /// Checks the password. Costs one hash.
    ///
    /// # Errors
    ///
    /// [`Refusal::WrongPassword`]; [`Refusal::Busy`] if the queue of the hasher is full.
    pub(crate) async fn check(&self, app: &App, typed: &Password) -> Result<()> {
        let is_right = app.hasher.verify(typed, self.user.password_hash.as_ref()).await?;
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
        let is_same = user.password_hash == self.user.password_hash;
        let is_unchanged = is_same || user.version == self.user.version;
        Ok(is_unchanged.then_some(user).ok_or(Refusal::WrongPassword)?)
    }
}
