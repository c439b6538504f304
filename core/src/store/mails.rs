//! Table `mails`: the ledger.

use sqlx::types::ipnetwork::IpNetwork;

use crate::{
    Result,
    app::Tx,
    domain::{LinkId, MailId, MailKind, UserId},
};

/// Plans a mail. It is promised from the commit on; its `Message-ID` is fixed now.
pub(crate) async fn plan(
    tx: &mut Tx,
    kind: MailKind,
    to: Option<UserId>,
    link: Option<LinkId>,
) -> Result<MailId> {
    let id = MailId::new();
    let now = tx.now;
    let ip = tx.origin.ip.map(IpNetwork::from);
    let state = if to.is_some() { "planned" } else { "suppressed" };
    sqlx::query!(
        "insert into mails (mail_id, kind, user_id, link_id, asked_at, asked_ip, state, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $5)",
        id.0,
        kind.as_str(),
        to.map(|to| to.0),
        link.map(|link| link.0),
        now,
        ip,
        state,
    )
    .execute(tx.sql())
    .await?;
    Ok(id)
}
