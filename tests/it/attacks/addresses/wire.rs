//! What the worker writes to the SMTP relay.

use keyward_stack::mail_sink::Behaviour;
use keyward_tests::{Options, World, registration};
use serde_json::json;

const QUEUE: &str = "verification-email";

#[tokio::test(flavor = "multi_thread")]
async fn display_name_cannot_inject_a_header() {
    let world = World::new().await;
    let (_, token) = world.logged_in("ada").await;

    for name in ["Ada\r\nBcc: eve@example.org", "Ada\nX: y", "Ada\u{0}", "Ada\u{85}x", "A\u{2028}x"]
    {
        let body = json!({"email": "b@example.org", "password": "correct horse battery", "display_name": name});
        world.post("/v1/users", body).await.expect_problem(422, "invalid");
        world.rename(&token, name).await.expect_problem(422, "invalid");
    }

    world.settle().await;
    assert_eq!(world.mail.messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn line_with_a_leading_dot_arrives_unchanged() {
    // A footer line starts with the product name.
    let world = World::with(Options::default().set("PRODUCT_NAME", ".dot")).await;
    let ada = world.register("ada").await;

    let mail = world.nth_mail(&ada.email, "Confirm", 1).await;

    let footer = format!(".dot, {}", world.url);
    assert!(mail.text.lines().any(|line| line == footer), "{}", mail.text);
    let raw = String::from_utf8_lossy(&mail.raw);
    assert!(raw.lines().any(|line| line.starts_with(".dot, ")), "the dot is not encoded: {raw}");
    assert!(mail.text.contains("sent automatically"), "the rest of the body arrives");
}

#[tokio::test(flavor = "multi_thread")]
async fn email_goes_to_the_address_stored_when_it_was_planned() {
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
    assert_eq!(
        world.count(kept).await,
        0,
        "the ledger keeps an address only as long as it needs it"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn address_the_relay_cannot_encode_is_a_recorded_failure() {
    let world = World::new().await;
    let zoe = "zo\u{eb}@example.org";
    let body = registration(zoe);

    world.post("/v1/users", body).await.expect(202);

    let failed = world.mail_in("verification", "failed").await;
    assert!(failed.reply.as_ref().unwrap().contains("SMTPUTF8"), "{failed:?}");
    assert_eq!(failed.attempts, 1);
    assert_eq!(world.ended(QUEUE).await, ["Killed"]);
    assert_eq!(world.mail.messages().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn display_name_is_never_markup_or_an_smtp_command() {
    let world = World::new().await;
    let names = [
        r#"</p><script>alert(1)</script>"#,
        "<img src=x onerror=alert(1)>",
        r#""><a href=x>click</a>"#,
        "{{ mail.code }} {% raw %}",
        "QUIT DATA MAIL FROM",
        "=?utf-8?q?Bcc?= eve",
    ];

    for (nth, name) in names.iter().enumerate() {
        let mut body = registration(&format!("ada{nth}@example.org"));
        body["display_name"] = json!(name);
        world.post("/v1/users", body).await.expect(202);
    }
    world.settle().await;

    let mails = world.mail.messages();
    assert_eq!(mails.len(), names.len());
    for mail in mails {
        for markup in ["<script", "<a href=x", "<img"] {
            assert!(!mail.html.contains(markup), "{}", mail.html);
        }
        assert_eq!(mail.envelope_to.len(), 1);
        let names: Vec<String> = mail.headers.iter().map(|(name, _)| name.to_lowercase()).collect();
        assert!(!names.iter().any(|name| name == "bcc" || name == "cc"), "{names:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn email_goes_only_to_the_stored_spelling() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    world.settle().await;
    world.mail.clear();

    world.request_reset("ADA@EXAMPLE.ORG").await.expect(202);
    world.post("/v1/users", registration("aDa@example.org")).await.expect(202);
    world.settle().await;

    let mails = world.mail.messages();
    assert_eq!(mails.len(), 2);
    assert!(mails.iter().all(|mail| mail.envelope_to == [ada.email.clone()]));
}
