//! Registering an account.

use anyhow::anyhow;
use serde::{Deserialize, Serialize};

use super::prelude::*;
use crate::{
    domain::{
        AcceptedPassword, DisplayName, EmailAddress, MailId, MailKind, Purpose, Role, UserId,
    },
    infra::passwords::PasswordHash,
    languages::Locale,
};

/// Creates an account. Its address stays unverified until the owner follows the emailed link.
///
/// The caller cannot tell whether the address is taken (OWASP ASVS 5.0, 6.3.8): the owner of a taken
/// one gets an email that says so.
///
/// An unverified account that is registered again gets one more link, and the older ones stay alive. If
/// the passwords differ, it loses password and name, because no one knows whose they are: it belongs to
/// the person who proves the address and sets a password then (see
/// [`ConfirmEmail`](super::ConfirmEmail)). It takes the language of the newest registration.
///
/// A mailbox that has reached its limits gets no email, which the caller cannot tell.
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
    /// The language of emails and pages.
    pub locale: Locale,
}

/// What the caller may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
        // A concurrent registration may change the account between the check and the lock; then try
        // again.
        for _ in 0..2 {
            if let Some(registered) = self.register(app, origin).await? {
                return Ok(registered);
            }
        }
        Err(Error::Unavailable(anyhow!("the account was changed or deleted at the same moment")))
    }
}

impl RegisterUser {
    /// Registers the address; `None` if its account changed meanwhile.
    async fn register(&self, app: &App, origin: &Origin) -> Result<Option<Registered>> {
        // The same work for every address: one hash.
        let known = users::unverified_password(app, &self.email).await?;
        let password_hash = match &known {
            Some(registered) => {
                let is_same = app.hasher.verify(&self.password, Some(registered)).await?;
                is_same.then(|| registered.clone())
            }
            None => Some(app.hasher.hash(&self.password).await?),
        };

        let mut tx = app.begin(origin).await?;
        let user = NewUser {
            email: &self.email,
            display_name: &self.display_name,
            locale: self.locale,
            password_hash: password_hash.as_ref(),
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
                let mail_id = self.plan_link(&mut tx, app, &user).await?;
                tx.emit(Event::UserRegistered { user_id: user.id, version: user.version, mail_id });
                user.id
            }
            None => match users::lock_by_email(&mut tx, &self.email).await? {
                Some(user) if user.keeps_its_address() => self.notify(&mut tx, app, &user).await?,
                Some(user) if user.password_hash.is_none() || user.password_hash == known => {
                    self.compete(&mut tx, app, user, password_hash.as_ref()).await?
                }
                _ => return Ok(None),
            },
        };
        let registered = if is_disclosed { Registered::Account(id) } else { Registered::SeeMail };
        tx.complete(registered).await.map(Some)
    }

    /// Emails the owner of a taken address that someone tried to register with it.
    async fn notify(&self, tx: &mut Tx, app: &App, user: &LockedUser) -> Result<UserId> {
        // A dummy: a taken address costs the same rows as a free one.
        links::add(tx, Purpose::VerifyEmail, None, None).await?;
        let may_mail = app.may_mail_notice(&self.email).await;
        let to = may_mail.then_some(user);
        let mail_id = mails::plan(tx, MailKind::AlreadyRegistered, to).await?;
        tx.emit(Event::RegistrationRepeated { user_id: user.id, version: user.version, mail_id });
        Ok(user.id)
    }

    /// Emails another link to an unverified account. Its password stays if it is this one.
    async fn compete(
        &self,
        tx: &mut Tx,
        app: &App,
        mut user: LockedUser,
        hash: Option<&PasswordHash>,
    ) -> Result<UserId> {
        let is_disputed = user.password_hash.is_some() && user.password_hash.as_ref() != hash;
        if is_disputed || user.locale != self.locale.as_str() {
            let patch = UserPatch {
                locale: Some(self.locale),
                display_name: is_disputed.then_some(DisplayName::NONE),
                password_hash: is_disputed.then_some(None),
                ..UserPatch::default()
            };
            users::update(tx, &mut user, patch).await?;
        }
        let mail_id = self.plan_link(tx, app, &user).await?;
        tx.emit(Event::VerificationRequested { user_id: user.id, version: user.version, mail_id });
        Ok(user.id)
    }

    /// Plans an email with a link. Older links stay alive.
    async fn plan_link(&self, tx: &mut Tx, app: &App, user: &LockedUser) -> Result<MailId> {
        let purpose = Purpose::VerifyEmail;
        let may_mail = app.may_mail_link(purpose, &self.email, &tx.origin, true).await;
        let (owner, to) = may_mail.then_some((user.id, user.recipient())).unzip();
        let link = links::add(tx, purpose, owner, None).await?;
        mails::plan_at(tx, MailKind::Verification, owner, to, Some(link)).await
    }
}
