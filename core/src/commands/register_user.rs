//! Opening an account.

use anyhow::anyhow;

use crate::{
    App, Command, Error, Refusal, Result,
    app::Tx,
    domain::{DisplayName, EmailAddress, MailId, MailKind, Password, Purpose, UserId},
    events::Event,
    infra::passwords::PasswordHash,
    origin::Origin,
    settings::Disclosure,
    store::{
        links, mails,
        users::{self, NewUser},
    },
};

/// Opens an account. Its address stays unproven until its owner follows the mailed link.
///
/// Whoever asks cannot tell whether the address is taken (OWASP ASVS 5.0, 6.3.8): the
/// owner of a taken one is told by mail. An unproven account is given to whoever registers last,
/// with a new link and the new password; whoever squatted on the address before is out.
///
/// A mailbox that strangers have sent too many mails to already (`LIMIT_MAILBOX`) gets none, and
/// nobody can tell. The older links of an unproven account stay alive then, but its password is
/// taken away: nobody knows any more whose it was, and the one who can read the mail sets a new one.
///
/// With `REGISTRATION_DISCLOSURE=conflict` an address that has an account, proven or not, is
/// refused with [`EmailTaken`](Refusal::EmailTaken) instead; the owner of the mailbox then gets rid
/// of a squatter by setting a password by mail.
#[derive(Debug)]
pub struct RegisterUser {
    /// The address.
    pub email: EmailAddress,
    /// The name to show.
    pub display_name: DisplayName,
    /// The password; checked against the policy.
    pub password: Password,
}

/// What the caller may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// Whatever there is to say is in the mail.
    SeeMail,
    /// There is a new account (`REGISTRATION_DISCLOSURE=conflict` only).
    Account(UserId),
}

impl Command for RegisterUser {
    type Output = Registered;
    const NAME: &'static str = "register_user";

    async fn handle(self, app: &App, origin: &Origin) -> Result<Registered> {
        let context = [self.email.as_str(), self.display_name.as_str()];
        app.policy
            .check(&self.password, &context)
            .map_err(|flaw| Refusal::invalid("/password", flaw))?;
        let password_hash = app.hasher.hash(&self.password).await?;

        let mut tx = app.begin(origin).await?;
        let id = match self.open(&mut tx, &password_hash, app).await? {
            Some(id) => id,
            None => self.open_again(&mut tx, &password_hash, app).await?,
        };
        tx.commit().await?;
        Ok(match app.settings.registration_disclosure {
            Disclosure::None => Registered::SeeMail,
            Disclosure::Conflict => Registered::Account(id),
        })
    }
}

impl RegisterUser {
    /// Opens the account, if the address is free.
    async fn open(&self, tx: &mut Tx, hash: &PasswordHash, app: &App) -> Result<Option<UserId>> {
        let user_id = UserId::new();
        if !users::insert(tx, self.new_user(user_id, hash)).await? {
            return Ok(None);
        }
        let to = app.may_mail(&self.email, true).await.then_some(user_id);
        let mail_id = send_link(tx, to, app).await?;
        tx.emit(Event::UserRegistered { user_id, version: 1, mail_id });
        Ok(Some(user_id))
    }

    /// The address has an account already: proven, its owner is told; unproven, it changes hands.
    async fn open_again(&self, tx: &mut Tx, hash: &PasswordHash, app: &App) -> Result<UserId> {
        let user = users::lock_by_email(tx, &self.email)
            .await?
            .ok_or_else(|| Error::Unavailable(anyhow!("the account was deleted in this moment")))?;
        let user_id = user.id;
        if app.settings.registration_disclosure == Disclosure::Conflict {
            return Err(Refusal::EmailTaken.into());
        }
        if user.keeps_its_address() {
            // Leads nowhere: a taken address costs the same rows as a free one.
            links::issue(tx, Purpose::VerifyEmail, None, app.settings.life.verify_link).await?;
            let to = app.may_mail(&self.email, true).await.then_some(user_id);
            let mail_id = mails::plan(tx, MailKind::AlreadyRegistered, to, None).await?;
            tx.emit(Event::RegistrationRepeated { user_id, version: user.version, mail_id });
            return Ok(user_id);
        }
        let to = app.may_mail(&self.email, true).await.then_some(user_id);
        let version = match to {
            Some(id) => users::replace_unproven(tx, id, self.new_user(id, hash)).await?,
            None => users::remove_password(tx, user_id).await?,
        };
        links::revoke(tx, Purpose::ResetPassword, to).await?;
        let mail_id = send_link(tx, to, app).await?;
        tx.emit(Event::VerificationRequested { user_id, version, mail_id });
        Ok(user_id)
    }

    fn new_user<'a>(&'a self, id: UserId, password_hash: &'a PasswordHash) -> NewUser<'a> {
        NewUser { id, email: &self.email, display_name: &self.display_name, password_hash }
    }
}

/// Plans the mail with the link that proves the address; to nobody, if it would be one too many.
async fn send_link(tx: &mut Tx, to: Option<UserId>, app: &App) -> Result<MailId> {
    let life = app.settings.life.verify_link;
    let link = links::issue(tx, Purpose::VerifyEmail, to, life).await?;
    mails::plan(tx, MailKind::Verification, to, Some(link)).await
}
