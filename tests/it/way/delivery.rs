//! What every mail is on the wire, and who gets it.

use keyward_stack::mail_sink::Behaviour;
use keyward_tests::{Options, World};
use serde_json::json;

const QUEUE: &str = "verification-email";

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_says_that_a_machine_wrote_it_and_its_id_is_the_ledgers() {
    let options = Options::default().set("MAIL_FROM", "Accounts <accounts@keyward.example>");
    let world = World::with(options).await;
    let ada = world.register("ada").await;

    let mail = world.nth_mail(&ada.email, "Confirm", 1).await;

    let header = |name: &str| {
        let found: Vec<_> = mail.headers.iter().filter(|(one, _)| one == name).collect();
        assert_eq!(found.len(), 1, "{name} once in {:?}", mail.headers);
        found[0].1.clone()
    };
    let ledger = world.mail_in("verification", "accepted").await;
    assert_eq!(header("Message-ID"), format!("<{}@keyward.example>", ledger.mail_id));
    assert_eq!(header("From"), "Accounts <accounts@keyward.example>");
    assert_eq!(header("To"), "ada@example.org");
    assert_eq!(header("Auto-Submitted"), "auto-generated");
    assert_eq!(header("X-Auto-Response-Suppress"), "All");
    assert!(header("Content-Type").starts_with("multipart/alternative"));
    assert!(!header("Date").is_empty());
    assert!(ledger.reply.unwrap().starts_with("250 "), "the relay's words are kept");
    assert!(!mail.html.contains("<img") && !mail.html.contains("<script"), "nothing remote");
    let names = mail.headers.iter().map(|(name, _)| name.to_lowercase());
    assert_eq!(names.filter(|name| name == "cc" || name == "bcc").count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_cannot_break_out_of_its_line() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.log_in(&ada).await.access;

    for name in ["Ada\r\nBcc: eve@example.org", "Ada\nX: y", "Ada\u{0}", "Ada\u{85}x", "A\u{2028}x"]
    {
        let body = json!({"email": "b@example.org", "password": "correct horse battery", "display_name": name});
        world.post("/v1/users", body).await.expect_problem(422, "invalid");
        let body = json!({"display_name": name});
        world.patch_as(&token, "/v1/users/me", body).await.expect_problem(422, "invalid");
    }

    world.settle().await;
    assert_eq!(world.mail.messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_starts_with_a_dot_arrives_as_it_was_written() {
    // The product's name starts a line of the footer.
    let world = World::with(Options::default().set("PRODUCT_NAME", ".dot")).await;
    let ada = world.register("ada").await;

    let mail = world.nth_mail(&ada.email, "Confirm", 1).await;

    let footer = format!(".dot, {}", world.url);
    assert!(mail.text.lines().any(|line| line == footer), "{}", mail.text);
    let raw = String::from_utf8_lossy(&mail.raw);
    assert!(raw.lines().any(|line| line.starts_with(".dot, ")), "not encoded away: {raw}");
    assert!(mail.text.contains("sent by a machine"), "nothing after it is lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_goes_to_the_address_that_was_on_file_when_it_was_promised() {
    let world = World::new().await;
    world.mail.behave(Behaviour::reply("451 4.3.0 try later").times(1));
    world.register("ada").await;
    world.postponed(QUEUE).await;

    world.sql("update users set email = 'new@example.org', email_key = 'new@example.org'").await;
    world.retry_now().await;
    world.settle().await;

    let sent = world.mail.messages();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].envelope_to, ["ada@example.org"]);
    assert_eq!(sent[0].to, ["ada@example.org"]);
    let kept = "mails where email is not null";
    assert_eq!(world.count(kept).await, 0, "the ledger keeps no address that it does not need");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_gone_gets_no_mail_and_its_job_ends() {
    let world = World::new().await;
    world.mail.behave(Behaviour::reply("451 4.3.0 try later").times(1));
    world.register("ada").await;
    world.postponed(QUEUE).await;

    sqlx::query("delete from users").execute(&world.db).await.unwrap();
    world.retry_now().await;

    assert_eq!(world.ended(QUEUE).await, ["Done"]);
    assert_eq!(world.mail.messages().len(), 0);
    assert_eq!(world.mail.attempts().len(), 1, "only the one before it was gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_mail_is_never_sent_again_even_if_its_job_is() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    world.settle().await;

    world.run_again(QUEUE).await;

    assert_eq!(world.ended(QUEUE).await, ["Done", "Done"]);
    assert_eq!(world.mail.attempts_to(&ada.email).len(), 1);
    assert_eq!(world.mail_in("verification", "accepted").await.attempts, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_the_relay_cannot_write_is_a_recorded_failure() {
    let world = World::new().await;
    let zoe = "zo\u{eb}@example.org";
    let body =
        json!({"email": zoe, "password": "correct horse battery", "display_name": "Zo\u{eb}"});

    world.post("/v1/users", body).await.expect(202);

    let failed = world.mail_in("verification", "failed").await;
    assert!(failed.reply.as_ref().unwrap().contains("SMTPUTF8"), "{failed:?}");
    assert_eq!(failed.attempts, 1);
    assert_eq!(world.ended(QUEUE).await, ["Killed"]);
    assert_eq!(world.mail.messages().len(), 0);
}
