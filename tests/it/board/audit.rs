use keyward_tests::World;

use super::{QUEUE, ids, plant, run};

/// A row of the audit: actor, source, action, target, count, and whether it ended.
async fn acts(world: &World) -> Vec<(String, String, String, String, i64, bool)> {
    sqlx::query_as(
        "select operator, via, act, target, affected, ended_at is not null
         from operator_acts order by act_id",
    )
    .fetch_all(&world.db)
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_records_actor_action_and_count() {
    let world = World::with_operations().await;
    let pause = format!("/queues/{QUEUE}/pause");
    world.act(&pause, &[]).await;
    plant(&world, QUEUE, "dead", "550 never", 4).await;
    let id = ids(&world, QUEUE).await.remove(0);
    let other = ids(&world, QUEUE).await.remove(1);

    world.act(&format!("/jobs/{id}/retry"), &[]).await;
    world.act("/jobs/all", &[("act", "discard"), ("state", "dead"), ("q", "NEVER")]).await;
    run(&world, &["jobs", "retry", &other]).await;
    run(&world, &["queues", "resume", QUEUE]).await;
    run(&world, &["replay", "--from", "2026-01-01T00:00:00Z"]).await;
    run(&world, &["replay", "--from", "2026-01-01T00:00:00Z", "--dry-run"]).await;

    let line = |who: &str, via: &str, act: &str, target: &str, count| {
        (who.into(), via.into(), act.into(), target.into(), count, true)
    };
    let cli = "command line";
    assert_eq!(
        acts(&world).await,
        [
            line("ada", "board", "pause", QUEUE, 1),
            line("ada", "board", "retry", &id, 1),
            line("ada", "board", "discard", "all dead jobs whose error says \"NEVER\"", 3),
            line(cli, cli, "retry", &other, 1),
            line(cli, cli, "resume", QUEUE, 1),
            line(cli, cli, "replay", "events since 2026-01-01T00:00:00Z", 0),
        ]
    );
    let page = world.look_as_viewer("/audit").await.expect(200).text;
    for said in ["ada", "board", "command line", &id, "all dead jobs whose error says"] {
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_records_dead_retry_and_dead_drop() {
    let world = World::with_operations().await;
    plant(&world, QUEUE, "dead", "550 never", 2).await;
    let [one, other] = ids(&world, QUEUE).await.try_into().unwrap();

    run(&world, &["dead", "drop", &one]).await;
    run(&world, &["dead", "retry", &other]).await;

    let said: Vec<_> = acts(&world).await.into_iter().map(|act| (act.2, act.3)).collect();
    assert_eq!(said, [("discard".to_owned(), one), ("retry".to_owned(), other)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_is_paginated() {
    let world = World::with_operations().await;
    world
        .sql(
            "insert into operator_acts (act_id, operator, via, act, target, ended_at)
             select ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'ada', 'board',
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
