use keyward_tests::World;
use serde_json::json;
use uuid::Uuid;

/// Changes a name like a process that crashes right after its commit: the row and the event exist, the
/// cache is not invalidated.
async fn rename_and_die(world: &World, name: &str) {
    sqlx::query(
        "with renamed as (update users set display_name = $1, version = version + 1
                          returning user_id, version),
              event as (
             insert into outbox (event_id, user_id, subject, occurred_at, envelope)
             select $2, user_id, 'user.profile_changed', now(), json_build_object(
                 'event_id', $2, 'occurred_at', now(), 'type', 'user.profile_changed',
                 'trace', json_build_object('request_id', 'r', 'traceparent', ''),
                 'data', json_build_object('user_id', user_id, 'version', version))
             from renamed returning event_id, position)
         insert into outbox_pending (event_id, position) select event_id, position from event",
    )
    .bind(name)
    .bind(Uuid::now_v7())
    .execute(&world.db)
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn change_is_invalidated_after_a_crash_of_its_process() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let tokens = world.log_in(&ada).await;
    assert_eq!(
        world.me(&tokens.access).await.json()["display_name"],
        "ada",
        "the account is cached"
    );

    rename_and_die(&world, "Countess").await;
    world.settle().await;

    assert_eq!(world.me(&tokens.access).await.json()["display_name"], "Countess");
}

#[tokio::test(flavor = "multi_thread")]
async fn late_event_does_not_restore_an_old_value() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let tokens = world.log_in(&ada).await;
    for name in ["first", "second", "third"] {
        let body = json!({"display_name": name});
        world.patch_as(&tokens.access, "/v1/users/me", body).await.expect(200);
    }
    world.settle().await;

    world.run_again("cache-invalidation").await;
    world.settle().await;

    assert_eq!(world.me(&tokens.access).await.json()["display_name"], "third");
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_event_keeps_a_session_ended() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let tokens = world.log_in(&ada).await;
    world.delete_as(&tokens.access, "/v1/sessions/current").await.expect(204);
    world.settle().await;

    world.run_again("cache-invalidation").await;
    world.settle().await;

    world.me(&tokens.access).await.expect_problem(401, "session_ended");
}
