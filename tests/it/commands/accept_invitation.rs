use std::time::Duration;

use keyward_tests::{Account, World, tally};
use serde_json::json;

const GRACE: &str = "grace@example.org";

#[tokio::test(flavor = "multi_thread")]
async fn accepting_creates_a_verified_account_with_the_role() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let token = world.invite(&root, GRACE, "admin").await;

    let reply = world.accept(&token).await.expect(201);

    let user = reply.json();
    assert_eq!((&user["email"], &user["role"]), (&json!(GRACE), &json!("admin")));
    assert_eq!((&user["email_verified"], &user["display_name"]), (&json!(true), &json!("Grace")));
    assert_eq!(reply.header("location"), format!("/v1/users/{}", user["id"].as_str().unwrap()));
    assert_eq!(reply.header("etag"), "\"1\"");
    let grace = Account { email: GRACE.into(), password: "a passphrase of their own".into() };
    let access = world.log_in(&grace).await.access;
    assert_eq!(world.me(&access).await.json(), user);
    world.get_as(&access, "/v1/users").await.expect(200);
    world.accept(&token).await.expect_problem(400, "link_invalid");
    let event = world.envelopes("user.invitation_accepted").await.remove(0);
    assert_eq!((&event["data"]["user_id"], &event["data"]["role"]), (&user["id"], &json!("admin")));
    assert_eq!(world.count("invitations").await, 0, "the invitation and its address are deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn invitation_is_accepted_by_the_code_of_the_invited_address() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let token = world.invite(&root, GRACE, "user").await;
    let code = world.code_of(&token).unwrap();
    let accept = async |email: &str, code: &str| {
        let body = json!({"email": email, "code": code, "password": "a passphrase of their own",
                          "display_name": "Grace"});
        world.post("/v1/invitations/accept", body).await
    };

    accept("root@example.org", &code).await.expect_problem(400, "link_invalid");
    accept(GRACE, "BBBB-BBBB").await.expect_problem(400, "link_invalid");
    let user = accept("GRACE@example.org", &code).await.expect(201).json();
    assert_eq!(user["email"], GRACE);
    accept(GRACE, &code).await.expect_problem(400, "link_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_use_up_the_code_of_an_invitation_and_not_its_link() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let token = world.invite(&root, GRACE, "user").await;
    let body = |code: &str| {
        json!({"email": GRACE, "code": code, "password": "a passphrase of their own",
               "display_name": "Grace"})
    };

    for code in [["BBBB-BBBB"; 5].as_slice(), &[&world.code_of(&token).unwrap()]].concat() {
        let reply = world.post("/v1/invitations/accept", body(code)).await;
        reply.expect_problem(400, "link_invalid");
    }
    world.accept(&token).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn weak_password_keeps_the_link() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let token = world.invite(&root, GRACE, "user").await;

    for password in ["short", "grace@example.org", "xxxxxxxxxxxxxx"] {
        let body = json!({"token": token, "password": password, "display_name": "Grace"});
        world.post("/v1/invitations/accept", body).await.expect_invalid("/password");
    }
    world.accept(&token).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn invitation_is_invalid_once_the_address_has_an_account() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let token = world.invite(&root, GRACE, "admin").await;
    world.account("grace").await;

    world.accept(&token).await.expect_problem(400, "link_invalid");

    assert_eq!(world.count("users where role = 'admin'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn accepting_removes_a_squatter() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let squatter = world.register("grace").await;
    let squatted = world.user_id(GRACE).await;
    let token = world.invite(&root, GRACE, "user").await;

    let user = world.accept(&token).await.expect(201).json();

    assert_ne!(user["id"], json!(squatted));
    assert_eq!(user["display_name"], "Grace");
    world.try_log_in(&squatter).await.expect_problem(401, "bad_credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn invitation_ends_after_a_week_or_with_the_inviters_rights() {
    let world = World::new().await;
    let (root, other) = (world.administrator("root").await, world.administrator("other").await);
    let late = world.invite(&root, "late@example.org", "user").await;
    let void = world.invite(&other, GRACE, "admin").await;

    let path = format!("/v1/users/{}/role", world.user_id("other@example.org").await);
    world.put_if(&root, &path, "*", json!({"role": "user"})).await.expect(200);
    world.accept(&void).await.expect_problem(400, "link_invalid");

    world.clock.advance(Duration::from_secs(7 * 86_400 - 60));
    world.clock.advance(Duration::from_secs(120));
    world.accept(&late).await.expect_problem(400, "link_invalid");
    assert_eq!(world.count("users where email = 'late@example.org'").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_accepts_create_one_account() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let token = world.invite(&root, GRACE, "user").await;

    let replies = futures_util::future::join_all((0..10).map(|_| world.accept(&token))).await;

    assert_eq!(tally(&replies), [(201, 1), (400, 9)]);
    assert_eq!(world.count("users where email = 'grace@example.org'").await, 1);
}
