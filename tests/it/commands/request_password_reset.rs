use keyward_tests::{Options, World};
use serde_json::json;

const REQUEST: &str = "/v1/password-resets";
const CONFIRM: &str = "/v1/password-resets/confirm";
const SUBJECT: &str = "Reset your Keyward password";

#[tokio::test(flavor = "multi_thread")]
async fn known_unknown_disabled_and_unproven_addresses_get_the_same_answer() {
    let world = World::new().await;
    let (ada, bob) = (world.account("ada").await, world.register("bobby").await);
    let dan = world.account("daniel").await;
    world.disable(&dan).await;
    let ask = |email: &str| world.post(REQUEST, json!({"email": email}));

    let known = ask("ADA@Example.org").await.expect(202);
    let others = [ask(&bob.email).await, ask(&dan.email).await, ask("nobody@example.org").await];

    assert_eq!(known.text, r#"{"status":"check_your_email"}"#);
    for other in others {
        assert_eq!(other.text, known.text);
        assert_eq!(other.without_id(), known.without_id());
    }
    let subjects = world.settle().await;
    let count = |subject: &str| subjects.iter().filter(|s| *s == subject).count();
    assert_eq!(count("user.password_reset_requested"), 2);
    assert_eq!(count("link.request_ignored"), 2);
    for (email, mails) in [(&ada.email, 1), (&bob.email, 1), (&dan.email, 0)] {
        let sent = world.mail.messages_to(email);
        let sent = sent.iter().filter(|mail| mail.subject == SUBJECT).count();
        assert_eq!(sent, mails, "{email}");
    }
    assert_eq!(world.mail.messages_to("nobody@example.org").len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_address_costs_the_same_rows() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    world.settle().await;
    let rows = async || {
        [world.count("links").await, world.count("mails").await, world.count("outbox").await]
    };

    let start = rows().await;
    world.post(REQUEST, json!({"email": ada.email})).await.expect(202);
    let known = rows().await;
    world.post(REQUEST, json!({"email": "nobody@example.org"})).await.expect(202);
    let unknown = rows().await;

    let added = |a: [i64; 3], b: [i64; 3]| [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
    assert_eq!(added(start, known), [1, 1, 1]);
    assert_eq!(added(known, unknown), [1, 1, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_request_makes_older_links_dead() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let old = world.reset_token(&ada.email).await;
    let new = world.reset_token(&ada.email).await;
    let set = |token: String| {
        world.post(CONFIRM, json!({"token": token, "password": "a fresh passphrase it is"}))
    };

    set(old).await.expect_problem(400, "link_invalid");
    set(new).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_requests_at_once_one_link_is_left() {
    let world = World::with(Options::crowded()).await;
    let ada = world.account("ada").await;

    let replies = world.post_at_once(20, REQUEST, |_| json!({"email": ada.email})).await;

    assert!(replies.iter().all(|reply| reply.status == 202));
    world.settle().await;
    let open = "links where purpose = 'reset_password' and used_at is null and revoked_at is null";
    assert_eq!(world.count(open).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_leads_to_the_public_url_whatever_the_headers_say() {
    let options = Options::default().set("PUBLIC_URL", "https://id.example.test");
    let world = World::with(options).await;
    world.register("ada").await;
    world.settle().await;
    world.mail.clear();

    for headers in [
        &[("host", "evil.example")][..],
        &[("x-forwarded-host", "evil.example"), ("x-forwarded-proto", "http")],
        &[("forwarded", "host=evil.example;proto=http"), ("x-original-host", "evil.example")],
        &[("x-forwarded-server", "evil.example"), ("x-forwarded-prefix", "/evil.example")],
        &[("referer", "https://evil.example/"), ("x-host", "evil.example")],
    ] {
        let mut request = world.request(reqwest::Method::POST, REQUEST);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.json(&json!({"email": "ada@example.org"}));
        world.send(request).await.expect(202);
        world.settle().await;
    }

    let mails = world.mail.messages();
    assert_eq!(mails.len(), 5);
    for mail in mails {
        let raw = String::from_utf8_lossy(&mail.raw);
        assert!(!raw.contains("evil"), "{raw}");
        assert!(mail.text.contains("https://id.example.test/reset-password#"), "{}", mail.text);
        assert!(mail.html.contains("https://id.example.test/reset-password#"), "{}", mail.html);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_no_way_to_say_where_the_link_leads() {
    let world = World::new().await;
    let ada = world.account("ada").await;

    for member in ["redirect", "redirect_uri", "next", "return_to", "url", "callback"] {
        let mut body = json!({"email": ada.email});
        body[member] = json!("https://evil.example");
        world.post(REQUEST, body).await.expect_problem(422, "invalid");
    }
    let path = format!("{REQUEST}?redirect=https://evil.example&next=//evil.example");
    world.post(&path, json!({"email": ada.email})).await.expect(202);

    let mail = world.nth_mail(&ada.email, SUBJECT, 1).await;
    assert!(!String::from_utf8_lossy(&mail.raw).contains("evil"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_is_for_one_mailbox() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let before = world.settle().await;

    for email in [
        json!([ada.email, "eve@example.org"]),
        json!(format!("{},eve@example.org", ada.email)),
        json!(format!("{}\r\nBcc: eve@example.org", ada.email)),
        json!(format!("{}\u{0}", ada.email)),
        json!(""),
    ] {
        let reply = world.post(REQUEST, json!({"email": email})).await;
        assert_eq!(reply.expect_problem(422, "invalid").json()["errors"][0]["pointer"], "/email");
    }
    let duplicate = format!(r#"{{"email":"{}","email":"eve@example.org"}}"#, ada.email);
    let request = world.request(reqwest::Method::POST, REQUEST).body(duplicate);
    world.send(request.header("content-type", "application/json")).await;

    let after = world.settle().await;
    let new = &after[before.len()..];
    assert!(!new.contains(&"user.password_reset_requested".to_owned()), "{new:?}");
}
