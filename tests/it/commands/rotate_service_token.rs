use chrono::{DateTime, TimeDelta, Utc};
use keyward_tests::World;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn rotation_says_until_when_the_previous_secret_works() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let made = world.service_token(&root, &["events:read"]).await;
    let path = format!("/v1/service-tokens/{}/rotate", made.id);

    let reply = world.post_as(&root, &path).await.expect(200);

    let rotated = reply.json();
    assert_ne!(rotated["token"], json!(made.token));
    assert_eq!(reply.header("cache-control"), "no-store");
    let until: DateTime<Utc> = rotated["previous_works_until"].as_str().unwrap().parse().unwrap();
    let left = until - world.app.clock.now();
    assert!((TimeDelta::hours(23)..=TimeDelta::hours(24)).contains(&left), "{left}");
    let listed = world.listed_service_token(&root, &made.id).await;
    assert_eq!(listed["previous_works_until"], rotated["previous_works_until"]);
    assert_eq!(world.envelopes("service_token.rotated").await.len(), 1);
    for bad in ["x", "-1", "604801"] {
        world.post_as(&root, &format!("{path}?overlap_seconds={bad}")).await.expect(400);
    }
    world.settle().await;
}
