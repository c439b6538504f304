use std::time::Duration;

use keyward_tests::{Endpoint, Received, World};
use standardwebhooks::Webhook;

/// The secrets among these whose signature is valid.
fn signed_by(got: &Received, secrets: &[&str]) -> Vec<bool> {
    let header = |name: &str| got.headers[name].as_str();
    let (id, at) = (header("webhook-id"), header("webhook-timestamp").parse().unwrap());
    let has_signed = |secret: &&str| {
        // The reference implementation of the Standard Webhooks specification.
        let expected = Webhook::new(secret).unwrap().sign(id, at, got.body.as_bytes()).unwrap();
        header("webhook-signature").split(' ').any(|signature| signature == expected)
    };
    secrets.iter().map(has_signed).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn old_secret_also_signs_for_one_day() {
    let (world, root) = World::with_webhooks().await;
    let endpoint = Endpoint::start().await;
    let webhook = world.webhook(&root, &endpoint.url(), &["user.registered"]).await;
    let path = format!("/v1/webhooks/{}/secret", webhook.id);
    let rotate = async || {
        let reply = world.post_as(&root, &path).await.expect(200);
        assert_eq!(reply.header("cache-control"), "no-store");
        assert!(reply.json()["previous_signs_until"].is_string());
        reply.json()["secret"].as_str().unwrap().to_owned()
    };

    world.register("before").await;
    let first = endpoint.nth(1).await;
    let second_secret = rotate().await;
    world.register("during").await;
    let during = endpoint.nth(2).await;
    world.clock.advance(Duration::from_secs(24 * 3600));
    world.register("later").await;
    let later = endpoint.nth(3).await;

    let secrets = [webhook.secret.as_str(), second_secret.as_str()];
    assert_eq!(signed_by(&first, &secrets), [true, false]);
    assert_eq!(signed_by(&during, &secrets), [true, true]);
    assert_eq!(during.headers["webhook-signature"].split(' ').count(), 2);
    assert_eq!(signed_by(&later, &secrets), [false, true]);
    assert_eq!(world.envelopes("webhook.secret_rotated").await.len(), 1);
    world.settle().await;
}
