use futures_util::future::join_all;
use keyward_tests::{Options, World, registration, tally};
use serde_json::json;

/// Strings that are not the address of exactly one mailbox, or that imitate another address.
const NOT_ONE: [&str; 27] = [
    "",
    "ada",
    "ada@localhost",
    "ada@[127.0.0.1]",
    "ada@example.org,eve@example.org",
    "ada@example.org;eve@example.org",
    "ada@example.org eve@example.org",
    "ada@eve.example@example.org",
    "Ada <ada@example.org>",
    "\"ada eve\"@example.org",
    "\"ada\"@example.org",
    "ada(eve)@example.org",
    "ada@example.org\r\nBcc: eve@example.org",
    "ada@example.org%0d%0aBcc: eve@example.org",
    "ada\u{0}@example.org",
    "ada@example.org\u{0}",
    "a\u{200b}da@example.org",
    "ada@exam\u{200b}ple.org\u{202e}",
    "a\u{ad}da@example.org",
    "\u{ff41}da@example.org",
    "o\u{fb03}ce@example.org",
    "ada@xn--zzzzzzzz99.example",
    "ada@xn--.example",
    "ada@example.org>\r\nRCPT TO:<eve@example.org",
    "ada@example.org\u{2028}eve",
    "ada@-example.org",
    "' or 1=1 --@example.org",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_route_rejects_an_invalid_address() {
    let world = World::new().await;
    let (ada, access) = world.logged_in("ada").await;
    let before = world.settle().await;

    for email in NOT_ONE {
        let refused = [
            world.post("/v1/users", registration(email)).await,
            world.request_reset(email).await,
            world.post("/v1/email-verifications", json!({"email": email})).await,
            world.request_email_change(&access, &ada, email).await,
        ];
        for reply in refused {
            let reply = reply.expect_problem(422, "invalid").json();
            assert_eq!(reply["errors"][0]["pointer"], "/email", "{email:?}");
        }
        let body = json!({"email": email, "password": ada.password});
        let reply = world.post("/v1/sessions", body).await;
        assert!(reply.status.is_client_error(), "{email:?}: {}", reply.text);
    }

    assert_eq!(world.count("users").await, 1);
    assert_eq!(world.settle().await, before, "rejected requests leave no events");
    assert_eq!(world.mail.messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_addresses_one_mailbox() {
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
        let reply = world.post("/v1/password-resets", json!({"email": email})).await;
        reply.expect_invalid("/email");
    }
    let duplicate = format!(r#"{{"email":"{}","email":"eve@example.org"}}"#, ada.email);
    let request = world.request(reqwest::Method::POST, "/v1/password-resets").body(duplicate);
    let reply = world.send(request.header("content-type", "application/json")).await;
    reply.expect_problem(400, "malformed");

    let after = world.settle().await;
    assert_eq!(after, before, "rejected requests leave no events");
}

#[tokio::test(flavor = "multi_thread")]
async fn equivalent_spellings_share_one_account_but_plus_tags_do_not() {
    let world = World::with(Options::default().without_worker()).await;

    for email in [
        "zo\u{eb}@example.org",
        "ZOE\u{308}@EXAMPLE.org",
        " zoe\u{308}@example.org ",
        "ada@b\u{fc}cher.example",
        "Ada@B\u{dc}CHER.example",
        "ada@xn--bcher-kva.example",
        "ada+news@b\u{fc}cher.example",
    ] {
        world.post("/v1/users", registration(email)).await.expect(202);
    }

    assert_eq!(world.count("users").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn equivalent_spelling_of_a_taken_address_stays_with_its_owner() {
    let world = World::new().await;
    let body = registration("zo\u{eb}@b\u{fc}cher.example");
    world.post("/v1/users", body).await.expect(202);
    world.sql("update users set email_verified_at = now()").await;
    let (eve, access) = world.logged_in("evelyn").await;

    for twin in [
        "ZO\u{cb}@b\u{fc}cher.example",
        "zoe\u{308}@B\u{dc}CHER.example",
        "Zoe\u{308}@xn--bcher-kva.example",
        "zo\u{eb}@XN--BCHER-KVA.EXAMPLE",
    ] {
        world.post("/v1/users", registration(twin)).await.expect(202);
        world.request_email_change(&access, &eve, twin).await.expect(202);
    }

    assert_eq!(world.count("users").await, 2);
    let notices = "mails where kind = 'already_registered' and user_id is not null";
    assert_eq!(world.count(notices).await, 8);
    let linked = "mails where kind = 'email_change_confirmation' and state <> 'suppressed'";
    assert_eq!(world.count(linked).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_concurrent_registrations_create_one_account_and_link() {
    let world = World::with(Options::burst()).await;
    let spelled = |nth: usize| {
        let letters = "adalovelace"
            .char_indices()
            .map(|(i, c)| if nth >> (i % 6) & 1 == 1 { c.to_ascii_uppercase() } else { c });
        format!("{}@Example.ORG", letters.collect::<String>())
    };

    let replies = world.post_at_once(50, "/v1/users", |nth| registration(&spelled(nth))).await;

    assert_eq!(tally(&replies), [(202, 50)]);
    assert_eq!(world.count("users").await, 1);
    let subjects = world.settle().await;
    assert_eq!(subjects.iter().filter(|subject| *subject == "user.registered").count(), 1);
    let mails = world.mail.messages();
    let tokens = mails.iter().filter_map(|mail| {
        let (_, rest) = mail.text.split_once("/verify-email#")?;
        rest.split_whitespace().next()
    });
    let confirmed = join_all(tokens.map(|token| world.confirm_email(token))).await;
    let good = confirmed.iter().filter(|reply| reply.status == 204).count();
    assert_eq!(good, 1, "{:?}", tally(&confirmed));
}
