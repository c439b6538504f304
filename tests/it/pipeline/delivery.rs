//! The form of every email on the wire, and its recipients.

use keyward_stack::mail_sink::{Action, Behaviour};
use keyward_tests::{Options, World, registration};

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

#[tokio::test(flavor = "multi_thread")]
async fn ehlo_says_a_fully_qualified_name() {
    for (setting, value, name) in [
        ("SMTP_EHLO_NAME", "mail.bücher.example", "mail.xn--bcher-kva.example"),
        ("PUBLIC_URL", "https://accounts.example.org", "accounts.example.org"),
        ("PUBLIC_URL", "http://127.0.0.1:1234", "[127.0.0.1]"),
        ("PUBLIC_URL", "http://[::1]:1234", "[IPv6:::1]"),
    ] {
        let world = World::with(Options::default().set(setting, value)).await;
        world.mail.behave(Behaviour::new(Action::StrictHelo { literals: true }));

        world.register("ada").await;
        world.settle().await;

        assert_eq!(world.mail.attempts()[0].helo, name, "{setting}={value}");
        assert_eq!(world.mail.messages().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sender_is_written_as_mail_servers_expect_it() {
    for (from, name, address) in [
        ("Acme, Inc. <a@b.example>", "\"Acme, Inc.\"", "a@b.example"),
        ("\"Acme \\\"X\\\" (EU)\" <a@b.example>", "", "a@b.example"),
        ("Bücher <post@bücher.example>", "", "post@xn--bcher-kva.example"),
        ("=?utf-8?q?B=C3=BCcher?= <a@b.example>", "", "a@b.example"),
        ("a@b.example", "", "a@b.example"),
    ] {
        let world = World::with(Options::default().set("MAIL_FROM", from)).await;

        let ada = world.register("ada").await;

        let mail = world.nth_mail(&ada.email, "Confirm", 1).await;
        world.settle().await;
        assert_eq!(mail.from, address, "{from}");
        assert_eq!(world.mail.attempts_to(&ada.email)[0].from, address, "{from}");
        let header = mail.header("From").unwrap();
        assert!(header.is_ascii() && header.contains(address), "{header}");
        let shown = name.is_empty()
            || header.contains(name)
            || header.contains("=?utf-8?b?QWNtZSwgSW5jLg==?=");
        assert!(shown, "{header}");
        let domain = address.split('@').nth(1).unwrap();
        assert!(mail.message_id.ends_with(&format!("@{domain}")), "{}", mail.message_id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_of_every_script_reach_a_relay_with_smtputf8() {
    let world = World::with(Options::default().with_smtputf8()).await;
    let addresses = [
        "zo\u{eb}@example.org",
        "\u{939}\u{93f}\u{928}\u{94d}\u{926}\u{940}@example.org",
        "\u{1019}\u{103c}\u{1014}\u{103a}\u{1019}\u{102c}@example.org",
        "\u{17a2}\u{17d2}\u{1793}\u{1780}@example.org",
        "ada@b\u{fc}cher.example",
    ];
    for address in addresses {
        world.post("/v1/users", registration(address)).await.expect(202);
    }
    world.settle().await;

    for address in addresses {
        let sent = address.replace("b\u{fc}cher", "xn--bcher-kva");
        let mail = world.nth_mail(&sent, "Confirm", 1).await;
        assert_eq!(mail.to, [sent.as_str()]);
        assert_eq!(mail.envelope_to, [sent.as_str()]);
    }
}
