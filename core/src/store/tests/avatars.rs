use super::*;
use crate::{
    domain::AvatarUploadId,
    store::{avatars, users},
};

async fn open_upload(tx: &mut Tx, owner: UserId) -> AvatarUploadId {
    let id = AvatarUploadId::new();
    sqlx::query(
        "insert into avatar_uploads (upload_id, user_id, original_key, created_at)
         values ($1, $2, 'uploads/x', $3)",
    )
    .bind(id.0)
    .bind(owner.0)
    .bind(tx.now)
    .execute(tx.sql())
    .await
    .unwrap();
    id
}

#[tokio::test]
async fn the_owner_of_an_open_upload_is_locked() {
    let app = app().await;
    let owner = user(&app, "ada@example.org").await;
    let mut tx = begin(&app).await;
    let upload = open_upload(&mut tx, owner).await;
    tx.commit().await.unwrap();

    let mut tx = begin(&app).await;
    assert_eq!(avatars::lock_owner(&mut tx, upload).await.unwrap(), Some(owner));
    let mut other = begin_impatient(&app).await;
    assert!(users::lock(&mut other, owner).await.is_err());
    assert_eq!(avatars::lock_owner(&mut tx, AvatarUploadId::new()).await.unwrap(), None);
}

#[tokio::test]
async fn an_upload_fails_once() {
    let app = app().await;
    let owner = user(&app, "ada@example.org").await;
    let mut tx = begin(&app).await;
    let upload = open_upload(&mut tx, owner).await;
    assert!(avatars::fail(&mut tx, upload, "first").await.unwrap());
    assert!(!avatars::fail(&mut tx, upload, "second").await.unwrap());
    assert_eq!(avatars::lock_owner(&mut tx, upload).await.unwrap(), None);
    tx.commit().await.unwrap();
    let reason: String = value(&app, "select reason from avatar_uploads").await;
    assert_eq!(reason, "first");
}

#[tokio::test]
async fn a_newer_upload_ends_the_open_one_of_its_account() {
    let app = app().await;
    let (ada, bob) = (user(&app, "ada@example.org").await, user(&app, "bob@example.org").await);
    let mut tx = begin(&app).await;
    let old = open_upload(&mut tx, ada).await;
    let others = open_upload(&mut tx, bob).await;
    avatars::supersede(&mut tx, ada).await.unwrap();
    let new = open_upload(&mut tx, ada).await;
    for (upload, expected) in [(old, None), (new, Some(ada)), (others, Some(bob))] {
        assert_eq!(avatars::lock_owner(&mut tx, upload).await.unwrap(), expected);
    }
}

#[tokio::test]
#[should_panic(expected = "avatar_uploads_open")]
async fn an_account_has_one_open_upload_at_most() {
    let app = app().await;
    let owner = user(&app, "ada@example.org").await;
    let mut tx = begin(&app).await;
    open_upload(&mut tx, owner).await;
    open_upload(&mut tx, owner).await;
}
