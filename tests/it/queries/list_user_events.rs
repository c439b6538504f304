use keyward_tests::World;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn events_are_newest_first_without_personal_data() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    let ada_id = world.user_id(&ada.email).await;
    let path = format!("/v1/users/{ada_id}");
    world.put_if(&root, &format!("{path}/role"), "*", json!({"role": "admin"})).await.expect(200);

    let reply = world.get_as(&root, &format!("{path}/events")).await.expect(200);

    let events = reply.items();
    let kinds: Vec<&Value> = events.iter().map(|event| &event["type"]).collect();
    assert_eq!(kinds, ["user.role_changed", "user.email_verified", "user.registered"]);
    assert_eq!(reply.json()["next_cursor"], Value::Null);
    let latest = &events[0];
    assert_eq!(latest["data"]["actor_id"], json!(world.user_id("root@example.org").await));
    assert_eq!(latest["id"], world.envelopes("user.role_changed").await[0]["event_id"]);
    assert!(latest["occurred_at"].as_str().unwrap().ends_with('Z'));
    assert!(!reply.text.contains("ada@"), "{}", reply.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_list_every_event_once() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    let path = format!("/v1/users/{}/events", world.user_id(&ada.email).await);

    let first = world.get_as(&root, &format!("{path}?limit=1")).await.expect(200).json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = world.get_as(&root, &format!("{path}?limit=1&cursor={cursor}")).await;

    assert_eq!(first["items"][0]["type"], "user.email_verified");
    assert_eq!(second.json()["items"][0]["type"], "user.registered");
    assert_eq!(second.json()["next_cursor"], Value::Null);
    let roots = format!("/v1/users/{}/events", world.user_id("root@example.org").await);
    let elsewhere = world.get_as(&root, &format!("{roots}?cursor={cursor}")).await;
    elsewhere.expect_problem(400, "parameter_invalid");
}
