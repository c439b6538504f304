use std::time::Duration;

use keyward_tests::{Options, World};
use serde_json::json;

const PATH: &str = "/v1/events";

async fn revoked_on_the_next_request(options: Options) {
    let mut world = World::with(options).await;
    let root = world.administrator_without_mail("root").await;
    let made = world.service_token(&root, &["events:read"]).await;
    let other = world.another_api_with(&[]).await;
    let ask = async |url: &str| {
        let request = world.request_at(url, reqwest::Method::GET, PATH);
        world.send(request.bearer_auth(&made.token)).await
    };
    ask(&world.url).await.expect(200);
    ask(&other).await.expect(200);

    world.revoke_service_token(&root, &made.id).await.expect(204);

    ask(&other).await.expect_problem(401, "token_invalid");
    ask(&world.url).await.expect_problem(401, "token_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn revocation_applies_to_the_next_request_of_every_process() {
    revoked_on_the_next_request(Options::default().without_worker()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn revocation_applies_to_the_next_request_without_redis() {
    let world = World::with(Options::default().without_worker().without_redis()).await;
    let root = world.administrator_without_mail("root").await;
    let made = world.service_token(&root, &["events:read"]).await;
    world.get_as(&made.token, PATH).await.expect(200);

    world.revoke_service_token(&root, &made.id).await.expect(204);

    world.get_as(&made.token, PATH).await.expect_problem(401, "token_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn request_racing_a_revocation_commits_first_or_is_refused() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let bob = world.account("bobby").await;
    world.log_in(&bob).await;
    let id = world.user_id(&bob.email).await;
    let made = world.service_token(&root, &["users:write"]).await;
    let sessions = format!("/v1/users/{id}/sessions");

    // The request of the token is authorized and waits for a row lock. Only then is it revoked.
    let mut busy = world.db.begin().await.unwrap();
    sqlx::query("select from sessions where user_id = $1 for update")
        .bind(id.0)
        .execute(&mut *busy)
        .await
        .unwrap();
    let waiting = async |at_least: i64| (world.waiting_for_locks().await >= at_least).then_some(());
    let revocation = async {
        keyward_tests::until("the request waits", async || waiting(1).await).await;
        world.revoke_service_token(&root, &made.id).await.expect(204);
    };
    let release = async {
        keyward_tests::until("the revocation waits", async || waiting(2).await).await;
        busy.rollback().await.unwrap();
    };
    let act = world.delete_as(&made.token, &sessions);
    let (done, (), ()) = futures_util::join!(act, revocation, release);

    done.expect(204);
    let last = world.subjects().await.pop();
    assert_eq!(last.as_deref(), Some("service_token.revoked"), "no event of the token follows");
    world.delete_as(&made.token, &sessions).await.expect_problem(401, "token_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_service_token_is_refused() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let at = world.app.clock.now() + Duration::from_secs(60);
    let body = json!({"name": "CRM", "scopes": ["events:read"], "expires_at": at.to_rfc3339()});
    let reply = world.post_json_as(&root, "/v1/service-tokens", body).await.expect(201);
    let token = reply.json()["token"].as_str().unwrap().to_owned();
    world.get_as(&token, PATH).await.expect(200);

    world.clock.advance(Duration::from_secs(60));

    world.get_as(&token, PATH).await.expect_problem(401, "token_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn replaced_secret_works_for_its_overlap_and_no_longer() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let made = world.service_token(&root, &["events:read"]).await;

    let second = world.rotate_service_token(&root, &made.id, "?overlap_seconds=3600").await;
    for token in [&made.token, &second] {
        world.get_as(token, PATH).await.expect(200);
    }
    let third = world.rotate_service_token(&root, &made.id, "").await;
    world.get_as(&made.token, PATH).await.expect_problem(401, "token_invalid");
    world.get_as(&second, PATH).await.expect(200);
    let fourth = world.rotate_service_token(&root, &made.id, "?overlap_seconds=0").await;
    world.get_as(&third, PATH).await.expect_problem(401, "token_invalid");
    world.clock.advance(Duration::from_secs(24 * 3_600));
    world.get_as(&second, PATH).await.expect_problem(401, "token_invalid");
    world.get_as(&fourth, PATH).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn invitation_of_a_revoked_service_token_is_dead() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let made = world.service_token(&root, &["users:write"]).await;
    let link = world.invite(&made.token, "grace@example.org", "admin").await;

    world.revoke_service_token(&root, &made.id).await.expect(204);

    world.accept(&link).await.expect_problem(400, "link_invalid");
    assert_eq!(world.get_as(&root, "/v1/invitations").await.items().len(), 0);
}

/// A decision: see the records.
#[tokio::test(flavor = "multi_thread")]
async fn service_token_outlives_its_creator() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let ada = world.administrator("ada").await;
    let made = world.service_token(&ada, &["events:read"]).await;
    let creator = world.user_id("ada@example.org").await.to_string();

    world.delete_as(&root, &format!("/v1/users/{creator}")).await.expect(204);

    world.get_as(&made.token, PATH).await.expect(200);
    assert_eq!(world.listed_service_token(&root, &made.id).await["created_by"], creator);
    world.revoke_service_token(&root, &made.id).await.expect(204);
}
