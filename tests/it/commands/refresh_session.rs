use std::time::Duration;

use keyward_tests::{Tokens, World};

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test(flavor = "multi_thread")]
async fn refresh_rotates_the_tokens_without_an_event() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let first = world.log_in(&ada).await;

    let reply = world.refresh(&first.refresh).await.expect(200);

    let second = Tokens::of(&reply);
    assert_eq!(second.session_id, first.session_id);
    assert_ne!(second.refresh, first.refresh);
    assert_ne!(second.access, first.access);
    assert_eq!(reply.header("cache-control"), "no-store");
    world.me(&second.access).await.expect(200);
    world.me(&first.access).await.expect(200);
    world.refresh(&second.refresh).await.expect(200);
    assert_eq!(world.settle().await.last().unwrap(), "session.started");
}

#[tokio::test(flavor = "multi_thread")]
async fn session_ends_after_thirty_idle_days() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let (idle, used) = (world.log_in(&ada).await, world.log_in(&ada).await);

    world.clock.advance(29 * DAY);
    let used = Tokens::of(&world.refresh(&used.refresh).await.expect(200));
    world.clock.advance(DAY);

    world.refresh(&idle.refresh).await.expect_problem(401, "session_ended");
    assert_eq!(world.ended_reason(idle.session_id).await.unwrap(), "expired");
    world.refresh(&used.refresh).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn session_ends_after_ninety_days_of_use() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let mut tokens = world.log_in(&ada).await;
    for _ in 0..3 {
        world.clock.advance(29 * DAY);
        tokens = Tokens::of(&world.refresh(&tokens.refresh).await.expect(200));
    }

    world.clock.advance(3 * DAY - Duration::from_secs(300));
    let last = world.refresh(&tokens.refresh).await.expect(200);
    world.clock.advance(Duration::from_secs(300));

    let expires_in = last.json()["expires_in"].as_i64().unwrap();
    assert!((1..=300).contains(&expires_in), "{expires_in} s exceed the session");
    let last = Tokens::of(&last);
    world.refresh(&last.refresh).await.expect_problem(401, "session_ended");
    world.me(&last.access).await.expect_problem(401, "token_invalid");
    assert_eq!(world.ended_reason(last.session_id).await.unwrap(), "expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn disabled_account_cannot_refresh() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let tokens = world.log_in(&ada).await;
    world.disable(&ada).await;

    let reply = world.refresh(&tokens.refresh).await;

    reply.expect_problem(401, "session_ended");
}
