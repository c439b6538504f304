//! Squatters: an attacker registers an address that they do not own and waits for its owner.

use keyward_tests::{Account, Options, PASSWORD, World, registration};
use serde_json::json;

/// Registers an address with a password, and waits until its `nth` verification email is sent.
async fn register(world: &World, email: &str, password: &str, nth: usize) -> Account {
    let body = json!({"email": email, "password": password, "display_name": "Mallory"});
    world.post("/v1/users", body).await.expect(202);
    world.nth_mail("ada@example.org", "Confirm your email address", nth).await;
    Account::new(email, password)
}

#[tokio::test(flavor = "multi_thread")]
async fn squatter_loses_access_when_the_owner_registers() {
    let world = World::new().await;
    let squatter = register(&world, "ada@example.org", "the squatter's passphrase", 1).await;
    let first = world.link_token(&squatter.email, "/verify-email").await;
    let owner = register(&world, "Ada@example.org", "the owner's passphrase", 2).await;
    let second = world.link_token(&squatter.email, "/verify-email").await;
    assert_ne!(first, second);

    for link in [&first, &second] {
        world.confirm_email(link).await.expect_problem(422, "password_required");
    }
    for account in [&squatter, &owner] {
        world.try_log_in(account).await.expect_problem(401, "bad_credentials");
    }
    let weak = world.confirm_email_with(&second, "short").await;
    weak.expect_invalid("/password");
    world.confirm_email_with(&second, PASSWORD).await.expect(204);

    for account in [&squatter, &owner] {
        world.try_log_in(account).await.expect_problem(401, "bad_credentials");
    }
    world.confirm_email_with(&first, &squatter.password).await.expect_problem(400, "link_invalid");
    let session = world.log_in(&Account::new(&squatter.email, PASSWORD)).await;
    let me = world.me(&session.access).await.json();
    assert_eq!(me["display_name"], "New user", "neither registration chose the name");
    world.settle().await;
    let is_notice = world.mail.messages().iter().any(|mail| mail.subject.contains("already"));
    assert!(!is_notice, "only a verified owner is notified that the address is taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn competing_registration_revokes_no_live_link() {
    for page in ["/verify-email", "/reset-password"] {
        let world = World::new().await;
        let ada = world.register("ada").await;
        let verify = world.link_token(&ada.email, "/verify-email").await;
        let reset = world.reset_token(&ada.email).await;
        for nth in 2..5 {
            register(&world, &ada.email, &format!("passphrase {nth} of the squatter"), nth).await;
        }

        match page {
            "/verify-email" => world.confirm_email_with(&verify, PASSWORD).await.expect(204),
            _ => world.confirm_reset(&reset, PASSWORD).await.expect(204),
        };

        world.log_in(&Account::new(&ada.email, PASSWORD)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_registration_with_one_password_confirms_without_it() {
    let world = World::new().await;
    let ada = register(&world, "ada@example.org", "the owner's passphrase", 1).await;
    let first = world.link_token(&ada.email, "/verify-email").await;
    register(&world, "ADA@example.org", "the owner's passphrase", 2).await;

    world.confirm_email(&first).await.expect(204);

    let me = world.me(&world.log_in(&ada).await.access).await.json();
    assert_eq!((&me["display_name"], &me["email"]), (&json!("Mallory"), &json!(ada.email)));
}

#[tokio::test(flavor = "multi_thread")]
async fn squatters_later_password_is_never_valid() {
    let world = World::new().await;
    let owner = register(&world, "ada@example.org", "the owner's passphrase", 1).await;
    let link = world.link_token(&owner.email, "/verify-email").await;
    let squatter = register(&world, "ada@example.org", "the squatter's passphrase", 2).await;
    // Not even if the squatter registers again with either password, or requests links.
    register(&world, "ada@example.org", "the squatter's passphrase", 3).await;
    register(&world, "ada@example.org", "the owner's passphrase", 4).await;

    world.confirm_email(&link).await.expect_problem(422, "password_required");
    world.confirm_email_with(&link, "a garden full of thyme").await.expect(204);

    for account in [&owner, &squatter] {
        world.try_log_in(account).await.expect_problem(401, "bad_credentials");
    }
    world.log_in(&owner.with_password("a garden full of thyme")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn resent_link_of_competing_registrations_requires_a_password() {
    let world = World::new().await;
    let ada = register(&world, "ada@example.org", "the owner's passphrase", 1).await;
    register(&world, "ada@example.org", "the squatter's passphrase", 2).await;
    world.post("/v1/email-verifications", json!({"email": ada.email})).await.expect(202);
    world.nth_mail(&ada.email, "Confirm your email address", 3).await;
    let link = world.link_token(&ada.email, "/verify-email").await;

    world.confirm_email(&link).await.expect_problem(422, "password_required");

    world.confirm_email_with(&link, PASSWORD).await.expect(204);
    world.log_in(&Account::new(&ada.email, PASSWORD)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_competing_registrations_leave_no_password() {
    let world = World::with(Options::burst()).await;
    let body = |nth: usize| {
        let password = format!("passphrase {} of someone", nth % 5);
        json!({"email": "ada@example.org", "password": password, "display_name": "Ada"})
    };

    world.post_at_once(20, "/v1/users", body).await.into_iter().for_each(|reply| {
        reply.expect(202);
    });

    let without = "users where password_hash is null and display_name = 'New user'";
    assert_eq!((world.count("users").await, world.count(without).await), (1, 1));
    let link = world.link_token("ada@example.org", "/verify-email").await;
    world.confirm_email(&link).await.expect_problem(422, "password_required");
    world.confirm_email_with(&link, PASSWORD).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn password_required_reveals_nothing_about_an_invalid_link() {
    let world = World::new().await;
    let ada = register(&world, "ada@example.org", "the owner's passphrase", 1).await;
    let link = world.link_token(&ada.email, "/verify-email").await;
    register(&world, "ada@example.org", "the squatter's passphrase", 2).await;
    world.confirm_email_with(&link, PASSWORD).await.expect(204);

    for token in [link.as_str(), "made-up"] {
        world.confirm_email(token).await.expect_problem(400, "link_invalid");
        world.confirm_email_with(token, "short").await.expect_problem(400, "link_invalid");
    }
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
