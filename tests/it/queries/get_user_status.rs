use keyward_tests::World;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn administrator_reads_who_disabled_an_account_and_why() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    let path = format!("/v1/users/{}/status", world.user_id(&ada.email).await);
    let never = json!({"status": "active", "reason": null, "changed_by": null,
                       "changed_at": null});
    assert_eq!(world.get_as(&root, &path).await.expect(200).json(), never);

    let body = json!({"status": "disabled", "reason": " sends spam\nsince May "});
    world.put_if(&root, &path, "*", body).await.expect(200);
    let disabled = world.get_as(&root, &path).await.expect(200).json();
    world.put_if(&root, &path, "*", json!({"status": "active"})).await.expect(200);
    let enabled = world.get_as(&root, &path).await.expect(200).json();

    assert_eq!(disabled["status"], "disabled");
    assert_eq!(disabled["reason"], "sends spam\nsince May");
    assert_eq!(disabled["changed_by"], json!(world.user_id("root@example.org").await));
    assert!(disabled["changed_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!((&enabled["status"], &enabled["reason"]), (&json!("active"), &Value::Null));
}
