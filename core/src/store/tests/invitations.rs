use super::*;
use crate::{
    administrator::Administrator,
    domain::{LinkId, Purpose},
    store::{invitations, links},
};

async fn invite(tx: &mut Tx, by: Administrator, role: Role) -> LinkId {
    let link = links::issue(tx, Purpose::AcceptInvitation, None, None).await.unwrap();
    invitations::insert(tx, by, &email("bob@example.org"), role, link).await.unwrap();
    link
}

#[tokio::test]
async fn an_open_invitation_is_locked_with_its_role() {
    let (_, mut tx) = begin_empty().await;
    let link = invite(&mut tx, Administrator::CommandLine, Role::Admin).await;
    let invitation = invitations::lock(&mut tx, link).await.unwrap();
    assert_eq!((invitation.email.as_str(), invitation.role), ("bob@example.org", Role::Admin));
}

#[tokio::test]
async fn a_newer_invitation_revokes_the_link_of_the_older_one() {
    let (_, mut tx) = begin_empty().await;
    let old = invite(&mut tx, Administrator::CommandLine, Role::Admin).await;
    let new = invite(&mut tx, Administrator::CommandLine, Role::User).await;
    assert_eq!(refusal(invitations::lock(&mut tx, old).await), Refusal::LinkInvalid);
    assert_eq!(invitations::lock(&mut tx, new).await.unwrap().role, Role::User);
    let consumed = links::consume(&mut tx, Purpose::AcceptInvitation, old).await;
    assert_eq!(refusal(consumed), Refusal::LinkInvalid);
}

#[tokio::test]
async fn used_revoked_and_expired_links_lead_to_no_invitation() {
    let app = app().await;
    for sql in [
        "update links set used_at = now()",
        "update links set revoked_at = now()",
        "update links set expires_at = now() - interval '1 minute'",
    ] {
        let mut tx = begin(&app).await;
        let link = invite(&mut tx, Administrator::CommandLine, Role::User).await;
        tx.sql().execute(sql).await.unwrap();
        assert_eq!(refusal(invitations::lock(&mut tx, link).await), Refusal::LinkInvalid, "{sql}");
    }
}

#[tokio::test]
async fn an_invitation_dies_with_the_rights_of_its_sender() {
    let app = app().await;
    let by = Administrator::Session(administrator(&app, "ada@example.org").await);
    let mut tx = begin(&app).await;
    let link = invite(&mut tx, by, Role::User).await;
    assert!(invitations::lock(&mut tx, link).await.is_ok());
    tx.sql().execute("update users set role = 'user'").await.unwrap();
    assert_eq!(refusal(invitations::lock(&mut tx, link).await), Refusal::LinkInvalid);
}

#[tokio::test]
async fn an_invitation_is_removed_once() {
    let (_, mut tx) = begin_empty().await;
    let link = invite(&mut tx, Administrator::CommandLine, Role::User).await;
    invitations::remove(&mut tx, link).await.unwrap();
    assert_eq!(refusal(invitations::remove(&mut tx, link).await), Refusal::InvitationNotFound);
}
