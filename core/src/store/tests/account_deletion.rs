use super::*;
use crate::{
    domain::{MailKind, Purpose, SessionId},
    store::{UserPatch, account_deletion, email_changes, links, mails, users},
};

#[tokio::test]
async fn everything_of_an_account_is_deleted_with_it() {
    let (app, mut tx) = begin_empty().await;
    let user = insert(&mut tx, "ada@example.org", Role::User, true).await.unwrap();
    session(&mut tx, user.id).await;
    let (kind, purpose) = (MailKind::PasswordReset, Purpose::ResetPassword);
    mails::plan_link(&mut tx, kind, purpose, Some(&user)).await.unwrap();
    let new = email("new@example.org");
    email_changes::insert(&mut tx, user.id, SessionId::new(), &new).await.unwrap();
    account_deletion::delete(&mut tx, &user, None, None).await.unwrap();
    tx.commit().await.unwrap();

    let rows = "select (select count(*) from users) + (select count(*) from sessions)
                       + (select count(*) from links) + (select count(*) from mails)
                       + (select count(*) from email_changes)";
    assert_eq!(value::<i64>(&app, rows).await, 0);
    assert_eq!(events(&app).await, ["session.started", "user.deleted"]);
    let mut tx = begin(&app).await;
    let again = insert(&mut tx, "ada@example.org", Role::User, false).await.unwrap();
    assert_ne!(again.id, user.id, "the address is free");
}

#[tokio::test]
async fn notices_survive_the_account() {
    let (app, mut tx) = begin_empty().await;
    let mut user = insert(&mut tx, "new@example.org", Role::User, true).await.unwrap();
    let new = email("old@example.org");
    let change = email_changes::insert(&mut tx, user.id, SessionId::new(), &new).await.unwrap();
    let (owner, change) = (Some(user.id), Some(change));
    links::issue(&mut tx, Purpose::UndoEmailChange, owner, change).await.unwrap();
    // The account has moved on: its former address still holds a link.
    let (email, patch) = (email("ada@example.org"), UserPatch::default());
    let patch = UserPatch { email: Some(&email), ..patch };
    users::update(&mut tx, &mut user, patch).await.unwrap();
    account_deletion::delete(&mut tx, &user, None, Some("ada@example.org")).await.unwrap();
    tx.commit().await.unwrap();

    let planned = sqlx::query_as::<_, (String, String, bool)>(
        "select kind, email, user_id is null from mails where state = 'planned' order by kind",
    );
    assert_eq!(
        planned.fetch_all(&app.write).await.unwrap(),
        [
            ("account_deleted".into(), "ada@example.org".into(), true),
            ("former_account_deleted".into(), "new@example.org".into(), true),
        ]
    );
}

#[tokio::test]
async fn a_deletion_by_an_administrator_has_notices_of_its_own() {
    let (app, mut tx) = begin_empty().await;
    let user = insert(&mut tx, "ada@example.org", Role::User, true).await.unwrap();
    let actor = Some(UserId::new().into());
    account_deletion::delete(&mut tx, &user, actor, Some("ada@example.org")).await.unwrap();
    tx.commit().await.unwrap();
    let kind: String = value(&app, "select kind from mails").await;
    assert_eq!(kind, "account_deleted_by_admin");
}
