//! Guessing passwords is slow; a login with the right password is not.

use std::time::Duration;

use keyward_tests::{Options, Tokens, World};
use reqwest::Method;
use serde_json::json;

use super::{guess, log_in_from};

const HOME: &str = "203.0.113.7";

/// An address in the `nth` network of an attacker who has many networks.
fn network(nth: usize) -> String {
    format!("198.51.{}.{}", nth / 200, nth % 200)
}

#[tokio::test(flavor = "multi_thread")]
async fn attackers_failures_do_not_lock_the_owner_out() {
    let world = World::with(Options::default().with_limits()).await;
    let ada = world.account("ada").await;
    log_in_from(&world, HOME, &ada).await.expect(201);

    let mut refused = 0;
    for nth in 0..70 {
        let reply = guess(&world, &network(nth % 7), &ada.email).await;
        refused += usize::from(reply.status.as_u16() == 429);
    }

    assert!(refused > 0, "the attacker was never limited");
    log_in_from(&world, HOME, &ada).await.expect(201);
    log_in_from(&world, HOME, &ada).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn distributed_guessing_is_slowed_for_any_address() {
    let options = Options::default().with_limits().set("LIMIT_LOGIN_STRANGERS", "12/3600");
    let world = World::with(options).await;
    let ada = world.account("ada").await;

    for email in [ada.email.as_str(), "unknown@example.org"] {
        let mut statuses = Vec::new();
        let mut last = None;
        for nth in 0..15 {
            let reply = guess(&world, &network(nth), email).await;
            statuses.push(reply.status.as_u16());
            last = Some(reply);
        }
        let expected = [vec![401; 12], vec![429; 3]].concat();
        assert_eq!(statuses, expected, "{email}");
        let last = last.unwrap().expect_problem(429, "throttled");
        let wait = last.header("retry-after");
        assert_eq!(last.header("ratelimit"), format!(r#""login-strangers";r=0;t={wait}"#));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reset_admits_the_owner_from_every_network_under_attack() {
    let options = Options::default()
        .with_limits()
        .set("LIMIT_LOGIN_STRANGERS", "6/3600")
        .set("LIMIT_LOGIN_ACCOUNT", "3/3600");
    let world = World::with(options).await;
    let ada = world.account("ada").await;
    let attack = async || {
        for nth in 0..12 {
            guess(&world, &network(nth % 2), &ada.email).await;
        }
    };
    attack().await;
    log_in_from(&world, HOME, &ada).await.expect_problem(429, "throttled");

    let token = world.reset_token(&ada.email).await;
    let renewed = ada.with_password("a garden full of thyme");
    world.confirm_reset(&token, &renewed.password).await.expect(204);
    attack().await;

    for from in [HOME, "2001:db8::7", &network(0), &network(1)] {
        log_in_from(&world, from, &renewed).await.expect(201);
        guess(&world, "192.0.2.77", &ada.email).await.expect_problem(429, "throttled");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reset_admits_from_every_network_for_a_day_only() {
    let options = Options::default().with_limits().set("LIMIT_LOGIN_STRANGERS", "2/604800");
    let world = World::with(options).await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;
    let renewed = ada.with_password("a garden full of thyme");
    world.confirm_reset(&token, &renewed.password).await.expect(204);
    for nth in 0..2 {
        guess(&world, &network(nth), &ada.email).await.expect(401);
    }

    world.clock.advance(Duration::from_secs(86_400));

    log_in_from(&world, HOME, &renewed).await.expect_problem(429, "throttled");
}

#[tokio::test(flavor = "multi_thread")]
async fn exhausted_limits_answer_alike_for_every_address() {
    let options = Options::default().with_limits().set("LIMIT_LOGIN_STRANGERS", "4/3600");
    let world = World::with(options).await;
    let (ada, bob) = (world.account("ada").await, world.account("bobby").await);
    let unverified = world.register("evelyn").await;
    let dan = world.account("daniel").await;
    world.disable(&dan).await;
    // Bob is under attack, resets the password and logs in meanwhile.
    for nth in 0..6 {
        guess(&world, &network(nth), &bob.email).await;
    }
    let token = world.reset_token(&bob.email).await;
    world.confirm_reset(&token, "a garden full of thyme").await.expect(204);
    let bob = bob.with_password("a garden full of thyme");
    log_in_from(&world, HOME, &bob).await.expect(201);
    let answers = async |email: &str, first: usize| {
        let mut answers = Vec::new();
        for nth in first..first + 3 {
            let reply = guess(&world, &network(nth), email).await;
            let (status, mut headers, body) = reply.without_id();
            // The waits differ by the time that the test takes.
            headers.retain(|(name, _)| name != "retry-after" && name != "ratelimit");
            let name = reply.header("ratelimit").split(';').next().unwrap().to_owned();
            answers.push((status, headers, body, name));
        }
        answers
    };
    for email in [&ada.email, &unverified.email, &dan.email, "unknown@example.org"] {
        for nth in 0..4 {
            guess(&world, &network(nth), email).await.expect(401);
        }
    }

    let unknown = answers("unknown@example.org", 10).await;

    assert_eq!(unknown[0].0, 429);
    for account in [ada, bob, unverified, dan] {
        assert_eq!(answers(&account.email, 10).await, unknown, "{}", account.email);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_users_behind_one_address_log_in_without_a_wait() {
    let options = Options::default()
        .with_limits()
        .set("LIMIT_LOGIN", "4/3600")
        .set("LIMIT_LOGIN_ACCOUNT", "2/3600")
        .set("LIMIT_LINK_USE", "2/3600");
    let world = World::with(options).await;
    let ada = world.account("ada").await;

    for _ in 0..6 {
        let reply = log_in_from(&world, HOME, &ada).await.expect(201);
        let mut refresh = Tokens::of(&reply).refresh;
        for _ in 0..2 {
            let body = json!({"refresh_token": refresh});
            let reply = world.post_from(HOME, "/v1/sessions/refresh", body).await.expect(200);
            refresh = Tokens::of(&reply).refresh;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn own_logins_do_not_refund_guesses_on_others() {
    let options = Options::default().with_limits().set("LIMIT_LOGIN_ACCOUNT", "3/3600");
    let world = World::with(options).await;
    let (ada, mallory) = (world.account("ada").await, world.account("mallory").await);

    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(guess(&world, HOME, &ada.email).await.status.as_u16());
        log_in_from(&world, HOME, &mallory).await.expect(201);
    }

    assert_eq!(statuses, [401, 401, 401, 429, 429]);
}

#[tokio::test(flavor = "multi_thread")]
async fn stolen_access_token_does_not_allow_password_guessing() {
    let options = Options::default().with_limits().set("LIMIT_REAUTHENTICATION", "2/3600");
    let world = World::with(options).await;
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    let (ada_token, bob_token) = (world.log_in(&ada).await.access, world.log_in(&bob).await.access);
    let change = async |token: &str, from: &str, current: &str| {
        let body = json!({"current_password": current, "password": "a garden full of thyme"});
        let request = world.request(Method::PUT, "/v1/users/me/password").bearer_auth(token);
        world.send(request.header("x-forwarded-for", from).json(&body)).await
    };

    change(&ada_token, &network(1), "a wrong passphrase").await.expect(403);
    change(&ada_token, &network(2), "a wrong passphrase").await.expect(403);
    let refused = change(&ada_token, &network(3), &ada.password).await;

    refused.expect_problem(429, "throttled");
    change(&bob_token, HOME, &bob.password).await.expect(204);
    for _ in 0..2 {
        change(&bob_token, HOME, "a garden full of thyme").await.expect(204);
    }
}
