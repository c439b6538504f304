//! Changes of address do not send email to strangers at will.

use keyward_tests::{Options, Reply, World};
use serde_json::Value;

fn limited() -> Options {
    Options::default().with_limits()
}

/// What a client can compare, without the state of the limits.
fn comparable(reply: &Reply) -> (u16, Vec<(String, String)>, Value) {
    let (status, mut headers, body) = reply.without_id();
    headers.retain(|(name, _)| name != "ratelimit");
    (status, headers, body)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_account_cannot_email_many_strangers() {
    let world = World::with(limited()).await;
    let (ada, access) = world.logged_in("ada").await;
    let (bob, bobs) = world.logged_in("bobby").await;

    let mut statuses = Vec::new();
    for nth in 0..25 {
        let email = format!("stranger{nth}@example.org");
        let reply = world.request_email_change(&access, &ada, &email).await;
        statuses.push(reply.status.as_u16());
        // An email whose link is replaced before it is sent is not sent.
        world.settle().await;
        if nth == 5 {
            let reply = reply.expect_problem(429, "throttled");
            let wait = reply.header("retry-after");
            assert!((1..=720).contains(&wait.parse::<u32>().unwrap()), "{wait}");
            assert_eq!(reply.header("ratelimit"), format!(r#""email-change";r=0;t={wait}"#));
        }
    }

    assert_eq!(statuses[..5], [202; 5]);
    assert_eq!(statuses[5..], [429; 20]);
    world.request_email_change(&bobs, &bob, "bob@example.org").await.expect(202);
    let mails = world.mail.messages();
    let strangers = mails.iter().filter(|mail| mail.envelope_to[0].starts_with("stranger"));
    assert_eq!(strangers.count(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_password_does_not_use_up_the_changes_of_an_account() {
    let world = World::with(limited().set("LIMIT_EMAIL_CHANGE", "1/3600")).await;
    let (ada, access) = world.logged_in("ada").await;

    let wrong = ada.with_password("a wrong passphrase");
    for _ in 0..3 {
        let reply = world.request_email_change(&access, &wrong, "new@example.org").await;
        reply.expect_problem(403, "wrong_password");
    }

    world.request_email_change(&access, &ada, "new@example.org").await.expect(202);
}

#[tokio::test(flavor = "multi_thread")]
async fn target_limit_reveals_nothing_about_an_address() {
    let world = World::with(limited()).await;
    let (taken, unverified) = (world.account("taken").await, world.register("unverified").await);
    let disabled = world.account("disabled").await;
    world.disable(&disabled).await;
    let targets = ["free@example.org", &taken.email, &unverified.email, &disabled.email];
    let mut replies = Vec::new();

    for nth in 0..5 {
        let (ada, access) = world.logged_in(&format!("ada{nth}")).await;
        for target in targets {
            let reply = world.request_email_change(&access, &ada, target).await.expect(202);
            replies.push(comparable(&reply));
            world.settle().await;
        }
    }

    assert!(replies.iter().all(|reply| *reply == replies[0]), "{replies:?}");
    for (target, own) in targets.into_iter().zip([0, 1, 1, 1]) {
        assert_eq!(world.mail.messages_to(target).len(), own + 3, "{target}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_to_an_address_do_not_use_up_the_emails_of_its_account() {
    let world = World::with(limited()).await;
    let bob = world.register("bobby").await;
    world.link_token(&bob.email, "/verify-email").await;

    for nth in 0..4 {
        let (ada, access) = world.logged_in(&format!("ada{nth}")).await;
        for _ in 0..4 {
            world.request_email_change(&access, &ada, &bob.email).await.expect(202);
        }
    }

    let token = world.reset_token(&bob.email).await;
    world.confirm_reset(&token, "a garden full of thyme").await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn newer_change_over_the_target_limit_revokes_the_older_link() {
    let world = World::with(limited().set("LIMIT_EMAIL_CHANGE_TARGET", "1/3600")).await;
    let (ada, access) = world.logged_in("ada").await;
    world.request_email_change(&access, &ada, "new@example.org").await.expect(202);
    let token = world.link_token("new@example.org", "/confirm-email").await;

    world.request_email_change(&access, &ada, "new@example.org").await.expect(202);

    world.confirm_email_change(&token).await.expect_problem(400, "link_invalid");
    world.settle().await;
    assert_eq!(world.mail.messages_to("new@example.org").len(), 1);
    assert_eq!(world.me(&access).await.json()["email"], ada.email);
}
