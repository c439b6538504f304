//! Webhooks reach only public addresses and the networks that an operator allows.

use keyward_tests::{Authority, Endpoint, Options, Webhook, World};
use serde_json::Value;

/// Sends a ping to a URL, bypassing the URL checks. Returns the delivery.
async fn send_to(world: &World, root: &str, webhook: &Webhook, url: &str) -> Value {
    let before = world.deliveries(root, webhook).await.len();
    sqlx::query("update webhooks set url = $1").bind(url).execute(&world.db).await.unwrap();
    world.post_as(root, &format!("/v1/webhooks/{}/ping", webhook.id)).await.expect(202);
    keyward_tests::until("the ping is planned", async || {
        (world.deliveries(root, webhook).await.len() > before).then_some(())
    })
    .await;
    world.delivery_in(root, webhook, "pending", 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_never_connect_to_private_addresses() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let endpoint = Endpoint::start().await;
    let port = endpoint.address.port();
    let webhook = world.webhook(&root, "https://example.org/", &["user.deleted"]).await;

    for host in [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
    ] {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}:{port}/");
            let delivery = send_to(&world, &root, &webhook, &url).await;
            let error = delivery["last_error"].as_str().unwrap();
            assert!(error.contains("not a public one"), "{url}: {error}");
            assert_eq!(delivery["last_status"], Value::Null, "{url}");
        }
    }
    assert_eq!(endpoint.got().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn allowed_network_opens_no_other_and_redirects_are_not_followed() {
    let options = Options::default().set("WEBHOOK_ALLOWED_NETWORKS", "127.0.0.1/32");
    let world = World::with(options).await;
    let root = world.administrator("root").await;
    let (named, private) = (Endpoint::start().await, Endpoint::start().await);
    let webhook = world.webhook(&root, &named.url(), &["user.deleted"]).await;
    named.answers(&format!("307 Elsewhere\r\nlocation: {}", private.url()));

    let redirected = send_to(&world, &root, &webhook, &named.url()).await;
    let other = format!("http://127.0.0.2:{}/", private.address.port());
    let other = send_to(&world, &root, &webhook, &other).await;
    let by_name = format!("http://localhost:{}/", named.address.port());
    sqlx::query("update webhooks set url = $1").bind(by_name).execute(&world.db).await.unwrap();
    world.post_as(&root, &format!("/v1/webhooks/{}/ping", webhook.id)).await.expect(202);

    assert_eq!(redirected["last_error"], "answered 307; redirects are not followed");
    assert!(other["last_error"].as_str().unwrap().contains("not a public one"), "{other}");
    assert_eq!(
        named.nth(2).await.kind(),
        "webhook.ping",
        "a name that resolves to an allowed address is allowed"
    );
    assert_eq!(private.got().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_or_endless_endpoint_is_disconnected() {
    let (world, root) = World::with_webhooks().await;
    let endpoint = Endpoint::start().await;
    let webhook = world.webhook(&root, &endpoint.url(), &["user.deleted"]).await;
    endpoint.answers("");

    let silent = send_to(&world, &root, &webhook, &endpoint.url()).await;

    assert_eq!(silent["last_error"], "no answer within 15 seconds");
    assert_eq!(silent["last_status"], Value::Null);
    endpoint.answers("200 Fine\r\nx-body: endless");
    world.post_as(&root, &format!("/v1/webhooks/{}/ping", webhook.id)).await.expect(202);
    world.delivery_in(&root, &webhook, "delivered", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn untrusted_endpoint_receives_nothing_and_the_list_says_why() {
    let (world, root) = World::with_webhooks().await;
    let endpoint = Endpoint::with_tls(Authority::default().acceptor_for("localhost")).await;
    let webhook = world.webhook(&root, &endpoint.url(), &["user.deleted"]).await;
    let url = format!("https://localhost:{}/", endpoint.address.port());

    let refused = send_to(&world, &root, &webhook, &url).await;

    let reason = refused["last_error"].as_str().unwrap();
    assert!(reason.contains("certificate"), "{reason}");
    assert_eq!((&refused["last_status"], endpoint.got().len()), (&Value::Null, 0));
}
