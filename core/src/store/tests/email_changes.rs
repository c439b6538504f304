use super::*;
use crate::{
    domain::{LinkId, Purpose, SessionId, Status},
    store::{
        email_changes::{self, EmailChange},
        links,
        users::{self, UserPatch},
    },
};

async fn request(tx: &mut Tx, user: &LockedUser, new: &str) -> (EmailChange, LinkId) {
    let session = SessionId::new();
    let change = email_changes::insert(tx, user.id, session, &email(new)).await.unwrap();
    let purpose = Purpose::ConfirmEmailChange;
    let link = links::issue(tx, purpose, Some(user.id), Some(change)).await.unwrap();
    let found = email_changes::of_link(tx, link).await.unwrap();
    assert_eq!((found.id, found.session_id), (change, session));
    (found, link)
}

#[tokio::test]
async fn a_link_leads_to_its_change() {
    let (_, mut tx) = begin_empty().await;
    let user = insert(&mut tx, "Ada@example.org", Role::User, true).await.unwrap();
    let (first, _) = request(&mut tx, &user, "New@example.org").await;
    assert_eq!(&first.old_email, &email("Ada@example.org"));
    assert_eq!(&first.new_email, &email("New@example.org"));
    let (second, _) = request(&mut tx, &user, "newer@example.org").await;
    assert!(second.position > first.position);
}

#[tokio::test]
async fn an_account_moves_and_is_verified() {
    let (_, mut tx) = begin_empty().await;
    let mut user = insert(&mut tx, "ada@example.org", Role::User, false).await.unwrap();
    let patch = UserPatch { password_hash: Some(None), ..UserPatch::default() };
    let new = email("new@example.org");
    email_changes::move_to(&mut tx, &mut user, &new, patch).await.unwrap();
    assert_eq!((user.email.as_str(), user.is_verified, user.version), ("new@example.org", true, 2));
    assert!(user.password_hash.is_none());
}

#[tokio::test]
async fn an_unverified_account_loses_its_address() {
    let (app, mut tx) = begin_empty().await;
    let squatter = insert(&mut tx, "new@example.org", Role::User, false).await.unwrap();
    let mut user = insert(&mut tx, "ada@example.org", Role::User, true).await.unwrap();
    let new = email("new@example.org");
    email_changes::move_to(&mut tx, &mut user, &new, UserPatch::default()).await.unwrap();
    assert!(users::lock(&mut tx, squatter.id).await.unwrap().is_none());
    tx.commit().await.unwrap();
    assert_eq!(events(&app).await, ["user.deleted"]);
}

#[tokio::test]
async fn verified_and_disabled_accounts_keep_their_address() {
    let app = app().await;
    user(&app, "verified@example.org").await;
    let mut tx = begin(&app).await;
    let mut disabled = insert(&mut tx, "disabled@example.org", Role::User, false).await.unwrap();
    let patch = UserPatch { status: Some(Status::Disabled), ..UserPatch::default() };
    users::update(&mut tx, &mut disabled, patch).await.unwrap();
    insert(&mut tx, "ada@example.org", Role::User, true).await.unwrap();
    tx.commit().await.unwrap();

    for address in ["verified@example.org", "disabled@example.org"] {
        let mut tx = begin(&app).await;
        let ada = users::lock_by_email(&mut tx, &email("ada@example.org")).await.unwrap();
        let (mut ada, new) = (ada.unwrap(), email(address));
        let moved = email_changes::move_to(&mut tx, &mut ada, &new, UserPatch::default()).await;
        assert_eq!(refusal(moved), Refusal::LinkInvalid, "{address}");
    }
}
