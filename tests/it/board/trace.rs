use keyward_stack::mail_sink::Behaviour;
use keyward_tests::{World, pictures, until};
use serde_json::json;

use super::{KIND, ids, run};

#[tokio::test(flavor = "multi_thread")]
async fn job_page_shows_request_to_smtp_reply() {
    let world = World::with_operations().await;
    world.mail.behave(Behaviour::reply("451 4.3.0 come back later").times(1));
    let body = json!({
        "email": "ada@example.org", "display_name": "Ada", "password": "correct horse battery staple",
    });
    let request = world.request(reqwest::Method::POST, "/v1/users").json(&body);
    world.send(request.header("x-request-id", "from-the-shop-7")).await.expect(202);
    world.postponed(KIND).await;
    world.retry_now().await;
    world.mail_in("verification", "accepted").await;
    world.settle().await;
    let id = ids(&world, KIND).await.remove(0);
    let envelope = world.envelopes("user.registered").await.remove(0);

    let page = world.look(&format!("/jobs/{id}")).await.expect(200).text;

    let trace_id = envelope["trace"]["traceparent"].as_str().unwrap().split('-').nth(1).unwrap();
    let steps = [
        "Request",
        "from-the-shop-7",
        trace_id,
        "Event user.registered",
        envelope["event_id"].as_str().unwrap(),
        "Published to the stream",
        "Received: its jobs were inserted",
        "Queued as verification-email",
        "Attempt 1 failed",
        "451 4.3.0 come back later",
        "Completed by attempt 2",
        "Email verification: accepted by the relay",
        envelope["data"]["mail_id"].as_str().unwrap(),
        "reply of the relay",
        "250 ",
    ];
    let mut rest = page.as_str();
    for step in steps {
        let found = rest
            .find(step)
            .unwrap_or_else(|| panic!("{step:?} is missing or out of order: {page}"));
        rest = &rest[found..];
    }
    // The request id finds the same history, which contains only ids.
    let traced = world.look("/trace?q=from-the-shop-7").await.expect(200).text;
    for said in ["Event user.registered", &id, "accepted by the relay"] {
        assert!(traced.contains(said), "{said}: {traced}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn user_id_finds_the_emails_of_a_user() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let picture = pictures::jpeg(&pictures::photo(100, 100), 80);

    let request = world.request(reqwest::Method::PUT, "/v1/users/me/avatar").bearer_auth(&root);
    let request = request.header("content-type", "image/jpeg").header("x-request-id", "picture-7");
    world.send(request.body(picture)).await.expect(202);
    world.settle().await;

    let uploaded = world.envelopes("avatar.uploaded").await.remove(0);
    let changed = world.envelopes("avatar.changed").await.remove(0);
    assert_eq!(changed["trace"]["request_id"], "picture-7");
    let trace_id = |event: &serde_json::Value| {
        event["trace"]["traceparent"].as_str().unwrap().split('-').nth(1).unwrap().to_owned()
    };
    assert_eq!(trace_id(&changed), trace_id(&uploaded));
    let (_, said) = run(&world, &["trace", "picture-7"]).await;
    for step in ["avatar.uploaded", "avatar-renditions", "avatar.changed", "blob-collection"] {
        assert!(said.contains(step), "{step}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn emails_of_an_account_are_found_by_its_id() {
    let world = World::with_operations().await;
    world.register("ada").await;
    world.register("bob").await;
    world.mail_in("verification", "accepted").await;
    world.settle().await;
    world.mail.behave(Behaviour::reply("550 5.1.1 <ada@example.org> unknown"));
    world.sql("update users set email_verified_at = now()").await;
    world.post("/v1/password-resets", json!({"email": "ada@example.org"})).await.expect(202);
    let failed = world.mail_in("password_reset", "failed").await;
    world.settle().await;
    let user = world.user_id("ada@example.org").await;

    let page = world.look(&format!("/trace?q={user}")).await.expect(200).text;

    assert!(page.contains(&failed.mail_id.to_string()), "{page}");
    for said in
        ["failed, not retried", "550 5.1.1 &#60;[address]&#62; unknown", "accepted by the relay"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
    let others = world.user_id("bob@example.org").await.to_string();
    assert!(!page.contains(&others), "emails of another account");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_contain_no_address_link_token_or_body() {
    let world = World::with_operations().await;
    world.mail.behave(Behaviour::reply("451 later").times(1));
    let ada = world.register("ada").await;
    world.postponed(KIND).await;
    world.retry_now().await;
    let token = world.link_token(&ada.email, "/verify-email").await;
    world.settle().await;
    let id = ids(&world, KIND).await.remove(0);
    let user = world.user_id(&ada.email).await;
    let seen = async || world.look("/").await.text.contains("451 later").then_some(());
    until("the overview shows the error", seen).await;

    for path in [
        "/".into(),
        "/jobs?state=completed".into(),
        format!("/jobs/{id}"),
        format!("/trace?q={user}"),
        "/audit".into(),
    ] {
        let page = world.look(&path).await.expect(200).text;
        let secrets = [&ada.email, &ada.password, &token, "verify-email#", "Please confirm"];
        for secret in secrets {
            assert!(!page.contains(secret), "{path} has {secret}");
        }
    }
    let address = world.look("/trace?q=ada@example.org").await.expect(200).text;
    assert!(address.contains("Addresses are not searched"), "{address}");
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_one_event_link_to_each_other() {
    let world = World::with_operations().await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;
    let body = json!({"token": token, "password": "an entirely new passphrase"});
    world.post("/v1/password-resets/confirm", body).await.expect(204);
    world.settle().await;
    let mail = ids(&world, "password-changed-email").await.remove(0);

    let page = world.look(&format!("/jobs/{mail}")).await.expect(200).text;

    let (_, siblings) = page.split_once("Other jobs of the same event").unwrap();
    assert!(siblings.contains(">cache-invalidation</a>"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn operator_sees_and_discards_unreadable_events() {
    let world = World::with_operations().await;
    world.publish("user.registered", "poison", "no <b>event</b>").await;
    let found = async || (!world.dead_letters().await.is_empty()).then_some(());
    until("it is dead", found).await;

    let page = world.look("/unreadable").await.expect(200).text;
    assert!(page.contains("no &#60;b&#62;event"), "{page}");
    let (_, rest) = page.split_once("action=\"/unreadable/").unwrap();
    let id = &rest[..36];
    let page = world.act(&format!("/unreadable/{id}/discard"), &[]).await.text;

    assert!(
        page.contains("The event was discarded.") && page.contains("There are none."),
        "{page}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn unreadable_events_are_paginated() {
    let world = World::with_operations().await;
    world
        .sql(
            "insert into dead_letters (dead_letter_id, subject, payload, reason, received_at)
             select ('0fff0000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'user.registered',
                    '', 'reason-number-' || n, now()
             from generate_series(1, 60) as n",
        )
        .await;

    let first = world.look("/unreadable").await.expect(200).text;
    let (_, rest) = first.split_once("<a class=\"button second\" href=\"").unwrap();
    let earlier = rest.split('"').next().unwrap();
    let second = world.look(earlier).await.expect(200).text;
    let last = "/unreadable/0fff0000-0000-7000-8000-000000000001/discard";
    let after = world.act(last, &[("back", earlier)]).await.text;

    assert!(first.contains("reason-number-60<") && first.contains("reason-number-11<"));
    assert!(!first.contains("reason-number-10<"));
    assert!(second.contains("reason-number-10<") && second.contains("reason-number-1<"));
    assert!(second.contains(&format!("name=\"back\" value=\"{earlier}\"")), "{second}");
    assert!(!second.contains(">Earlier<"), "{second}");
    assert!(after.contains("The event was discarded.") && after.contains("reason-number-2<"));
    assert!(!after.contains("reason-number-1<") && !after.contains("reason-number-60<"));
}
