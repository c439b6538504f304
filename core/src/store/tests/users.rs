use super::*;
use crate::{
    domain::Status,
    store::users::{self, UserPatch},
};

#[tokio::test]
async fn a_taken_address_is_not_inserted_in_another_case() {
    let app = app().await;
    user(&app, "ada@example.org").await;
    let mut tx = begin(&app).await;
    assert!(insert(&mut tx, "ADA@example.org", Role::User, false).await.is_none());
}

#[tokio::test]
async fn one_of_two_concurrent_inserts_succeeds() {
    let app = app().await;
    let insert_and_commit = async || {
        let mut tx = begin(&app).await;
        let inserted = insert(&mut tx, "ada@example.org", Role::User, false).await;
        tx.commit().await.unwrap();
        inserted.is_some()
    };
    let (one, other) = tokio::join!(insert_and_commit(), insert_and_commit());
    assert_ne!(one, other);
    assert_eq!(value::<i64>(&app, "select count(*) from users").await, 1);
}

#[tokio::test]
async fn an_account_is_found_by_its_address_in_another_case() {
    let app = app().await;
    let id = user(&app, "ada@example.org").await;
    let mut tx = begin(&app).await;
    let found = users::lock_by_email(&mut tx, &email("ADA@example.org")).await.unwrap().unwrap();
    assert_eq!((found.id, found.email.as_str(), found.version), (id, "ada@example.org", 1));
    assert!(users::lock_by_email(&mut tx, &email("bob@example.org")).await.unwrap().is_none());
}

#[tokio::test]
async fn an_address_without_an_account_is_locked_too() {
    let (app, mut tx) = begin_empty().await;
    users::lock_by_email(&mut tx, &email("ada@example.org")).await.unwrap();

    let mut other = begin_impatient(&app).await;
    assert!(users::lock_by_email(&mut other, &email("ada@example.org")).await.is_err());
    drop(tx);
    let mut other = begin_impatient(&app).await;
    assert!(users::lock_by_email(&mut other, &email("ada@example.org")).await.unwrap().is_none());
}

#[tokio::test]
async fn a_locked_account_makes_others_wait() {
    let app = app().await;
    let id = user(&app, "ada@example.org").await;
    let mut tx = begin(&app).await;
    assert_eq!(users::lock(&mut tx, id).await.unwrap().unwrap().id, id);
    let mut other = begin_impatient(&app).await;
    assert!(users::lock(&mut other, id).await.is_err());
}

#[tokio::test]
async fn keeping_an_account_only_prevents_its_deletion() {
    let app = app().await;
    let id = user(&app, "ada@example.org").await;
    let mut tx = begin(&app).await;
    users::lock(&mut tx, id).await.unwrap();

    let mut keeper = begin_impatient(&app).await;
    let kept = users::keep_by_email(&mut keeper, &email("ada@example.org")).await.unwrap();
    assert_eq!(kept.unwrap().id, id, "a lock does not make it wait");
    drop(tx);
    let mut deletion = begin_impatient(&app).await;
    assert!(deletion.sql().execute("delete from users").await.is_err());
}

#[tokio::test]
async fn accounts_are_locked_in_the_order_of_their_ids() {
    let app = app().await;
    let (ada, bob) = (user(&app, "ada@example.org").await, user(&app, "bob@example.org").await);
    let mut tx = begin(&app).await;
    let locked = users::lock_all(&mut tx, &[bob, UserId::new(), ada]).await.unwrap();
    assert_eq!(locked.iter().map(|user| user.id).collect::<Vec<_>>(), [ada, bob]);
}

#[tokio::test]
async fn an_update_changes_its_patch_and_the_version() {
    let (_, mut tx) = begin_empty().await;
    let mut user = insert(&mut tx, "ada@example.org", Role::User, false).await.unwrap();
    let patch = UserPatch { role: Some(Role::Admin), verified_at: Some(tx.now), ..unchanged() };
    users::update(&mut tx, &mut user, patch).await.unwrap();
    assert!(user.is_verified && user.is_active && user.role == Role::Admin);
    assert_eq!((user.version, user.display_name.as_str()), (2, "Ada"));

    let patch =
        UserPatch { display_name: Some("Bob"), status: Some(Status::Disabled), ..unchanged() };
    users::update(&mut tx, &mut user, patch).await.unwrap();
    assert!(user.is_verified && !user.is_active);
    assert_eq!((user.version, user.display_name.as_str()), (3, "Bob"));
    assert_eq!(user.email, "ada@example.org");
}

fn unchanged() -> UserPatch<'static> {
    UserPatch::default()
}

#[tokio::test]
async fn an_update_sets_and_removes_the_password() {
    let (_, mut tx) = begin_empty().await;
    let mut user = insert(&mut tx, "ada@example.org", Role::User, true).await.unwrap();
    for (new, expected) in [(Some(hash("new")), Some("new")), (None, None)] {
        let patch = UserPatch { password_hash: Some(new.as_ref()), ..unchanged() };
        users::update(&mut tx, &mut user, patch).await.unwrap();
        assert_eq!(user.password_hash, expected.map(hash));
    }
}

#[tokio::test]
async fn an_update_fails_if_the_new_address_is_taken() {
    let app = app().await;
    user(&app, "ada@example.org").await;
    let mut tx = begin(&app).await;
    let mut bob = insert(&mut tx, "bob@example.org", Role::User, true).await.unwrap();
    let taken = email("ada@example.org");
    let patch = UserPatch { email: Some(&taken), ..unchanged() };
    let error = users::update(&mut tx, &mut bob, patch).await.unwrap_err();
    let constraint = error.as_database_error().unwrap().constraint().unwrap();
    assert_eq!(constraint, "users_email_taken");
}

#[tokio::test]
async fn a_hash_is_renewed_once_and_only_if_it_is_current() {
    let app = app().await;
    let id = user(&app, "ada@example.org").await;
    let mut tx = begin(&app).await;
    let (old, new) = (hash("hash"), hash("renewed"));
    assert!(users::renew_hash(&mut tx, id, &old, &new).await.unwrap());
    assert!(!users::renew_hash(&mut tx, id, &old, &new).await.unwrap());
    let user = users::lock(&mut tx, id).await.unwrap().unwrap();
    assert_eq!(user.version, 1, "no view changes");
}

#[tokio::test]
async fn verified_and_disabled_accounts_keep_their_address() {
    let (_, mut tx) = begin_empty().await;
    let verified = insert(&mut tx, "ada@example.org", Role::User, true).await.unwrap();
    assert!(verified.keeps_its_address());
    let mut unverified = insert(&mut tx, "bob@example.org", Role::User, false).await.unwrap();
    assert!(!unverified.keeps_its_address());
    let patch = UserPatch { status: Some(Status::Disabled), ..unchanged() };
    users::update(&mut tx, &mut unverified, patch).await.unwrap();
    assert!(unverified.keeps_its_address());
}
