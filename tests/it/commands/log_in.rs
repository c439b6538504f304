use keyward_tests::{Account, Tokens, World, masked};
use serde_json::json;

fn with_password(account: &Account, password: &str) -> Account {
    Account { password: password.into(), ..account.clone() }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_password_starts_a_session() {
    let world = World::new().await;
    let ada = world.account("ada").await;

    let body = json!({"email": "ADA@example.org", "password": ada.password});
    let request = world.request(reqwest::Method::POST, "/v1/sessions").json(&body);
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
async fn unknown_wrong_and_disabled_get_one_answer() {
    let world = World::new().await;
    let (ada, dan) = (world.account("ada").await, world.account("daniel").await);
    world.disable(&dan).await;
    let nobody = Account { email: "nobody@example.org".into(), ..ada.clone() };
    let nonsense = Account { email: "not an address".into(), ..ada.clone() };

    let wrong = world.try_log_in(&with_password(&ada, "the wrong passphrase")).await;
    let others = [
        world.try_log_in(&nobody).await,
        world.try_log_in(&dan).await,
        world.try_log_in(&with_password(&dan, "the wrong passphrase")).await,
        world.try_log_in(&nonsense).await,
    ];

    let wrong = wrong.expect_problem(401, "bad_credentials");
    assert_eq!(wrong.header("www-authenticate"), "Bearer");
    for other in others {
        assert_eq!(other.without_id(), wrong.without_id());
        assert_eq!(other.text.len(), wrong.text.len());
    }
    assert_eq!(world.count("sessions").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_knows_the_password_learns_that_the_address_is_unproven() {
    let world = World::new().await;
    let ada = world.register("ada").await;

    let wrong = world.try_log_in(&with_password(&ada, "the wrong passphrase")).await;
    let right = world.try_log_in(&ada).await;

    wrong.expect_problem(401, "bad_credentials");
    right.expect_problem(403, "email_unverified");
    assert_eq!(world.count("sessions").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_login_is_a_session_of_its_own() {
    let world = World::new().await;
    let ada = world.account("ada").await;

    let (phone, laptop) = (world.log_in(&ada).await, world.log_in(&ada).await);

    assert_ne!(phone.session_id, laptop.session_id);
    assert_ne!(phone.refresh, laptop.refresh);
    world.delete_as(&phone.access, "/v1/sessions/current").await.expect(204);
    world.me(&laptop.access).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_password_costs_no_hash_and_stores_nothing() {
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
