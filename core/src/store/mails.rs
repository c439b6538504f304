//! Table `mails`: the ledger of emails. An email is promised once its row is committed.

use sqlx::types::ipnetwork::IpNetwork;

use super::{LockedUser, Recipient, links, prelude::*, users};
use crate::domain::{EmailAddress, LinkId, MailId, MailKind, Purpose, UserId};

/// Plans an email to the current address of an account, in its language. Recipient, language and
/// `Message-ID` are fixed now, even if the account has others when it is sent.
///
/// Without an account the row is a dummy, so that an unknown address costs the same work.
pub(crate) async fn plan(tx: &mut Tx, kind: MailKind, to: Option<&LockedUser>) -> Result<MailId> {
    let (owner, to) = to.map(|user| (user.id, user.recipient())).unzip();
    plan_at(tx, kind, owner, to, None).await
}

/// Plans an email to an address that is not, or will not stay, that of its owner. Without a recipient
/// the row is a dummy.
pub(crate) async fn plan_at(
    tx: &mut Tx,
    kind: MailKind,
    owner: Option<UserId>,
    to: Option<Recipient<'_>>,
    link: Option<LinkId>,
) -> Result<MailId> {
    let id = MailId::new();
    let ip = tx.origin.ip.filter(|_| to.is_some()).map(IpNetwork::from);
    let locale = to.map_or(tx.app().settings.default_locale.as_str(), |to| to.locale);
    sqlx::query!(
        "insert into mails (mail_id, kind, user_id, email, link_id, asked_at, asked_ip, state,
                            updated_at, locale)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $6, $9)",
        id.0,
        kind.as_str(),
        owner.map(|owner| owner.0),
        to.map(|to| to.email),
        link.map(|link| link.0),
        tx.now,
        ip,
        if to.is_some() { "planned" } else { "suppressed" },
        locale,
    )
    .execute(tx.sql())
    .await?;
    Ok(id)
}

/// Issues a link and plans the email that carries it to an account.
pub(crate) async fn plan_link(
    tx: &mut Tx,
    kind: MailKind,
    purpose: Purpose,
    to: Option<&LockedUser>,
) -> Result<(MailId, LinkId)> {
    let (owner, to) = to.map(|user| (user.id, user.recipient())).unzip();
    let link = links::issue(tx, purpose, owner, None).await?;
    Ok((plan_at(tx, kind, owner, to, Some(link)).await?, link))
}

/// Plans a link that a caller without a session requests for an address. Returns the account and the
/// email, if one is sent.
///
/// The work is the same whether or not the address has an account for which `is_due` (OWASP ASVS 5.0,
/// 6.3.8): otherwise the same rows are written as dummies, no email is sent, and older links of the
/// account stay alive. The same holds for a mailbox that has reached `LIMIT_MAILBOX`, so that the
/// newest link in it is always good.
pub(crate) async fn request_link(
    tx: &mut Tx,
    email: &EmailAddress,
    kind: MailKind,
    purpose: Purpose,
    is_due: fn(&LockedUser) -> bool,
) -> Result<Option<(LockedUser, MailId)>> {
    let user = users::lock_by_email(tx, email).await?.filter(is_due);
    let (app, origin) = (tx.app().clone(), tx.origin.clone());
    let may_mail = app.may_mail_link(purpose, email, &origin, user.is_some()).await;
    let user = user.filter(|_| may_mail);
    let (mail_id, link_id) = plan_link(tx, kind, purpose, user.as_ref()).await?;
    if user.is_none() {
        tx.emit(Event::LinkRequestIgnored { link_id });
    }
    Ok(user.map(|user| (user, mail_id)))
}
