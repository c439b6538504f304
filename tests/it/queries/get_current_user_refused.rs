use std::time::Duration;

use keyward_tests::{Tokens, World};
use reqwest::{Method, header::HeaderValue};
use serde_json::json;

const ME: &str = "/v1/users/me";

#[tokio::test(flavor = "multi_thread")]
async fn without_a_usable_authorization_header_the_answer_is_a_challenge() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let good = format!("Bearer {}", world.log_in(&ada).await.access);
    let token = good["Bearer ".len()..].to_owned();

    for header in [
        "",
        " ",
        "Bearer",
        "Bearer ",
        "Bearer null",
        "Bearer a.b.c",
        "Bearer ..",
        "Basic YWRhOmFkYQ==",
        "bearer\tx",
        "Bearer Bearer x",
        &format!("Token {token}"),
        &format!("Bearer {token} {token}"),
        &format!("Bearer {token}, Bearer {token}"),
        &format!("Bearer \"{token}\""),
        &format!("Bearer {token}x"),
        &format!("Bearer {}", &token[1..]),
        &format!("Bearer{token}"),
        &token,
        &format!("Bearer {}", "a".repeat(8_000)),
    ] {
        let request = world.request(Method::GET, ME).header("authorization", header);
        let reply = world.send(request).await.expect_problem(401, "token_invalid");
        assert_eq!(reply.header("www-authenticate"), "Bearer error=\"invalid_token\"", "{header}");
    }
    let bytes = HeaderValue::from_bytes(b"Bearer \xff\xfe").unwrap();
    let request = world.request(Method::GET, ME).header("authorization", bytes);
    world.send(request).await.expect_problem(401, "token_invalid");
    let twice = world.request(Method::GET, ME).bearer_auth(&token).bearer_auth(&token);
    world.send(twice).await.expect_problem(401, "token_invalid");
    let elsewhere = format!("{ME}?access_token={token}");
    let reply = world.get(&elsewhere).await.expect_problem(401, "token_missing");

    assert_eq!(reply.header("www-authenticate"), "Bearer");
    world.me(&token).await.expect(200);
    let lower = world.request(Method::GET, ME).header("authorization", format!("bearer {token}"));
    world.send(lower).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_is_good_for_ten_minutes() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.log_in(&ada).await.access;

    world.clock.advance(Duration::from_secs(590));
    world.me(&token).await.expect(200);
    world.clock.advance(Duration::from_secs(10));

    world.me(&token).await.expect_problem(401, "token_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_another_installation_is_refused() {
    let (world, other) = (World::new().await, World::new().await);
    let ada = other.account("ada").await;
    let token = other.log_in(&ada).await.access;

    let reply = world.me(&token).await;

    reply.expect_problem(401, "token_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_refuses_a_session_as_soon_as_the_first_has_ended_it() {
    let mut world = World::new().await;
    let ada = world.account("ada").await;
    let second = world.another_api().await;
    let ask = async |token: &str| {
        let client = reqwest::Client::new();
        client.get(format!("{second}{ME}")).bearer_auth(token).send().await.unwrap().status()
    };

    for _ in 0..10 {
        let tokens = world.log_in(&ada).await;
        assert_eq!(ask(&tokens.access).await, 200);
        world.delete_as(&tokens.access, "/v1/sessions/current").await.expect(204);
        assert_eq!(ask(&tokens.access).await, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_shows_a_change_as_soon_as_the_first_has_answered() {
    let mut world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.log_in(&ada).await.access;
    let second = world.another_api().await;
    let name = async || {
        let client = reqwest::Client::new();
        let reply = client.get(format!("{second}{ME}")).bearer_auth(&token).send().await.unwrap();
        reply.json::<serde_json::Value>().await.unwrap()["display_name"].clone()
    };

    for nth in 0..10 {
        let new = json!(format!("Ada {nth}"));
        world.patch_as(&token, ME, json!({"display_name": new})).await.expect(200);
        assert_eq!(name().await, new);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_during_a_logout_never_bring_the_session_back() {
    let world = World::new().await;
    let ada = world.account("ada").await;

    for _ in 0..5 {
        let Tokens { access, .. } = world.log_in(&ada).await;
        let readers = futures_util::future::join_all((0..20).map(|_| world.me(&access)));
        let end = world.delete_as(&access, "/v1/sessions/current");
        let (_, ended) = futures_util::future::join(readers, end).await;

        ended.expect(204);
        world.me(&access).await.expect_problem(401, "session_ended");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_or_deleted_account_is_refused_once_the_cache_knows() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.log_in(&ada).await.access;
    let key = format!("user:{}", world.user_id(&ada.email).await);
    world.me(&token).await.expect(200);

    world.disable(&ada).await;
    world.drop_from_cache(&key).await;
    world.me(&token).await.expect_problem(401, "session_ended");
    world.settle().await;
    world.sql("delete from users").await;
    world.drop_from_cache(&key).await;

    world.me(&token).await.expect_problem(401, "session_ended");
}
