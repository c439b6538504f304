use std::time::Duration;

use keyward_tests::{Account, Tokens, World};
use serde_json::json;

const UNDO: &str = "/v1/email-changes/undo";
const ATTACKER: &str = "attacker@example.org";
const HOUR: Duration = Duration::from_secs(3600);

/// An attacker who knows the password requests a change to another address.
async fn ask(world: &World, ada: &Account, to: &str) -> Tokens {
    let session = world.log_in(ada).await;
    world.request_email_change(&session.access, ada, to).await.expect(202);
    session
}

/// Logs in and changes the address of the account.
async fn move_to(world: &World, account: &Account, to: &str) -> Account {
    let access = world.log_in(account).await.access;
    world.change_email(&access, account, to).await
}

/// The token of the newest undo link.
async fn undo_token(world: &World, email: &str) -> String {
    world.settle().await;
    world.link_token(email, "/undo-email").await
}

#[tokio::test(flavor = "multi_thread")]
async fn pending_change_can_be_stopped() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let attacker = ask(&world, &ada, ATTACKER).await;
    let confirm = world.link_token(ATTACKER, "/confirm-email").await;
    let token = undo_token(&world, &ada.email).await;

    world.post(UNDO, json!({"token": token})).await.expect(204);

    world.confirm_email_change(&confirm).await.expect_problem(400, "link_invalid");
    world.me(&attacker.access).await.expect_problem(401, "session_ended");
    world.refresh(&attacker.refresh).await.expect_problem(401, "session_ended");
    let reply = world.try_log_in(&ada).await;
    reply.expect_problem(401, "bad_credentials");
    let reset = world.link_token(&ada.email, "/reset-password").await;
    world.confirm_reset(&reset, "a better passphrase").await.expect(204);
    world.log_in(&ada.with_password("a better passphrase")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn old_owner_undoes_a_confirmed_change() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let stolen = move_to(&world, &ada, ATTACKER).await;
    let attacker = world.log_in(&stolen).await;
    let reset = world.reset_token(ATTACKER).await;
    let token = undo_token(&world, &ada.email).await;

    world.post(UNDO, json!({"token": token})).await.expect(204);

    world.me(&attacker.access).await.expect_problem(401, "session_ended");
    for account in [&stolen, &ada] {
        world.try_log_in(account).await.expect_problem(401, "bad_credentials");
    }
    world
        .confirm_reset(&reset, "the attacker is back again")
        .await
        .expect_problem(400, "link_invalid");
    world.post(UNDO, json!({"token": token})).await.expect_problem(400, "link_invalid");
    world.settle().await;
    let reset = world.link_token(&ada.email, "/reset-password").await;
    world.confirm_reset(&reset, "a better passphrase").await.expect(204);
    let session = world.log_in(&ada.with_password("a better passphrase")).await;
    let me = world.me(&session.access).await.json();
    assert_eq!((&me["email"], &me["email_verified"]), (&json!("ada@example.org"), &json!(true)));
    let subjects = world.settle().await;
    assert!(subjects.contains(&"user.email_change_undone".to_owned()));
    let ended = world.envelopes("session.ended").await;
    assert!(ended.iter().any(|event| event["data"]["reason"] == "email_change_undone"));
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_link_lasts_72_hours_from_the_change() {
    let world = World::new().await;
    let (ada, bob) = (world.account("ada").await, world.account("bobby").await);
    for (account, to) in [(&ada, ATTACKER), (&bob, "robber@example.org")] {
        ask(&world, account, to).await;
    }
    world.settle().await;
    world.clock.advance(23 * HOUR);
    for to in [ATTACKER, "robber@example.org"] {
        let token = world.link_token(to, "/confirm-email").await;
        world.confirm_email_change(&token).await.expect(204);
    }
    let tokens = [undo_token(&world, &ada.email).await, undo_token(&world, &bob.email).await];

    world.clock.advance(72 * HOUR - Duration::from_secs(60));
    world.post(UNDO, json!({"token": tokens[0]})).await.expect(204);
    world.clock.advance(Duration::from_secs(60));

    world.post(UNDO, json!({"token": tokens[1]})).await.expect_problem(400, "link_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_link_survives_later_changes_by_an_attacker() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let stolen = move_to(&world, &ada, ATTACKER).await;
    let token = undo_token(&world, &ada.email).await;
    let access = world.log_in(&stolen).await.access;
    let change =
        json!({"current_password": ada.password, "password": "the attacker has changed it"});
    world.put_as(&access, "/v1/users/me/password", change).await.expect(204);
    let stolen = stolen.with_password("the attacker has changed it");
    let stolen = move_to(&world, &stolen, "den@example.org").await;
    let reset = world.reset_token(&stolen.email).await;
    world.confirm_reset(&reset, "and changed it another time").await.expect(204);
    let later = undo_token(&world, ATTACKER).await;

    world.post(UNDO, json!({"token": token})).await.expect(204);

    let reply = world.post(UNDO, json!({"token": later})).await;
    reply.expect_problem(400, "link_invalid");
    let email: String =
        sqlx::query_scalar("select email from users").fetch_one(&world.db).await.unwrap();
    assert_eq!(email, "ada@example.org");
}

#[tokio::test(flavor = "multi_thread")]
async fn undoing_a_later_change_keeps_the_first_undo_link() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let stolen = move_to(&world, &ada, ATTACKER).await;
    let first = undo_token(&world, &ada.email).await;
    move_to(&world, &stolen, "den@example.org").await;
    let second = undo_token(&world, ATTACKER).await;

    world.post(UNDO, json!({"token": second})).await.expect(204);
    world.post(UNDO, json!({"token": first})).await.expect(204);

    assert_eq!(world.count("users where email = 'ada@example.org'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_reclaims_the_address_unless_another_account_verified_it() {
    let world = World::new().await;
    let (ada, bob) = (world.account("ada").await, world.account("bobby").await);
    move_to(&world, &ada, ATTACKER).await;
    move_to(&world, &bob, "robber@example.org").await;
    let tokens = [undo_token(&world, &ada.email).await, undo_token(&world, &bob.email).await];
    for name in ["ada", "bobby"] {
        world.register(name).await;
    }
    world.settle().await;
    let token = world.link_token(&bob.email, "/verify-email").await;
    world.confirm_email(&token).await.expect(204);

    world.post(UNDO, json!({"token": tokens[0]})).await.expect(204);
    world.post(UNDO, json!({"token": tokens[1]})).await.expect_problem(400, "link_invalid");

    assert_eq!(world.count("users where email = 'ada@example.org'").await, 1);
    assert_eq!(world.count("users").await, 3);
}
