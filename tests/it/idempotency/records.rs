use std::time::Duration;

use keyward_tests::{PASSWORD, World, registration};
use keyward_worker::ops::maintenance;
use serde_json::json;

use super::{is_replayed, post, post_as};

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test(flavor = "multi_thread")]
async fn a_key_expires_after_24_hours() {
    let world = World::new().await;
    let ask = async || post(&world, "/v1/users", "key-1", registration("ada@example.org")).await;
    ask().await.expect(202);

    world.clock.advance(24 * HOUR - Duration::from_secs(60));
    assert!(is_replayed(&ask().await));
    world.clock.advance(Duration::from_secs(61));
    assert!(!is_replayed(&ask().await.expect(202)));

    assert!(is_replayed(&ask().await));
    assert_eq!(world.count("users").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_disappear_with_their_day() {
    let world = World::new().await;
    let keep = async |key: &str| {
        post(&world, "/v1/password-resets", key, json!({"email": "ada@example.org"}))
            .await
            .expect(202);
    };
    let maintain = async || {
        while maintenance::run(&world.app).await.unwrap() < Duration::from_secs(60) {}
    };

    for day in 0..9 {
        keep(&format!("key-{day}")).await;
        maintain().await;
        let partitions = "(select day from idempotency_records group by day) as used";
        assert!(world.count(partitions).await <= 4, "day {day}");
        world.clock.advance(24 * HOUR);
    }
    for _ in 0..4 {
        world.clock.advance(24 * HOUR);
        maintain().await;
    }
    assert_eq!(world.count("idempotency_records").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_has_neither_the_key_nor_a_secret_nor_personal_data() {
    let (world, root) = World::with_webhooks().await;
    let key = "a-key-that-only-the-client-knows";
    post(&world, "/v1/users", key, registration("ada@example.org")).await.expect(202);
    let body = json!({"url": "https://example.org/"});
    let reply = post_as(&world, &root, "/v1/webhooks", key, body).await.expect(201);
    let token = world.invite(&root, "grace@example.org", "user").await;
    let body =
        json!({"token": token, "password": "a passphrase of their own", "display_name": "Grace"});
    post(&world, "/v1/invitations/accept", key, body).await.expect(201);

    let rows: Vec<String> =
        sqlx::query_scalar("select records::text from idempotency_records as records")
            .fetch_all(&world.db)
            .await
            .unwrap();

    assert!(rows.len() >= 3, "twice around midnight");
    let secret = reply.json()["secret"].as_str().unwrap().to_owned();
    for secret in [key, &secret["whsec_".len()..], &token, PASSWORD, "example.org", "Grace"] {
        assert!(rows.iter().all(|row| !row.contains(secret)), "{secret}: {rows:#?}");
    }
}
