//! Asking for the password again before something that can lock its owner out (OWASP ASVS 5.0,
//! 7.5.1; NIST SP 800-63B-4, section 5.2).

use crate::{
    App, Refusal, Result,
    app::{Actor, Tx},
    domain::Password,
    infra::passwords::PasswordHash,
    origin::Origin,
    store::{LockedUser, sessions, users},
};

/// The password of whoever is logged in, on its way to be checked: looked up, checked without
/// holding any lock, and looked at once more inside the unit of work.
pub(crate) struct Reauthentication {
    actor: Actor,
    /// The account as it was looked up.
    pub(crate) user: LockedUser,
    hash: Option<PasswordHash>,
}

impl Reauthentication {
    /// Looks up the account and its password.
    ///
    /// # Errors
    ///
    /// [`Refusal::SessionEnded`] if the session is over or the account not in use.
    pub(crate) async fn begin(app: &App, origin: &Origin, actor: Actor) -> Result<Self> {
        let mut look = app.begin(origin).await?;
        let user = sessions::authorize(&mut look, actor).await?;
        let hash = users::password_hash(&mut look, actor.user_id).await?;
        Ok(Self { actor, user, hash })
    }

    /// Whether what was typed is the password. Costs one hash.
    ///
    /// # Errors
    ///
    /// [`Refusal::WrongPassword`] if not; [`Refusal::Busy`] if too many are being checked already.
    pub(crate) async fn check(&self, app: &App, typed: &Password) -> Result<()> {
        let is_right = app.hasher.verify(typed, self.hash.as_ref()).await?;
        if is_right { Ok(()) } else { Err(Refusal::WrongPassword.into()) }
    }

    /// Locks the account, if its session is alive and its password still the one that was checked.
    /// A login that renewed the hash in this moment has left the version as it was: the password
    /// is the same.
    ///
    /// # Errors
    ///
    /// [`Refusal::SessionEnded`]; [`Refusal::WrongPassword`] if the password was changed meanwhile.
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
