use keyward_tests::{Endpoint, World};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_listed_newest_first_in_pages() {
    let (world, root) = World::with_webhooks().await;
    let endpoint = Endpoint::start().await;
    let webhook = world.webhook(&root, &endpoint.url(), &["user.registered"]).await;
    world.register("ada").await;
    world.delivery_in(&root, &webhook, "delivered", 1).await;
    endpoint.answers("500 Broken");
    world.register("grace").await;
    world.delivery_in(&root, &webhook, "pending", 1).await;
    let path = format!("/v1/webhooks/{}/deliveries", webhook.id);

    let first = world.get_as(&root, &format!("{path}?limit=1")).await.expect(200).json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = world.get_as(&root, &format!("{path}?limit=1&cursor={cursor}")).await;

    let failed = &first["items"][0];
    assert_eq!((&failed["state"], &failed["type"]), (&json!("pending"), &json!("user.registered")));
    assert_eq!(
        (&failed["last_status"], &failed["last_error"]),
        (&json!(500), &json!("answered 500"))
    );
    assert!(failed["next_try_at"].is_string());
    let delivered = &second.json()["items"][0];
    assert_eq!(
        (&delivered["state"], &delivered["last_status"]),
        (&json!("delivered"), &json!(204))
    );
    assert_eq!((&delivered["last_error"], &delivered["next_try_at"]), (&Value::Null, &Value::Null));
    let ada = world.envelopes("user.registered").await;
    assert!(ada.iter().any(|envelope| envelope["event_id"] == delivered["event_id"]));
    assert_eq!(second.json()["next_cursor"], Value::Null);
}
