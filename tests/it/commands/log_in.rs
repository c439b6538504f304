use keyward_tests::{Tokens, World, masked};
use reqwest::Method;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn right_password_starts_a_session() {
    let world = World::new().await;
    let ada = world.account("ada").await;

    let body = json!({"email": "ADA@example.org", "password": ada.password});
    let request = world.request(Method::POST, "/v1/sessions").json(&body);
    let reply = world.send(request.header("user-agent", "tests/1")).await.expect(201);

    insta::assert_json_snapshot!(masked(reply.json()), @r#"
    {
      "access_token": "_",
      "expires_in": 600,
      "refresh_token": "_",
      "session_id": "_",
      "token_type": "Bearer"
    }
    "#);
    assert_eq!(reply.header("cache-control"), "no-store");
    let session = Tokens::of(&reply).session_id;
    let row: (i32, String, String, bool) = sqlx::query_as(
        "select generation, host(ip), user_agent, ended_at is null from sessions
         where session_id = $1",
    )
    .bind(session)
    .fetch_one(&world.db)
    .await
    .unwrap();
    assert_eq!(row, (1, "127.0.0.1".into(), "tests/1".into(), true));
    assert_eq!(world.settle().await.last().unwrap(), "session.started");
    let event = world.envelopes("session.started").await.remove(0);
    assert_eq!(event["data"]["session_id"], json!(session));
}

#[tokio::test(flavor = "multi_thread")]
async fn unverified_address_is_disclosed_only_with_the_right_password() {
    let world = World::new().await;
    let ada = world.register("ada").await;

    let wrong = world.try_log_in(&ada.with_password("the wrong passphrase")).await;
    let right = world.try_log_in(&ada).await;

    wrong.expect_problem(401, "bad_credentials");
    right.expect_problem(403, "email_unverified");
    assert_eq!(world.count("sessions").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_login_starts_its_own_session() {
    let world = World::new().await;
    let ada = world.account("ada").await;

    let (phone, laptop) = (world.log_in(&ada).await, world.log_in(&ada).await);

    assert_ne!(phone.session_id, laptop.session_id);
    assert_ne!(phone.refresh, laptop.refresh);
    world.log_out(&phone.access).await.expect(204);
    world.me(&laptop.access).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn impossible_password_is_not_hashed() {
    let world = World::new().await;
    let ada = world.account("ada").await;

    for (body, code) in [
        (json!({"email": ada.email, "password": ""}), "required"),
        (json!({"email": ada.email, "password": "x".repeat(513)}), "too_long"),
        (json!({"email": ada.email}), "required"),
        (json!({"email": ada.email, "password": {"$ne": null}}), "wrong_type"),
        (json!({"email": [ada.email], "password": ada.password}), "wrong_type"),
        (json!({"email": ada.email, "password": ada.password, "role": "admin"}), "unknown_member"),
    ] {
        let reply = world.post("/v1/sessions", body).await.expect_problem(422, "invalid");
        assert_eq!(reply.json()["errors"][0]["code"], code);
    }

    assert_eq!(world.count("sessions").await, 0);
}

const HASH: &str = "select password_hash from users";

async fn hash(world: &World) -> String {
    sqlx::query_scalar(HASH).fetch_one(&world.db).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn login_upgrades_a_hash_with_weaker_parameters() {
    let mut world = World::new().await;
    let ada = world.account("ada").await;
    let old = hash(&world).await;
    let version = world.me(&world.log_in(&ada).await.access).await.json()["version"].clone();
    assert_eq!(hash(&world).await, old, "unchanged parameters keep the hash");
    let grown = world.another_api_with(&[("ARGON2_ITERATIONS", "3")]).await;
    let log_in = async |password: &str| {
        let request = world.request_at(&grown, Method::POST, "/v1/sessions");
        world.send(request.json(&ada.with_password(password).credentials())).await.status
    };

    assert_eq!(log_in("the wrong passphrase").await, 401);
    assert_eq!(hash(&world).await, old, "a wrong password does not upgrade the hash");
    let all = futures_util::future::join_all((0..6).map(|_| log_in(&ada.password))).await;

    assert_eq!(all, [201; 6], "concurrent logins succeed");
    assert!(hash(&world).await.contains("m=19456,t=3,p=1"), "{}", hash(&world).await);
    let tokens = world.log_in(&ada).await;
    assert_eq!(
        world.me(&tokens.access).await.json()["version"],
        version,
        "the upgrade changes no version"
    );
    assert!(hash(&world).await.contains("t=3"), "a process with weaker parameters keeps the hash");
}

#[tokio::test(flavor = "multi_thread")]
async fn hash_with_hostile_parameters_is_a_wrong_password() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let good = hash(&world).await;
    let unknown = ada.with_email("unknown@example.org");
    let unknown = world.try_log_in(&unknown).await;

    for (from, to) in [
        ("m=19456", "m=4194304"),
        ("t=2", "t=4294967295"),
        ("p=1", "p=16777215"),
        ("argon2id", "argon2d"),
        ("v=19", "v=16"),
        (good.as_str(), ""),
        (good.as_str(), "correct horse battery"),
    ] {
        let hostile = good.replace(from, to);
        world.sql(&format!("update users set password_hash = '{hostile}'")).await;

        let reply = world.try_log_in(&ada).await;

        assert_eq!(reply.without_id(), unknown.without_id(), "{to}");
    }
    let token = world.reset_token(&ada.email).await;
    world.confirm_reset(&token, &ada.password).await.expect(204);
    world.log_in(&ada).await;
}
