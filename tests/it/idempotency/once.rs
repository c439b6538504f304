use futures_util::future::join_all;
use keyward_tests::{Endpoint, Options, PASSWORD, World, registration};
use reqwest::Method;
use serde_json::{Value, json};

use super::{is_replayed, post, post_as};

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_registration_is_one_account_and_one_email() {
    let world = World::new().await;

    let first = post(&world, "/v1/users", "key-1", registration("ada@example.org")).await;
    world.settle().await;
    let again = post(&world, "/v1/users", "key-1", registration("ada@example.org")).await;
    world.settle().await;

    assert_eq!((first.status, &first.text), (again.status, &again.text));
    assert!(!is_replayed(&first) && is_replayed(&again));
    assert_eq!(again.expect(202).header("cache-control"), "no-store");
    assert_eq!(world.count("users").await, 1);
    assert_eq!(world.mail.messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_parallel_requests_with_one_key_are_one_effect() {
    let mut world = World::with(Options::burst()).await;
    let urls = [world.url.clone(), world.another_api().await];

    let replies = join_all((0..200).map(|nth| {
        let request = world.request_at(&urls[nth % 2], Method::POST, "/v1/users");
        let request = request.header("idempotency-key", "key-1");
        world.send(request.json(&registration("ada@example.org")))
    }));
    let replies = replies.await;
    world.settle().await;

    for reply in &replies {
        assert_eq!((reply.status.as_u16(), &reply.text), (202, &replies[0].text));
    }
    assert_eq!(replies.iter().filter(|reply| !is_replayed(reply)).count(), 1);
    assert_eq!(world.count("users").await, 1);
    assert_eq!(world.mail.messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_of_two_processes_get_the_answer_of_the_one_that_commits() {
    let options = Options::burst().set("REGISTRATION_DISCLOSURE", "conflict");
    let mut world = World::with(options).await;
    let urls = [world.url.clone(), world.another_api().await];

    for n in 0..10 {
        let body = registration(&format!("user{n}@example.org"));
        let requests = urls.iter().map(|url| {
            let request = world.request_at(url, Method::POST, "/v1/users");
            let request = request.header("idempotency-key", format!("key-{n}"));
            world.send(request.json(&body))
        });
        let replies = join_all(requests).await;
        let [first, second] = &replies[..] else { panic!() };
        assert_eq!((first.status.as_u16(), &first.text), (201, &second.text), "{}", second.text);
        assert_eq!(first.header("location"), second.header("location"));
        assert_ne!(is_replayed(first), is_replayed(second));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_body_with_the_same_key_is_refused() {
    let world = World::new().await;
    let body = registration("ada@example.org");
    post(&world, "/v1/users", "key-1", body.clone()).await.expect(202);

    let mut renamed = body.clone();
    renamed["display_name"] = json!("Bob");
    for other in [renamed, registration("bob@example.org"), json!({})] {
        let reply = post(&world, "/v1/users", "key-1", other).await;
        reply.expect_problem(422, "idempotency_key_reused");
    }

    assert_eq!(world.count("users").await, 1);
    // The order of members, and blanks between them, mean nothing.
    let same = format!(
        "{{ \"password\": \"{PASSWORD}\", \"display_name\": \"Zoe\", \"email\": \"ada@example.org\" }}"
    );
    let request = world.request(Method::POST, "/v1/users").header("idempotency-key", "key-1");
    let request = request.header("content-type", "application/json").body(same);
    assert!(is_replayed(&world.send(request).await.expect(202)));
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_do_not_share_keys() {
    let (world, root) = World::with_webhooks().await;
    let other = world.administrator("other").await;
    let body = json!({"url": "https://example.org/"});

    let mine = post_as(&world, &root, "/v1/webhooks", "key-1", body.clone()).await.expect(201);
    let theirs = post_as(&world, &other, "/v1/webhooks", "key-1", body.clone()).await.expect(201);

    assert!(!is_replayed(&theirs));
    assert_ne!(mine.header("location"), theirs.header("location"));
    // The key belongs to the account, not to the session.
    let root = world.log_in_again("root").await;
    let again = post_as(&world, &root, "/v1/webhooks", "key-1", body.clone()).await.expect(201);
    assert_eq!(again.text, mine.text);
    // Rights come first.
    let (_, user) = world.logged_in("ada").await;
    post_as(&world, &user, "/v1/webhooks", "key-1", body.clone()).await.expect(403);
    post(&world, "/v1/webhooks", "key-1", body).await.expect(401);
    assert_eq!(world.count("webhooks").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_derived_again_after_changes() {
    let (world, root) = World::with_webhooks().await;
    let body = json!({"url": "https://example.org/", "types": ["user.deleted"]});
    let first = post_as(&world, &root, "/v1/webhooks", "key-1", body.clone()).await.expect(201);
    let webhook = first.header("location").to_owned();
    let path = format!("{webhook}/secret");
    let rotated = post_as(&world, &root, &path, "key-2", json!({})).await.expect(200);
    world.patch_as(&root, &webhook, json!({"enabled": false})).await.expect(200);

    let again = post_as(&world, &root, "/v1/webhooks", "key-1", body).await.expect(201);
    let rotated_again = post_as(&world, &root, &path, "key-2", json!({})).await.expect(200);

    assert_eq!(
        (again.text, again.headers["location"].clone()),
        (first.text, webhook.parse().unwrap())
    );
    assert_eq!(rotated_again.text, rotated.text);
    let generation: i32 =
        sqlx::query_scalar("select generation from webhooks").fetch_one(&world.db).await.unwrap();
    assert_eq!(generation, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_can_be_corrected_under_its_key() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let token = world.invite(&root, "grace@example.org", "user").await;
    let body =
        |password: &str| json!({"token": token, "password": password, "display_name": "Grace"});

    let path = "/v1/invitations/accept";
    post(&world, path, "key-1", body("grace@example.org")).await.expect(422);
    let good = body("a passphrase of their own");
    let first = post(&world, path, "key-1", good.clone()).await.expect(201);
    let again = post(&world, path, "key-1", good).await.expect(201);

    assert!(!is_replayed(&first) && is_replayed(&again));
    assert_eq!((first.text, first.headers.get("etag")), (again.text, again.headers.get("etag")));
    assert_eq!(world.count("users").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_work_without_redis() {
    let world = World::with(Options::default().without_redis()).await;

    for is_again in [false, true] {
        let reply = post(&world, "/v1/users", "key-1", registration("ada@example.org")).await;
        assert_eq!(is_replayed(&reply.expect(202)), is_again);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_does_not_show_an_account_that_is_gone() {
    let mut world = World::new().await;
    let root = world.administrator("root").await;
    let token = world.invite(&root, "grace@example.org", "user").await;
    let acceptance =
        json!({"token": token, "password": "a passphrase of their own", "display_name": "Grace"});
    world.url = world.another_api_with(&[("REGISTRATION_DISCLOSURE", "conflict")]).await;

    for (path, body) in
        [("/v1/users", registration("ada@example.org")), ("/v1/invitations/accept", acceptance)]
    {
        let account = post(&world, path, "key-1", body.clone()).await.expect(201).json();
        let account = format!("/v1/users/{}", account["id"].as_str().unwrap());
        world.delete_as(&root, &account).await.expect(204);

        let again = post(&world, path, "key-1", body).await;
        again.expect_problem(404, "user_not_found");
    }
    assert_eq!(world.count("users").await, 1, "the accounts stay deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_and_a_delivery_are_sent_again_once() {
    let (world, root) = World::with_webhooks().await;
    let endpoint = Endpoint::start().await;
    let webhook = world.webhook(&root, &endpoint.url(), &["user.registered"]).await;
    let ada = world.register("ada").await;
    let delivery = world.delivery_in(&root, &webhook, "delivered", 1).await;
    world.settle().await;
    let user = format!("/v1/users/{}", world.user_id(&ada.email).await);
    let mails = world.get_as(&root, &format!("{user}/mails")).await.expect(200).items();
    let text = |value: &Value| value.as_str().unwrap().to_owned();

    for (list, id, action) in [
        (format!("{user}/mails"), text(&mails[0]["id"]), "resend"),
        (format!("/v1/webhooks/{}/deliveries", webhook.id), text(&delivery["id"]), "redeliver"),
    ] {
        let path = format!("{list}/{id}/{action}");
        for is_again in [false, true, true] {
            let reply = post_as(&world, &root, &path, action, json!({})).await.expect(202);
            assert_eq!(is_replayed(&reply), is_again, "{action}");
            world.settle().await;
        }
        let other = format!("{list}/01a2049e-c8a0-71fa-b68f-95548df6bf78/{action}");
        let reply = post_as(&world, &root, &other, action, json!({})).await;
        reply.expect_problem(422, "idempotency_key_reused");
    }

    assert_eq!(world.mail.messages_to(&ada.email).len(), 2);
    endpoint.nth(2).await;
    world.settle().await;
    assert_eq!(endpoint.got().len(), 2);
}
