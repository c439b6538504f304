//! Bounces and complaints, from the return path of an email to its state and the next email.

use keyward_tests::{
    BOUNCE_DOMAIN, Options, World,
    bounces::{complaint, delivery_status},
};
use serde_json::{Value, json};
use sqlx::Executor as _;

/// The emails to an account, the latest first.
async fn mails(world: &World, root: &str, email: &str) -> Vec<Value> {
    let path = format!("/v1/users/{}/mails", world.user_id(email).await);
    world.get_as(root, &path).await.expect(200).items()
}

#[tokio::test(flavor = "multi_thread")]
async fn bounce_suppresses_further_emails_until_an_administrator_resends() {
    let world = World::with(Options::with_bounces()).await;
    let (root, ada) = (world.administrator("root").await, world.register("ada").await);
    world.settle().await;
    let sent = mails(&world, &root, &ada.email).await.remove(0);
    let path = world.return_path(&ada.email);
    assert!(path.starts_with("bounce+") && path.ends_with(&format!("@{BOUNCE_DOMAIN}")), "{path}");
    assert!(path.split_once('@').unwrap().0.len() <= 64, "{path}");

    // Relays may change the case.
    let message = delivery_status("failed", "5.1.1");
    let reply = world.bounce_client().await.report(&path.to_uppercase(), &message).await;

    assert!(reply.starts_with("250 "), "{reply}");
    let bounced = mails(&world, &root, &ada.email).await.remove(0);
    assert_eq!((&bounced["state"], &bounced["suppressed"]), (&json!("bounced"), &json!(true)));
    assert_eq!(bounced["reply"], "5.1.1 550 5.1.1 <[address]>: no such user");
    assert!(bounced["reported_at"].as_str().unwrap().ends_with('Z'), "{bounced}");
    let event = world.envelopes("mail.bounced").await.remove(0);
    let user_id = world.user_id(&ada.email).await;
    let data = json!({"user_id": user_id, "mail_id": sent["id"], "kind": "verification"});
    assert_eq!(event["data"], data);

    let body = json!({"email": ada.email.to_uppercase()});
    let known = world.post("/v1/email-verifications", body).await.expect(202);
    let unknown = json!({"email": "unknown@example.org"});
    assert_eq!(known.text, world.post("/v1/email-verifications", unknown).await.expect(202).text);
    world.settle().await;
    let suppressed = mails(&world, &root, &ada.email).await.remove(0);
    assert_eq!((&suppressed["state"], &suppressed["attempts"]), (&json!("failed"), &json!(0)));
    assert!(suppressed["reply"].as_str().unwrap().starts_with("suppressed: "), "{suppressed}");
    assert_eq!(world.mail.attempts_to(&ada.email).len(), 1, "nothing was sent");

    let resend = format!("/v1/users/{user_id}/mails/{}/resend", sent["id"].as_str().unwrap());
    let reply = world.post_as(&root, &resend).await.expect(202);
    assert_eq!(reply.json(), json!({"status": "mail_planned"}));
    let mail = world.nth_mail(&ada.email, "Confirm", 2).await;
    assert_eq!(world.mail.messages_to(&ada.email)[0].message_id, mail.message_id);
    let token = world.link_token(&ada.email, "/verify-email").await;
    world.post("/v1/email-verifications/confirm", json!({"token": token})).await.expect(204);
    world.settle().await;
    let accepted = mails(&world, &root, &ada.email).await.pop().unwrap();
    assert_eq!((&accepted["state"], &accepted["suppressed"]), (&json!("accepted"), &json!(false)));
    let event = world.envelopes("mail.resend_requested").await.remove(0);
    assert_eq!(event["data"]["actor_id"], json!(world.user_id("root@example.org").await));
    world.reset_token(&ada.email).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_missing_mailbox_is_suppressed() {
    let world = World::with(Options::with_bounces()).await;
    let ada = world.account("ada").await;
    world.mail_in("verification", "accepted").await;

    for action in ["delayed", "delivered", "relayed", "expanded"] {
        let message = delivery_status(action, "5.0.0");
        let path = world.return_path(&ada.email);
        let reply = world.bounce_client().await.report(&path, &message).await;
        assert!(reply.starts_with("250 "), "{reply}");
    }
    assert_eq!(world.count("mails where state = 'accepted'").await, 1);

    // Expired after days, and refused by a policy: a receiver that does not judge the mailbox.
    for (nth, status) in ["4.4.7", "5.7.1"].into_iter().enumerate() {
        let reply = world.bounce(&ada.email, status).await;

        assert!(reply.starts_with("250 "), "{reply}");
        assert_eq!(world.count("mails where state = 'bounced'").await, nth as i64 + 1);
        assert_eq!(world.count("suppressions").await, 0);
        world.reset_token(&ada.email).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn complaint_is_attributed_by_its_quoted_return_path() {
    let world = World::with(Options::with_bounces()).await;
    let ada = world.account("ada").await;
    world.mail_in("verification", "accepted").await;
    let path = world.return_path(&ada.email);
    assert!(world.bounce(&ada.email, "5.2.1").await.starts_with("250 "));
    let complaints = format!("complaints@{BOUNCE_DOMAIN}");
    let forged = path.replace(&path[45..50], "00000");
    let mut client = world.bounce_client().await;
    for quoted in [forged.as_str(), "", "ada@example.org"] {
        client.report(&complaints, &complaint(quoted)).await;
    }
    assert_eq!(world.count("mails where state = 'complained'").await, 0);

    let reply = client.report(&complaints, &complaint(&path)).await;

    assert!(reply.starts_with("250 "), "{reply}");
    let mail = world.mail_in("verification", "complained").await;
    assert_eq!(mail.reply.unwrap(), "complaint: abuse");
    let later = client.report(&path, &delivery_status("failed", "5.1.1")).await;
    assert!(later.starts_with("250 "), "{later}");
    world.mail_in("verification", "complained").await;
    let expected = ["mail.bounced", "mail.complained"];
    let subjects = world.settle().await;
    assert_eq!(subjects[subjects.len() - 2..], expected, "a repeated report is no event");
}

#[tokio::test(flavor = "multi_thread")]
async fn report_about_an_email_that_was_not_sent_changes_nothing() {
    let world = World::with(Options::with_bounces()).await;
    let ada = world.account("ada").await;
    world.mail_in("verification", "accepted").await;

    for state in ["planned", "failed", "expired", "suppressed"] {
        sqlx::query("update mails set state = $1").bind(state).execute(&world.db).await.unwrap();
        assert!(world.bounce(&ada.email, "5.1.1").await.starts_with("250 "));
        world.mail_in("verification", state).await;
    }
    sqlx::query("delete from mails").execute(&world.db).await.unwrap();
    assert!(world.bounce(&ada.email, "5.1.1").await.starts_with("250 "));

    assert_eq!(world.count("suppressions").await, 0);
    assert!(!world.settle().await.contains(&"mail.bounced".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn suppression_is_a_keyed_hash_and_ends_with_the_account() {
    let world = World::with(Options::with_bounces()).await;
    let ada = world.account("ada").await;
    world.mail_in("verification", "accepted").await;
    world.bounce(&ada.email, "5.1.1").await;
    assert_eq!(world.count("suppressions where mailbox is not null").await, 1);
    let row: String = sqlx::query_scalar("select suppressions::text from suppressions")
        .fetch_one(&world.db)
        .await
        .unwrap();
    assert!(!row.contains("ada"), "{row}");

    let access = world.log_in(&ada).await.access;
    world.delete_account(&access, &ada).await.expect(204);

    world.settle().await;
    assert_eq!(world.count("suppressions").await, 0);
    assert_eq!(world.mail.attempts_to(&ada.email).len(), 1, "no notice to a suppressed address");
    world.register("ada").await;
    world.nth_mail(&ada.email, "Confirm", 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn account_cannot_lift_the_suppression_of_anothers_mailbox() {
    let world = World::with(Options::with_bounces()).await;
    let ada = world.account("ada").await;
    let access = world.log_in(&ada).await.access;
    world.request_email_change(&access, &ada, "victim@example.org").await.expect(202);
    world.mail_in("email_change_confirmation", "accepted").await;
    let path = world.return_path("victim@example.org");
    world.bounce_client().await.report(&path, &complaint(&path)).await;
    assert_eq!(world.count("suppressions").await, 1);

    world.delete_account(&access, &ada).await.expect(204);

    world.settle().await;
    assert_eq!(world.count("suppressions").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn command_line_lifts_a_suppression() {
    let world = World::with(Options::with_bounces()).await;
    let ada = world.account("ada").await;
    world.mail_in("verification", "accepted").await;
    world.bounce(&ada.email, "5.1.1").await;

    let lift = ["mail", "unsuppress", "ADA@example.org"];
    let (is_lifted, output) = world.keyward_worker(&lift).await.unwrap();

    assert!(is_lifted && output.contains("again"), "{output}");
    assert!(!world.keyward_worker(&lift).await.unwrap().0, "it was suppressed once");
    world.reset_token(&ada.email).await;
    let action = "operator_actions where action = 'unsuppress' and target not like '%@%'";
    assert_eq!(world.count(action).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn report_is_deferred_while_postgres_cannot_record_it() {
    let world = World::with(Options::with_bounces()).await;
    let ada = world.account("ada").await;
    world.mail_in("verification", "accepted").await;
    let mut lock = world.db.begin().await.unwrap();
    lock.execute("lock table suppressions in access exclusive mode").await.unwrap();

    let reply = world.bounce(&ada.email, "5.1.1").await;

    assert!(reply.starts_with("451 "), "{reply}");
    lock.rollback().await.unwrap();
    let reply = world.bounce(&ada.email, "5.1.1").await;
    assert!(reply.starts_with("250 "), "{reply}");
    world.mail_in("verification", "bounced").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_bounce_domain_the_sender_is_the_return_path() {
    let world = World::new().await;
    let ada = world.register("ada").await;

    world.nth_mail(&ada.email, "Confirm", 1).await;

    assert_eq!(world.return_path(&ada.email), "no-reply@keyward.example");
}
