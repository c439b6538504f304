use keyward_tests::World;

use super::{KIND, ids, plant, run};

/// Operator, via, action, target, affected, and whether it ended.
async fn actions(world: &World) -> Vec<(String, String, String, String, i64, bool)> {
    sqlx::query_as(
        "select operator, via, action, target, affected, ended_at is not null
         from operator_actions order by action_id",
    )
    .fetch_all(&world.db)
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_records_actor_action_and_count() {
    let world = World::with_operations().await;
    let pause = format!("/queues/{KIND}/pause");
    world.act(&pause, &[]).await;
    plant(&world, KIND, "dead", "550 never", 4).await;
    let id = ids(&world, KIND).await.remove(0);
    let other = ids(&world, KIND).await.remove(1);

    world.act(&format!("/jobs/{id}/retry"), &[]).await;
    world.act("/jobs/all", &[("action", "discard"), ("state", "dead"), ("q", "NEVER")]).await;
    run(&world, &["jobs", "retry", &other]).await;
    run(&world, &["queues", "resume", KIND]).await;
    run(&world, &["replay", "--from", "2026-01-01T00:00:00Z"]).await;
    run(&world, &["replay", "--from", "2026-01-01T00:00:00Z", "--dry-run"]).await;

    let line = |who: &str, via: &str, act: &str, target: &str, count| {
        (who.into(), via.into(), act.into(), target.into(), count, true)
    };
    let cli = "command line";
    assert_eq!(
        actions(&world).await,
        [
            line("ada", "board", "pause", KIND, 1),
            line("ada", "board", "retry", &id, 1),
            line("ada", "board", "discard", "all dead jobs whose error contains \"NEVER\"", 3),
            line(cli, cli, "retry", &other, 1),
            line(cli, cli, "resume", KIND, 1),
            line(cli, cli, "replay", "events since 2026-01-01T00:00:00Z", 0),
        ]
    );
    let page = world.look_as_viewer("/audit").await.expect(200).text;
    for said in ["ada", "board", "command line", &id, "all dead jobs whose error contains"] {
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_records_retry_and_discard_by_id() {
    let world = World::with_operations().await;
    plant(&world, KIND, "dead", "550 never", 2).await;
    let [one, other] = ids(&world, KIND).await.try_into().unwrap();

    run(&world, &["jobs", "discard", &one]).await;
    run(&world, &["jobs", "retry", &other]).await;

    let said: Vec<_> =
        actions(&world).await.into_iter().map(|action| (action.2, action.3)).collect();
    assert_eq!(said, [("discard".to_owned(), one), ("retry".to_owned(), other)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_is_paginated() {
    let world = World::with_operations().await;
    world
        .sql(
            "insert into operator_actions (action_id, operator, via, action, target, ended_at)
             select ('ffffffff-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'ada', 'board',
                    'pause', 'queue-number-' || n, now()
             from generate_series(1, 60) as n",
        )
        .await;

    let first = world.look("/audit").await.text;
    let (_, rest) = first.split_once("/audit?before=").unwrap();
    let second = world.look(&format!("/audit?before={}", &rest[..36])).await.text;

    assert!(first.contains("queue-number-60<") && first.contains("queue-number-11<"));
    assert!(!first.contains("queue-number-10<"));
    assert!(second.contains("queue-number-10<") && second.contains("queue-number-1<"));
    assert!(!second.contains("/audit?before="));
}
