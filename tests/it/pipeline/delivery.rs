//! The form of every email on the wire, and its recipients.

use keyward_tests::{Options, World};

const QUEUE: &str = "verification-email";

#[tokio::test(flavor = "multi_thread")]
async fn email_is_auto_submitted_and_has_the_ledger_id() {
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
    assert!(ledger.reply.unwrap().starts_with("250 "), "the SMTP reply is kept");
    assert!(!mail.html.contains("<img") && !mail.html.contains("<script"), "nothing remote");
    let names = mail.headers.iter().map(|(name, _)| name.to_lowercase());
    assert_eq!(names.filter(|name| name == "cc" || name == "bcc").count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn accepted_email_is_never_resent() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    world.settle().await;

    world.run_again(QUEUE).await;

    assert_eq!(world.ended(QUEUE).await, ["Done", "Done"]);
    assert_eq!(world.mail.attempts_to(&ada.email).len(), 1);
    assert_eq!(world.mail_in("verification", "accepted").await.attempts, 1);
}
