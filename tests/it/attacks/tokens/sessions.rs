use std::time::Duration;

use keyward_tests::{Tokens, World, until};

const NEW: &str = "a garden full of thyme";

#[tokio::test(flavor = "multi_thread")]
async fn access_token_lasts_ten_minutes() {
    let world = World::new().await;
    let (_, token) = world.logged_in("ada").await;

    world.clock.advance(Duration::from_secs(590));
    world.me(&token).await.expect(200);
    world.clock.advance(Duration::from_secs(10));

    world.me(&token).await.expect_problem(401, "token_invalid");
}

/// Fails unless the first request with each token of a session is rejected.
async fn is_over(world: &World, tokens: &Tokens) {
    world.me(&tokens.access).await.expect_problem(401, "session_ended");
    let written = world.rename(&tokens.access, "Eve").await;
    written.expect_problem(401, "session_ended");
    world.refresh(&tokens.refresh).await.expect_problem(401, "session_ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn logout_rejects_both_tokens_on_the_next_request() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let (here, there) = (world.log_in(&ada).await, world.log_in(&ada).await);
    for tokens in [&here, &there] {
        world.me(&tokens.access).await.expect(200);
    }

    let path = format!("/v1/sessions/{}", there.session_id);
    world.delete_as(&here.access, &path).await.expect(204);
    is_over(&world, &there).await;
    world.log_out(&here.access).await.expect(204);
    is_over(&world, &here).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn password_change_rejects_other_sessions_on_the_next_request() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let (here, there) = (world.log_in(&ada).await, world.log_in(&ada).await);
    world.me(&there.access).await.expect(200);

    world.change_password(&here.access, &ada.password, NEW).await.expect(204);

    is_over(&world, &there).await;
    world.me(&here.access).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn ended_sessions_stay_ended_after_a_restart() {
    let mut world = World::new().await;
    let ada = world.account("ada").await;
    let tokens = world.log_in(&ada).await;
    world.log_out(&tokens.access).await.expect(204);
    let old_link = world.reset_token(&ada.email).await;
    world.confirm_reset(&old_link, NEW).await.expect(204);
    // As after a full restart: a new process and an empty Redis.
    world.drop_from_cache(format!("session:{}", tokens.session_id)).await;
    let id = world.user_id(&ada.email).await;
    world.drop_from_cache(format!("user:{id}")).await;

    world.url = world.another_api().await;

    world.me(&tokens.access).await.expect_problem(401, "session_ended");
    world.refresh(&tokens.refresh).await.expect_problem(401, "session_ended");
    world.confirm_reset(&old_link, NEW).await.expect_problem(400, "link_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn second_process_rejects_an_ended_session_immediately() {
    let mut world = World::new().await;
    let ada = world.account("ada").await;
    let second = world.another_api().await;
    let ask = async |token: &str| world.me_at(&second, token).await.status;

    for _ in 0..10 {
        let tokens = world.log_in(&ada).await;
        assert_eq!(ask(&tokens.access).await, 200);
        world.log_out(&tokens.access).await.expect(204);
        assert_eq!(ask(&tokens.access).await, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn read_during_a_logout_does_not_restore_the_session() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let (here, there) = (world.log_in(&ada).await, world.log_in(&ada).await);
    world.me(&here.access).await.expect(200);
    // From here on, Postgres is slow to load a user.
    world.sql("alter table avatar_uploads rename to uploads").await;
    let slow = "create view avatar_uploads as
                select * from uploads where (select pg_sleep(1)) is not null";
    world.sql(slow).await;

    let reader = world.me(&there.access);
    let end = async {
        let reads = "pg_stat_activity where datname = current_database()
                     and wait_event = 'PgSleep'";
        let is_reading = async || (world.count(reads).await > 0).then_some(());
        until("the reader has begun", is_reading).await;
        let path = format!("/v1/sessions/{}", there.session_id);
        world.delete_as(&here.access, &path).await.expect(204);
    };
    let (read, ()) = futures_util::future::join(reader, end).await;

    read.expect(200);
    world.me(&there.access).await.expect_problem(401, "session_ended");
}
