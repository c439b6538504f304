use keyward_tests::{Endpoint, World};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn secret_appears_only_in_the_uncacheable_response() {
    let (world, root) = World::with_webhooks().await;
    let body = json!({"url": "https://example.org/hooks", "description": " CRM ",
                      "types": ["user.deleted", "user.deleted"]});

    let reply = world.post_json_as(&root, "/v1/webhooks", body).await.expect(201);

    assert_eq!(reply.header("cache-control"), "no-store");
    let created = reply.json();
    let (secret, webhook) = (created["secret"].as_str().unwrap(), &created["webhook"]);
    assert!(secret.starts_with("whsec_"), "{secret}");
    assert_eq!(webhook["description"], "CRM");
    assert_eq!(webhook["types"], json!(["user.deleted"]));
    assert_eq!((&webhook["enabled"], &webhook["failing_since"]), (&json!(true), &Value::Null));
    let location = reply.header("location").to_owned();
    assert_eq!(location, format!("/v1/webhooks/{}", webhook["id"].as_str().unwrap()));
    let found = world.get_as(&root, &location).await.expect(200);
    assert_eq!(found.json(), *webhook);
    assert!(!found.text.contains("whsec_"));
    let row: String = sqlx::query_scalar("select webhooks::text from webhooks")
        .fetch_one(&world.db)
        .await
        .unwrap();
    assert!(!row.contains(&secret["whsec_".len()..]), "{row}");
}

#[tokio::test(flavor = "multi_thread")]
async fn event_names_the_actor_but_not_the_url() {
    let (world, root) = World::with_webhooks().await;
    let endpoint = Endpoint::start().await;

    let webhook = world.webhook(&root, &endpoint.url(), &[]).await;

    let event = world.envelopes("webhook.created").await.remove(0);
    assert_eq!(event["data"]["webhook_id"], webhook.id);
    assert_eq!(event["data"]["actor_id"], json!(world.user_id("root@example.org").await));
    assert!(!event.to_string().contains("hooks?"), "{event}");
    // An endpoint for all types also receives the event of its creation.
    assert_eq!(endpoint.nth(1).await.kind(), "webhook.created");
    world.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_errors_are_reported_at_once() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    for (body, flaws) in [
        (json!({}), vec![("/url", "required")]),
        (json!({"url": 7}), vec![("/url", "wrong_type")]),
        (
            json!({"url": "https://10.0.0.1/", "types": ["user.*"], "description": "a\u{0}",
                   "secret": "whsec_AAAA"}),
            vec![
                ("/secret", "unknown_member"),
                ("/url", "address_not_allowed"),
                ("/description", "forbidden_character"),
                ("/types", "unknown_value"),
            ],
        ),
        (json!({"url": "http://example.org/"}), vec![("/url", "https_required")]),
        (json!({"url": "https://a@example.org/"}), vec![("/url", "forbidden_part")]),
        (json!({"url": "https://example.org/", "types": "x"}), vec![("/types", "wrong_type")]),
    ] {
        let reply = world.post_json_as(&root, "/v1/webhooks", body).await;
        let errors = reply.expect_problem(422, "invalid").json()["errors"].clone();
        let found: Vec<(&str, &str)> = errors
            .as_array()
            .unwrap()
            .iter()
            .map(|e| (e["pointer"].as_str().unwrap(), e["code"].as_str().unwrap()))
            .collect();
        assert_eq!(found, flaws);
    }
    assert_eq!(world.count("webhooks").await, 0);
}
