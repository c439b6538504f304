//! The next release beside this one: forward, back, and forward again.

use std::{path::Path, time::Duration};

use chrono::{DateTime, Utc};
use keyward_tests::until;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::{actors::Actors, next_release::NEXT_RELEASE};

/// How long the readiness is read after the migration. The programs compare the schema once a second.
const READINESS_TIME: Duration = Duration::from_secs(4);
/// How often.
const READINESS_INTERVAL: Duration = Duration::from_millis(50);

/// What has jobs that only the next release can run: a queue of its own, a kind in a queue of both, and a
/// queue of both whose jobs carry its events.
const UNREADABLE_JOBS: [&str; 3] = ["session-notice", "new-session-email", "cache-invalidation"];

/// Updates the cluster, rolls it back, and updates it again. Each release meets events and jobs that
/// only the other one can read.
pub(crate) async fn upgrade(actors: &mut Actors) {
    let (this, next) = (actors.cluster.programs.clone(), NEXT_RELEASE.as_path());
    migrate(actors, &this, next).await;

    use_release(actors, next);
    actors.replace_api(0).await;
    let first = until("events are parked", async || parked(actors).await).await;
    actors.replace_worker(0).await;
    until("the parked events have their effect", async || {
        let pending = "select not exists (select from outbox_pending where event_id = any($1))";
        let query = sqlx::query_scalar(pending).bind(&first);
        query.fetch_one(&actors.cluster.db).await.unwrap_or(false).then_some(())
    })
    .await;
    until("the worker of this release leaves an email to the next one", async || {
        holds(actors, "metadata ? 'postponed_at' and metadata -> 'kind' = 'new-session-email'")
            .await
    })
    .await;
    actors.replace_worker(1).await;
    actors.replace_api(1).await;

    for name in UNREADABLE_JOBS {
        command(actors, "keyward-worker", &["queues", "pause", name]).await;
    }
    leave_jobs_behind(actors).await;
    use_release(actors, &this);
    actors.replace_api(0).await;
    actors.replace_worker(0).await;
    actors.replace_worker(1).await;
    until("events are parked again", async || parked(actors).await).await;
    actors.replace_api(1).await;
    // This release does not know all of these names.
    use_release(actors, next);
    for name in UNREADABLE_JOBS {
        command(actors, "keyward-worker", &["queues", "resume", name]).await;
    }
    use_release(actors, &this);
    expect_no_harm(actors).await;

    use_release(actors, next);
    for number in 0..2 {
        actors.replace_worker(number).await;
        actors.replace_api(number).await;
    }
}

/// Programs that start from now on are those of this release.
fn use_release(actors: &mut Actors, programs: &Path) {
    programs.clone_into(&mut actors.cluster.programs);
}

/// Runs a program of a release. Fails unless it succeeds.
async fn command(actors: &Actors, program: &str, args: &[&str]) {
    let (is_ok, output) = actors.cluster.run(program, args).await;
    assert!(is_ok, "{program} {args:?}: {output}");
}

/// Migrates the schema to that of the next release. The running programs of this one stay ready, and its
/// `migrate` changes nothing.
async fn migrate(actors: &mut Actors, this: &Path, next: &Path) {
    use_release(actors, next);
    command(actors, "migrate", &[]).await;
    let began_at = Instant::now();
    while began_at.elapsed() < READINESS_TIME {
        for program in actors.apis.iter().chain(&actors.workers).flatten() {
            let ready = reqwest::get(format!("{}/health/ready", program.url)).await.unwrap();
            let status = ready.status();
            assert!(status.is_success(), "{status} {}", ready.text().await.unwrap());
        }
        sleep(READINESS_INTERVAL).await;
    }
    use_release(actors, this);
    command(actors, "migrate", &[]).await;
    let (is_same, output) = actors.cluster.run("migrate", &["--check"]).await;
    assert!(!is_same && output.contains("newer than this release"), "{output}");
}

/// The parked events, once there are those of a new type and those with a new member.
async fn parked(actors: &Actors) -> Option<Vec<Uuid>> {
    let parked = "select array_agg(event_id) from outbox_pending join outbox using (event_id)
                  where parked_by is not null having count(distinct subject) = 2";
    sqlx::query_scalar(parked).fetch_optional(&actors.cluster.db).await.unwrap()
}

/// Whether there is a job for which a condition holds.
async fn holds(actors: &Actors, condition: &str) -> Option<()> {
    let statement = format!("select exists (select from apalis.jobs where {condition})");
    let query = sqlx::query_scalar(sqlx::AssertSqlSafe(statement));
    query.fetch_one(&actors.cluster.db).await.unwrap_or(false).then_some(())
}

/// Waits until each of the paused queues and kinds has a job that only the next release can run.
async fn leave_jobs_behind(actors: &Actors) {
    let open = "status = 'Pending' and";
    for condition in [
        "job_type = 'session-notice'",
        "metadata -> 'kind' = 'new-session-email'",
        "convert_from(job, 'UTF8') like all (array['%user.profile_changed%', '%session_id%'])",
    ] {
        until(condition, async || holds(actors, &format!("{open} {condition}")).await).await;
    }
}

/// Waits until the workers of this release have met the jobs of the next one, left them alone, and run
/// others of the same queues.
async fn expect_no_harm(actors: &Actors) {
    let now = "select clock_timestamp()";
    let resumed_at: DateTime<Utc> =
        sqlx::query_scalar(now).fetch_one(&actors.cluster.db).await.unwrap();
    let [met, done] = ["(metadata -> 'postponed_at')::timestamptz", "status = 'Done' and done_at"]
        .map(|condition| format!("{condition} > '{resumed_at}'"));
    for queue in ["email", "cache-invalidation"] {
        for (what, condition) in [("job waits", &met), ("job is done", &done)] {
            let condition = format!("{condition} and job_type = '{queue}'");
            until(&format!("{what}: {queue}"), async || holds(actors, &condition).await).await;
        }
    }
    assert!(holds(actors, "status = 'Killed'").await.is_none(), "a job is dead");
    command(actors, "keyward-worker", &["reconcile"]).await;
}

/// The events of the new type whose job did not run exactly once.
pub(crate) async fn notices(actors: &Actors) -> Vec<String> {
    let notices: Vec<(Uuid, Option<i32>)> = sqlx::query_as(
        "select event_id, notices
         from outbox left join sessions on session_id = (envelope -> 'data' ->> 'session_id')::uuid
         where subject = 'session.noticed'",
    )
    .fetch_all(&actors.cluster.db)
    .await
    .unwrap();
    let none = notices.is_empty().then(|| "there is no event of the new type".to_owned());
    let wrong = notices.into_iter().filter(|(_, times)| *times != Some(1));
    none.into_iter().chain(wrong.map(|(event, times)| format!("{event}: {times:?}"))).collect()
}
