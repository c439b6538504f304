use std::time::Duration;

use keyward_stack::mail_sink::{Action, Behaviour, Stage, Stored};
use keyward_tests::{Options, World, until};

use super::{KIND, QUEUE, count, ids, plant};

#[tokio::test(flavor = "multi_thread")]
async fn paused_queue_starts_no_job_and_others_continue() {
    let mut world = World::with_operations().await;
    let admin = world.administrator("root").await;
    world.act(&format!("/queues/{QUEUE}/pause"), &[("back", "/")]).await;
    is_stopped(&world).await;

    let ada = world.register("ada").await;
    world.show_picture(&admin, 100).await; // Another queue works meanwhile.
    world.consumed().await;
    assert_eq!(count(&world, KIND, "Pending").await, 1);
    says(&world, "verification-email is paused by ada: 1 job waits.").await;
    // A worker that starts meanwhile starts no attempt either.
    world.start_worker().await;
    world.show_picture(&admin, 200).await;
    assert_eq!(count(&world, KIND, "Pending").await, 1);

    world.act(&format!("/queues/{QUEUE}/resume"), &[("back", "/")]).await;

    world.nth_mail(&ada.email, "Confirm", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paused_kind_waits_without_attempts_and_runs_at_once_when_resumed() {
    let mut world = World::with(Options::operated().without_worker()).await;
    super::run(&world, &["queues", "pause", KIND]).await;
    let ada = world.register("ada").await;
    world.start_worker().await;
    let bob = world.registered_and_verified("bob").await;
    world.reset_token(&bob).await; // Another kind of the queue works meanwhile.
    let postponed = async || {
        let waiting = "apalis.jobs where metadata ? 'postponed_at' and attempts = 0
                       and status = 'Pending' and run_at > now()";
        (world.count(waiting).await == 2).then_some(())
    };
    until("the jobs of the paused kind are postponed", postponed).await;
    says(&world, "verification-email is paused by command line: 2 jobs wait.").await;
    assert_eq!(world.mail.attempts_to(&ada.email).len(), 0);
    // As if the pause had been long.
    world
        .sql(
            "update apalis.jobs set run_at = now() + interval '5 minutes' where status = 'Pending'",
        )
        .await;

    super::run(&world, &["queues", "resume", KIND]).await;

    world.nth_mail(&ada.email, "Confirm", 1).await;
    assert_eq!(world.ended(KIND).await, ["Done"; 2]);
    let attempts: Vec<i32> = world.jobs(KIND).await.into_iter().map(|job| job.1).collect();
    assert_eq!(attempts, [1, 1], "the pause has counted no attempt");
}

/// Waits until the overview contains a text.
async fn says(world: &World, text: &str) {
    until(text, async || world.look("/").await.text.contains(text).then_some(())).await;
}

/// Waits until no worker loop fetches from the email queue.
pub(super) async fn is_stopped(world: &World) {
    let stopped = async || {
        let loops = format!(
            "apalis.workers where worker_type = '{QUEUE}' and last_seen > now() - interval '15 s'"
        );
        (world.count(&loops).await == 0).then_some(())
    };
    until("no loop fetches from the queue", stopped).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn running_job_completes_after_its_queue_is_paused() {
    let world = World::with(Options::operated().set("SMTP_TIMEOUT_S", 3)).await;
    world.mail.behave(Behaviour::new(Action::Silent(Stage::Final, Stored::No)).times(1));
    let ada = world.register("ada").await;
    world.mail.wait_for_attempts(&ada.email, 1, Duration::from_secs(30)).await.unwrap();

    world.act(&format!("/queues/{QUEUE}/pause"), &[("back", "/")]).await;
    is_stopped(&world).await;

    let (status, attempts, _) = world.jobs(KIND).await.remove(0);
    assert_eq!((status.as_str(), attempts), ("Failed", 1), "the time-out is recorded");
    world.mail_in("verification", "deferred").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn operator_retries_a_rejected_email() {
    let world = World::with_operations().await;
    world.mail.behave(Behaviour::reply("550 5.1.1 no such mailbox").times(1));
    let ada = world.register("ada").await;
    assert_eq!(world.ended(KIND).await, ["Killed"]);
    let id = ids(&world, KIND).await.remove(0);
    let page = world.look(&format!("/jobs/{id}")).await.expect(200).text;
    assert!(page.contains("550 5.1.1 no such mailbox"), "{page}");

    let back = format!("/jobs/{id}");
    let page = world.act(&format!("/jobs/{id}/retry"), &[("back", &back)]).await.text;

    assert!(page.contains("1 job will be retried."), "{page}");
    world.nth_mail(&ada.email, "Confirm", 1).await;
    world.mail_in("verification", "accepted").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn operator_runs_a_scheduled_job_now() {
    let world = World::with_operations().await;
    world.mail.behave(Behaviour::reply("451 4.3.0 later").times(1));
    let ada = world.register("ada").await;
    world.postponed(KIND).await;
    let id = ids(&world, KIND).await.remove(0);

    world.act(&format!("/jobs/{id}/run_now"), &[("back", "/jobs")]).await;

    world.nth_mail(&ada.email, "Confirm", 1).await;
    world.mail_in("verification", "accepted").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn discarded_job_is_not_retried_and_its_email_is_failed() {
    let world = World::with_operations().await;
    world.mail.behave(Behaviour::reply("451 4.3.0 later"));
    world.register("ada").await;
    world.postponed(KIND).await;
    let id = ids(&world, KIND).await.remove(0);

    let page = world.act(&format!("/jobs/{id}/discard"), &[("back", &format!("/jobs/{id}"))]).await;

    assert!(page.text.contains("Discarded by an operator"), "{}", page.text);
    let mail = world.mail_in("verification", "failed").await;
    assert_eq!(mail.reply.as_deref(), Some("discarded by an operator"));
    assert_eq!(count(&world, KIND, "Killed").await, 1);
    assert_eq!(super::run(&world, &["jobs", "list"]).await.1, "there are none: all dead jobs\n");
    world.retry_now().await;
    world.settle().await;
    assert_eq!(world.mail.attempts().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_action_is_rejected_and_changes_nothing() {
    let world = World::with_operations().await;
    plant(&world, KIND, "completed", "", 1).await;
    let id = ids(&world, KIND).await.remove(0);
    for (path, says) in [
        (format!("/jobs/{id}/retry"), "retry does not apply to completed jobs"),
        (format!("/jobs/{id}/discard"), "discard does not apply to completed jobs"),
        ("/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV/retry".into(), "there is no job"),
        ("/queues/nothing/pause".into(), "there is no queue or kind"),
    ] {
        let request = world.act_request(&path, &[]).header("sec-fetch-site", "same-origin");
        let refused = world.send(request).await.expect(409);
        assert!(refused.text.contains(says), "{path}: {}", refused.text);
    }
    for path in [format!("/jobs/{id}/explode"), format!("/queues/{KIND}/explode")] {
        let request = world.act_request(&path, &[]).header("sec-fetch-site", "same-origin");
        world.send(request).await.expect(400);
    }
    assert_eq!(count(&world, KIND, "Done").await, 1);
    assert_eq!(world.count("queue_pauses").await, 0);
}
