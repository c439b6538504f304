//! What each email says, and that its link works.

use std::{sync::Arc, time::Duration};

use keyward_stack::mail_sink::Mail;
use keyward_tests::{Account, Tokens, World};
use serde_json::json;

use super::{shown, the_token};

const NEW_PASSWORD: &str = "an entirely new passphrase";

/// The first email to an address with these words in its subject, if it is the one in the snapshot.
async fn expect_email(world: &World, to: &str, subject: &str, snapshot: &str) -> Arc<Mail> {
    let mail = world.nth_mail(to, subject, 1).await;
    insta::assert_snapshot!(snapshot, shown(world, &mail).await);
    mail
}

#[tokio::test(flavor = "multi_thread")]
async fn verification_email_has_a_link() {
    let world = World::new().await;

    let ada = world.register("ada").await;

    let subject = "Confirm your email address";
    let mail = expect_email(&world, &ada.email, subject, "verification").await;
    let token = the_token(&world, &mail, "/verify-email");
    world.post("/v1/email-verifications/confirm", json!({"token": token})).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn name_is_escaped_and_omitted_if_it_could_become_a_link() {
    let world = World::new().await;
    let names = [
        ("markup", r#"<b onload=x> & "Ada""#),
        ("template", "{{ mail.link }}"),
        ("link", "Click evil.example now"),
    ];

    for (local, name) in names {
        let email = format!("{local}@example.org");
        let body =
            json!({"email": email, "password": "correct horse battery", "display_name": name});
        world.post("/v1/users", body).await.expect(202);
    }

    let markup = world.nth_mail("markup@example.org", "Confirm", 1).await;
    assert!(!markup.html.contains("<b onload"), "{}", markup.html);
    assert!(markup.html.contains("&lt;b onload=x&gt; &amp; &quot;Ada&quot;"), "{}", markup.html);
    assert!(markup.text.starts_with(r#"Hello <b onload=x> & "Ada","#), "{}", markup.text);
    for local in ["template", "link"] {
        let mail = world.nth_mail(&format!("{local}@example.org"), "Confirm", 1).await;
        assert!(mail.text.starts_with("Hello,"), "{}", mail.text);
        assert!(!mail.html.contains("evil.example") && !mail.html.contains("{{"), "{}", mail.html);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn second_registration_is_reported_to_the_stored_address() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let attacker = json!({
        "email": "ADA@Example.ORG", "password": "not the owner at all", "display_name": "Mallory",
    });

    world.post("/v1/users", attacker).await.expect(202);

    let subject = "You already have a Keyward account";
    let mail = expect_email(&world, &ada.email, subject, "already_registered").await;
    assert_eq!(mail.envelope_to, ["ada@example.org"]);
    assert!(!mail.html.contains("Mallory") && !mail.text.contains("Mallory"));
    assert!(!mail.html.contains("/reset-password#"), "no token in it");
}

#[tokio::test(flavor = "multi_thread")]
async fn reset_email_has_a_link() {
    let world = World::new().await;
    let ada = world.account("ada").await;

    world.post("/v1/password-resets", json!({"email": ada.email})).await.expect(202);

    let subject = "Reset your Keyward password";
    let mail = expect_email(&world, &ada.email, subject, "password_reset").await;
    let token = the_token(&world, &mail, "/reset-password");
    let body = json!({"token": token, "password": NEW_PASSWORD});
    world.post("/v1/password-resets/confirm", body).await.expect(204);
    let subject = "Your Keyward password was changed";
    let notice = expect_email(&world, &ada.email, subject, "password_changed").await;
    assert!(!notice.text.contains(&token) && !notice.html.contains(&token));
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_address_gets_no_email_and_no_job() {
    let world = World::new().await;

    let unknown = json!({"email": "unknown@example.org"});
    world.post("/v1/password-resets", unknown).await.expect(202);

    assert_eq!(world.settle().await, ["link.request_ignored"]);
    assert_eq!(world.jobs("password-reset-email").await, []);
    assert_eq!(world.mail.attempts(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn emails_of_administrators_do_not_disclose_their_address() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    let id = world.user_id(&ada.email).await;

    world.post_as(&root, &format!("/v1/users/{id}/password-resets")).await.expect(202);
    let subject = "Choose a new Keyward password";
    let reset = expect_email(&world, &ada.email, subject, "password_reset_forced").await;
    let token = the_token(&world, &reset, "/reset-password");
    let body = json!({"token": token, "password": NEW_PASSWORD});
    world.post("/v1/password-resets/confirm", body).await.expect(204);

    world.delete_as(&root, &format!("/v1/users/{id}")).await.expect(204);
    let subject = "account was deleted";
    let deleted = expect_email(&world, &ada.email, subject, "account_deleted_by_admin").await;

    world.invite(&root, "grace@example.org", "admin").await;
    let subject = "You are invited to Keyward";
    let invitation = expect_email(&world, "grace@example.org", subject, "invitation").await;
    world.accept(&the_token(&world, &invitation, "/accept-invitation")).await.expect(201);

    for mail in [reset, deleted, invitation] {
        assert!(!mail.text.contains("IP address"), "{}", mail.text);
        assert!(!mail.text.contains("127.0.0.1\r\n"), "{}", mail.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn current_address_gets_a_link_to_stop_its_change() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let access = world.log_in(&ada).await.access;

    world.request_email_change(&access, &ada, "byron@example.org").await.expect(202);

    let subject = "about to change";
    let mail = expect_email(&world, &ada.email, subject, "email_change_notice").await;
    assert!(!mail.text.contains("byron"), "the email does not repeat what an attacker typed");
    let token = the_token(&world, &mail, "/undo-email");
    world.post("/v1/email-changes/undo", json!({"token": token})).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn change_of_address_is_confirmed_and_can_be_undone() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let access = world.log_in(&ada).await.access;

    world.request_email_change(&access, &ada, "byron@example.org").await.expect(202);
    let (to, subject) = ("byron@example.org", "Confirm your new");
    let mail = expect_email(&world, to, subject, "email_change_confirmation").await;
    let token = the_token(&world, &mail, "/confirm-email");
    world.post("/v1/email-changes/confirm", json!({"token": token})).await.expect(204);

    let mail = expect_email(&world, &ada.email, "was changed", "email_changed").await;
    let token = the_token(&world, &mail, "/undo-email");
    let notice = world.nth_mail(&ada.email, "about to change", 1).await;
    assert_eq!(token, the_token(&world, &notice, "/undo-email"));
    world.post("/v1/email-changes/undo", json!({"token": token})).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn deletion_is_reported_to_both_addresses_without_a_name() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let access = world.log_in(&ada).await.access;
    world.request_email_change(&access, &ada, "byron@example.org").await.expect(202);
    let token = world.link_token("byron@example.org", "/confirm-email").await;
    world.post("/v1/email-changes/confirm", json!({"token": token})).await.expect(204);
    let byron = Account { email: "byron@example.org".into(), ..ada.clone() };

    world.delete_account(&access, &byron).await.expect(204);

    let subject = "Your Keyward account was deleted";
    expect_email(&world, &byron.email, subject, "account_deleted").await;
    let subject = "account that had this address was deleted";
    expect_email(&world, &ada.email, subject, "former_account_deleted").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn owner_is_notified_once_of_a_reused_refresh_token() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let first = world.log_in(&ada).await;
    let second = Tokens::of(&world.refresh(&first.refresh).await.expect(200));
    world.clock.advance(Duration::from_secs(31));

    for token in [&first, &first, &second] {
        world.refresh(&token.refresh).await.expect_problem(401, "session_ended");
    }

    let subject = "A session of your Keyward account was ended";
    let mail = expect_email(&world, &ada.email, subject, "reuse_detected").await;
    let subjects = world.settle().await;
    assert_eq!(subjects[subjects.len() - 2..], ["session.ended", "session.reuse_detected"]);
    let mails = world.mail.messages_to(&ada.email);
    assert_eq!(mails.iter().filter(|other| other.subject == mail.subject).count(), 1);
    for secret in [first.refresh, second.refresh, "/reset-password#".to_owned()] {
        assert!(!mail.text.contains(&secret) && !mail.html.contains(&secret));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_session_sends_no_email() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let tokens = world.log_in(&ada).await;
    world.clock.advance(Duration::from_secs(31 * 86_400));

    world.refresh(&tokens.refresh).await.expect_problem(401, "session_ended");

    assert_eq!(world.settle().await.last().unwrap(), "session.ended");
    assert!(world.ledger().await.iter().all(|(kind, ..)| kind != "reuse_detected"));
}
