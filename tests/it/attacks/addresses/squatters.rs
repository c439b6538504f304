//! Squatters: an attacker registers an address that they do not own and waits for its owner.

use keyward_tests::{Account, Options, PASSWORD, World, registration};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn squatter_loses_access_when_the_owner_registers() {
    let world = World::new().await;
    let squatter = world.register("ada").await;
    let old_link = world.link_token(&squatter.email, "/verify-email").await;
    let old_reset = world.reset_token(&squatter.email).await;

    world.post("/v1/users", registration("Ada@example.org")).await.expect(202);
    world.nth_mail(&squatter.email, "Confirm your email address", 2).await;
    let new_link = world.link_token(&squatter.email, "/verify-email").await;

    world.confirm_email(&old_link).await.expect_problem(400, "link_invalid");
    let reset = world.confirm_reset(&old_reset, "the squatter is back again").await;
    reset.expect_problem(400, "link_invalid");
    world.confirm_email(&new_link).await.expect(204);
    world.try_log_in(&squatter).await.expect_problem(401, "bad_credentials");
    let owner = world.log_in(&Account::new(&squatter.email, PASSWORD)).await;
    let me = world.me(&owner.access).await.json();
    assert_eq!((&me["display_name"], &me["email"]), (&json!("Zoe"), &json!("Ada@example.org")));
    world.settle().await;
    let is_notice = world.mail.messages().iter().any(|mail| mail.subject.contains("already"));
    assert!(!is_notice, "only a verified owner is notified that the address is taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn squatter_loses_access_when_the_owner_resets_the_password() {
    let world = World::new().await;
    let squatter = world.register("ada").await;
    let verify = world.link_token(&squatter.email, "/verify-email").await;
    let old_reset = world.reset_token(&squatter.email).await;
    let reset = world.reset_token(&squatter.email).await;

    world.confirm_reset(&reset, PASSWORD).await.expect(204);

    world.try_log_in(&squatter).await.expect_problem(401, "bad_credentials");
    world.confirm_email(&verify).await.expect_problem(400, "link_invalid");
    world
        .confirm_reset(&old_reset, "the squatter is back again")
        .await
        .expect_problem(400, "link_invalid");
    let owner = world.log_in(&Account::new(&squatter.email, PASSWORD)).await;
    let me = world.me(&owner.access).await.json();
    assert_eq!(me["display_name"], "New user", "the name that the squatter chose is gone too");
}

#[tokio::test(flavor = "multi_thread")]
async fn squatter_loses_access_when_the_owner_changes_to_the_address() {
    let world = World::new().await;
    let squatter = world.register("squatter").await;
    let verify = world.link_token(&squatter.email, "/verify-email").await;
    let reset = world.reset_token(&squatter.email).await;
    let (ada, access) = world.logged_in("ada").await;
    world.change_email(&access, &ada, &squatter.email).await;

    world.try_log_in(&squatter).await.expect_problem(401, "bad_credentials");
    world.confirm_email(&verify).await.expect_problem(400, "link_invalid");
    world
        .confirm_reset(&reset, "the squatter is back again")
        .await
        .expect_problem(400, "link_invalid");
    let me = world.me(&access).await.json();
    assert_eq!((&me["display_name"], &me["email"]), (&json!("ada"), &json!(squatter.email)));
}

#[tokio::test(flavor = "multi_thread")]
async fn later_squatter_needs_the_owners_mailbox() {
    let world = World::new().await;
    let body = registration("ada@example.org");
    world.post("/v1/users", body).await.expect(202);
    world.settle().await;
    let link = world.link_token("ada@example.org", "/verify-email").await;
    let squatter = world.register("ada").await;

    world.confirm_email(&link).await.expect_problem(400, "link_invalid");

    for password in [PASSWORD, &squatter.password] {
        let reply = world.try_log_in(&Account::new("ada@example.org", password)).await;
        assert_ne!(reply.status, 201, "no login succeeds before the newest link is used");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn disabled_squatter_stays_disabled_after_registering_again() {
    for disclosure in ["none", "conflict"] {
        let options = Options::default().set("REGISTRATION_DISCLOSURE", disclosure);
        let world = World::with(options).await;
        let body = registration("ada@example.org");
        let opened = world.post("/v1/users", body).await;
        assert!(opened.status.is_success());
        world.settle().await;
        let squatter = Account::new("ada@example.org", PASSWORD);
        world.disable(&squatter).await;

        let again = squatter.with_password("another passphrase");
        let body = json!({"email": again.email, "password": again.password, "display_name": "Ada"});
        let reply = world.post("/v1/users", body).await;

        match disclosure {
            "none" => drop(reply.expect(202)),
            _ => drop(reply.expect_problem(409, "email_taken")),
        }
        for account in [&squatter, &again] {
            world.try_log_in(account).await.expect_problem(401, "bad_credentials");
        }
        assert_eq!(world.count("users where status = 'disabled' and version = 1").await, 1);
    }
}
