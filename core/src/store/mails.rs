//! Table `mails`: the ledger.

use sqlx::types::ipnetwork::IpNetwork;

use crate::{
    Result,
    app::Tx,
    domain::{LinkId, MailId, MailKind, UserId},
};

/// Plans a mail to the address that an account has now. It is promised from the commit on; its
/// `Message-ID` and where it goes are fixed, whatever address the account has when it is sent.
///
/// Without an account the row leads nowhere: it is there so that an unknown address costs the same
/// work.
pub(crate) async fn plan(
    tx: &mut Tx,
    kind: MailKind,
    to: Option<UserId>,
    link: Option<LinkId>,
) -> Result<MailId> {
    insert(tx, kind, to, Recipient::OnFile(to), link).await
}

/// As [`plan`], to an address that is not the account's own: it wants it, had it, or is going. To
/// nobody, it is a row that leads nowhere.
pub(crate) async fn plan_to(
    tx: &mut Tx,
    kind: MailKind,
    owner: Option<UserId>,
    email: Option<&str>,
    link: Option<LinkId>,
) -> Result<MailId> {
    insert(tx, kind, owner, Recipient::Address(email), link).await
}

/// Where a mail goes.
enum Recipient<'a> {
    /// To the address of an account.
    OnFile(Option<UserId>),
    /// To this one.
    Address(Option<&'a str>),
}

async fn insert(
    tx: &mut Tx,
    kind: MailKind,
    owner: Option<UserId>,
    to: Recipient<'_>,
    link: Option<LinkId>,
) -> Result<MailId> {
    let id = MailId::new();
    let now = tx.now;
    let ip = tx.origin.ip.map(IpNetwork::from);
    let (on_file, address) = match to {
        Recipient::OnFile(id) => (id.map(|id| id.0), None),
        Recipient::Address(address) => (None, address),
    };
    sqlx::query!(
        "insert into mails (mail_id, kind, user_id, email, link_id, asked_at, asked_ip, state,
                            updated_at)
         select $1, $2, $3, email, $6, $7, case when email is not null then $8::inet end,
                case when email is null then 'suppressed' else 'planned' end, $7
         from (select coalesce($5, (select email from users where user_id = $4)) as email) as mail",
        id.0,
        kind.as_str(),
        owner.map(|owner| owner.0),
        on_file,
        address,
        link.map(|link| link.0),
        now,
        ip,
    )
    .execute(tx.sql())
    .await?;
    Ok(id)
}
