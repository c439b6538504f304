use super::*;
use crate::{
    domain::{MailKind, Purpose},
    store::{Recipient, mails},
};

type Row = (String, Option<String>, bool, Option<std::net::IpAddr>);

async fn rows(app: &App) -> Vec<Row> {
    sqlx::query_as("select state, email, user_id is null, asked_ip from mails order by mail_id")
        .fetch_all(&app.write)
        .await
        .unwrap()
}

#[tokio::test]
async fn an_email_goes_to_the_address_the_account_has_when_it_is_planned() {
    let app = app().await;
    let ip = "192.0.2.1".parse().unwrap();
    let origin = Origin { ip: Some(ip), ..Origin::default() };
    let mut tx = app.begin(&origin).await.unwrap();
    let user = insert(&mut tx, "ada@example.org", Role::User, true).await.unwrap();
    mails::plan(&mut tx, MailKind::PasswordChanged, Some(&user)).await.unwrap();
    tx.sql().execute("update users set email = 'new@example.org'").await.unwrap();
    tx.commit().await.unwrap();
    let expected = ("planned".into(), Some("ada@example.org".into()), false, Some(ip));
    assert_eq!(rows(&app).await, [expected]);
}

#[tokio::test]
async fn an_email_without_a_recipient_is_suppressed() {
    let app = app().await;
    let ip = Some("192.0.2.1".parse().unwrap());
    let mut tx = app.begin(&Origin { ip, ..Origin::default() }).await.unwrap();
    mails::plan(&mut tx, MailKind::PasswordReset, None).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(rows(&app).await, [("suppressed".into(), None, true, None)]);
}

#[tokio::test]
async fn an_email_goes_to_another_address_of_its_owner() {
    let app = app().await;
    let owner = user(&app, "ada@example.org").await;
    let mut tx = begin(&app).await;
    let to = Recipient { email: "new@example.org", locale: "de" };
    let kind = MailKind::EmailChangeConfirmation;
    mails::plan_at(&mut tx, kind, Some(owner), Some(to), None).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(rows(&app).await, [("planned".into(), Some("new@example.org".into()), false, None)]);
}

#[tokio::test]
async fn an_email_carries_the_link_that_is_issued_with_it() {
    let (app, mut tx) = begin_empty().await;
    let user = insert(&mut tx, "ada@example.org", Role::User, false).await.unwrap();
    let (kind, purpose) = (MailKind::Verification, Purpose::VerifyEmail);
    let (mail_id, link_id) = mails::plan_link(&mut tx, kind, purpose, Some(&user)).await.unwrap();
    tx.commit().await.unwrap();
    let row: (uuid::Uuid, uuid::Uuid) =
        sqlx::query_as("select mail_id, link_id from mails").fetch_one(&app.write).await.unwrap();
    assert_eq!(row, (mail_id.0, link_id.0));
}

#[tokio::test]
async fn a_request_for_an_unknown_address_writes_the_same_rows() {
    let app = app().await;
    user(&app, "ada@example.org").await;
    let (kind, purpose) = (MailKind::PasswordReset, Purpose::ResetPassword);
    for (address, is_due) in
        [("ada@example.org", true), ("bob@example.org", false), ("Ada@example.org", true)]
    {
        let count = "select (select count(*) from links) + (select count(*) from mails)";
        let before: i64 = value(&app, count).await;
        let mut tx = begin(&app).await;
        let to = email(address);
        let request = mails::request_link(&mut tx, &to, kind, purpose, |_| true);
        let requested = request.await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(requested.is_some(), is_due, "{address}");
        assert_eq!(value::<i64>(&app, count).await, before + 2, "{address}");
    }
    assert_eq!(events(&app).await, ["link.request_ignored"]);
}

#[tokio::test]
async fn a_request_that_is_not_due_leaves_older_links_alive() {
    let app = app().await;
    user(&app, "ada@example.org").await;
    let (ada, open) = (
        email("ada@example.org"),
        "select count(*) from links where
                        user_id is not null and revoked_at is null",
    );
    let (kind, purpose) = (MailKind::Verification, Purpose::VerifyEmail);
    let mut tx = begin(&app).await;
    mails::request_link(&mut tx, &ada, kind, purpose, |_| true).await.unwrap().unwrap();
    let ignored = mails::request_link(&mut tx, &ada, kind, purpose, |user| !user.is_verified).await;
    assert!(ignored.unwrap().is_none());
    tx.commit().await.unwrap();
    assert_eq!(value::<i64>(&app, open).await, 1);
}
