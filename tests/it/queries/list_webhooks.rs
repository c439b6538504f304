use keyward_tests::World;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_are_listed_newest_first_without_secrets() {
    let (world, root) = World::with_webhooks().await;
    let older = world.webhook(&root, "https://example.org/older", &["user.deleted"]).await;
    let newer = world.webhook(&root, "https://example.org/newer", &["user.deleted"]).await;

    let first = world.get_as(&root, "/v1/webhooks?limit=1").await.expect(200);

    assert_eq!(first.json()["items"][0]["id"], newer.id);
    let cursor = first.json()["next_cursor"].as_str().unwrap().to_owned();
    let expected = format!("</v1/webhooks?limit=1&cursor={cursor}>; rel=\"next\"");
    assert_eq!(first.header("link"), expected);
    let second = world.get_as(&root, &format!("/v1/webhooks?limit=1&cursor={cursor}")).await;
    assert_eq!(second.json()["items"][0]["id"], older.id);
    assert_eq!(second.json()["items"][0]["url"], "https://example.org/older");
    assert_eq!(second.json()["items"][0]["types"], json!(["user.deleted"]));
    assert_eq!(second.json()["next_cursor"], Value::Null);
    assert!(!format!("{}{}", first.text, second.text).contains("whsec_"));
}
