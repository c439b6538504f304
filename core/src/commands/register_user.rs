//! Registering an account.

use anyhow::anyhow;

use super::prelude::*;
use crate::{
    domain::{
        AcceptedPassword, DisplayName, EmailAddress, MailId, MailKind, Purpose, Role, UserId,
    },
    infra::passwords::PasswordHash,
};

/// Creates an account. Its address stays unverified until the owner follows the emailed link.
///
/// The caller cannot tell whether the address is taken (OWASP ASVS 5.0, 6.3.8): the owner of a taken
/// one gets an email that says so. An unverified account goes to the last person who registers it,
/// with a new link and the new password; a squatter loses the address.
///
/// A mailbox that has reached its limits gets no email, which the caller cannot tell. Older links
/// of an unverified account then stay alive, but its password is removed: no one knows whose it was,
/// and the person who reads the mailbox sets a new one.
///
/// With `REGISTRATION_DISCLOSURE=conflict` an address that has an account, verified or not, is
/// refused with [`EmailTaken`](Refusal::EmailTaken) instead; the owner of the mailbox then evicts a
/// squatter with a password reset.
pub struct RegisterUser {
    /// The address.
    pub email: EmailAddress,
    /// The display name.
    pub display_name: DisplayName,
    /// The password.
    pub password: AcceptedPassword,
}

/// What the caller may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// Only that an email is on its way.
    SeeMail,
    /// The new account (`REGISTRATION_DISCLOSURE=conflict` only).
    Account(UserId),
}

impl Command for RegisterUser {
    type Output = Registered;
    const NAME: &'static str = "register_user";

    async fn handle(self, app: &App, origin: &Origin) -> Result<Registered> {
        let password_hash = app.hasher.hash(&self.password).await?;

        let mut tx = app.begin(origin).await?;
        let user = NewUser {
            email: &self.email,
            display_name: &self.display_name,
            password_hash: &password_hash,
            role: Role::User,
            verified_at: None,
        };
        let user = users::insert(&mut tx, user).await?;
        let is_disclosed = app.settings.discloses_accounts;
        if user.is_none() && is_disclosed {
            return Err(Refusal::EmailTaken.into());
        }
        let id = match user {
            Some(user) => {
                let may_mail = self.may_mail_link(app, origin).await;
                let mail_id = plan_link(&mut tx, may_mail.then_some(&user)).await?;
                tx.emit(Event::UserRegistered { user_id: user.id, version: user.version, mail_id });
                user.id
            }
            None => self.repeat(&mut tx, app, &password_hash).await?,
        };
        tx.commit().await?;
        Ok(if is_disclosed { Registered::Account(id) } else { Registered::SeeMail })
    }
}

impl RegisterUser {
    /// The address has an account: if it is taken, its owner gets an email; otherwise the account
    /// changes hands.
    async fn repeat(&self, tx: &mut Tx, app: &App, hash: &PasswordHash) -> Result<UserId> {
        let mut user = users::lock_by_email(tx, &self.email).await?.ok_or_else(|| {
            Error::Unavailable(anyhow!("the account was deleted at the same moment"))
        })?;
        if user.keeps_its_address() {
            // A dummy: a taken address costs the same rows as a free one.
            links::issue(tx, Purpose::VerifyEmail, None, None).await?;
            let may_mail = app.may_mail_notice(&self.email).await;
            let to = may_mail.then_some(&user);
            let mail_id = mails::plan(tx, MailKind::AlreadyRegistered, to).await?;
            tx.emit(Event::RegistrationRepeated {
                user_id: user.id,
                version: user.version,
                mail_id,
            });
            return Ok(user.id);
        }
        let may_mail = self.may_mail_link(app, &tx.origin).await;
        let patch = match may_mail {
            true => UserPatch {
                email: Some(&self.email),
                display_name: Some(self.display_name.as_str()),
                password_hash: Some(Some(hash)),
                ..UserPatch::default()
            },
            false => UserPatch { password_hash: Some(None), ..UserPatch::default() },
        };
        users::update(tx, &mut user, patch).await?;
        let to = may_mail.then_some(&user);
        let owner = to.map(|user| user.id);
        links::revoke(tx, owner, Revoked::Of(Purpose::ResetPassword)).await?;
        let mail_id = plan_link(tx, to).await?;
        tx.emit(Event::VerificationRequested { user_id: user.id, version: user.version, mail_id });
        Ok(user.id)
    }

    async fn may_mail_link(&self, app: &App, origin: &Origin) -> bool {
        app.may_mail_link(Purpose::VerifyEmail, &self.email, origin, true).await
    }
}

async fn plan_link(tx: &mut Tx, to: Option<&LockedUser>) -> Result<MailId> {
    let (kind, purpose) = (MailKind::Verification, Purpose::VerifyEmail);
    Ok(mails::plan_link(tx, kind, purpose, to).await?.0)
}
