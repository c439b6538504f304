use std::time::Duration;

use keyward_stack::mail_sink::{Action, Behaviour, Stage, Stored};
use keyward_tests::{Options, World, until};

use super::{QUEUE, count, ids, plant};

#[tokio::test(flavor = "multi_thread")]
async fn paused_queue_starts_no_job_and_others_continue() {
    let world = World::with_operations().await;
    let page = world.act(&format!("/queues/{QUEUE}/pause"), &[("back", "/")]).await;
    assert!(page.text.contains("The queue is paused"), "{}", page.text);
    is_empty_handed(&world).await;

    let ada = world.register("ada").await;
    let bob = world.registered_and_verified("bob").await;
    world.reset_token(&bob).await; // The queue beside it works meanwhile.
    world.consumed().await;
    assert_eq!(count(&world, QUEUE, "Pending").await, 2);
    let said = async || {
        let page = world.look("/").await.text;
        page.contains("verification-email is paused by ada: 2 jobs wait.").then_some(())
    };
    until("the overview shows the available jobs", said).await;
    // Another worker that starts meanwhile runs nothing either.
    let mut world = world;
    world.start_worker().await;
    world.reset_token(&bob).await;
    assert_eq!(count(&world, QUEUE, "Pending").await, 2);

    world.act(&format!("/queues/{QUEUE}/resume"), &[("back", "/")]).await;

    world.nth_mail(&ada.email, "Confirm", 1).await;
}

/// Waits until no process fetches from the queue.
pub(super) async fn is_empty_handed(world: &World) {
    let look = async || {
        let loops = format!(
            "apalis.workers where worker_type = '{QUEUE}' and last_seen > now() - interval '15 s'"
        );
        (world.count(&loops).await == 0).then_some(())
    };
    until("no process fetches from the queue", look).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn running_job_completes_after_its_queue_is_paused() {
    let world = World::with(Options::operated().set("SMTP_TIMEOUT_S", 3)).await;
    world.mail.behave(Behaviour::new(Action::Silent(Stage::Final, Stored::No)).times(1));
    let ada = world.register("ada").await;
    world.mail.wait_for_attempts(&ada.email, 1, Duration::from_secs(30)).await.unwrap();

    world.act(&format!("/queues/{QUEUE}/pause"), &[("back", "/")]).await;
    is_empty_handed(&world).await;

    let (status, attempts, _) = world.jobs(QUEUE).await.remove(0);
    assert_eq!((status.as_str(), attempts), ("Failed", 1), "the job has timed out");
    world.mail_in("verification", "deferred").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn operator_retries_a_rejected_email() {
    let world = World::with_operations().await;
    world.mail.behave(Behaviour::reply("550 5.1.1 no such mailbox").times(1));
    let ada = world.register("ada").await;
    assert_eq!(world.ended(QUEUE).await, ["Killed"]);
    let id = ids(&world, QUEUE).await.remove(0);
    let page = world.look(&format!("/jobs/{id}")).await.expect(200).text;
    assert!(page.contains("permanent error (550): 5.1.1 no such mailbox"), "{page}");

    let back = format!("/jobs/{id}");
    let page = world.act(&format!("/jobs/{id}/retry"), &[("back", &back)]).await.text;

    assert!(page.contains("1 job will be tried again."), "{page}");
    world.nth_mail(&ada.email, "Confirm", 1).await;
    world.mail_in("verification", "accepted").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn operator_runs_a_scheduled_job_now() {
    let world = World::with_operations().await;
    world.mail.behave(Behaviour::reply("451 4.3.0 later").times(1));
    let ada = world.register("ada").await;
    world.postponed(QUEUE).await;
    let id = ids(&world, QUEUE).await.remove(0);

    world.act(&format!("/jobs/{id}/retry"), &[("back", "/jobs")]).await;

    world.nth_mail(&ada.email, "Confirm", 1).await;
    world.mail_in("verification", "accepted").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn discarded_job_is_not_retried_and_its_email_is_failed() {
    let world = World::with_operations().await;
    world.mail.behave(Behaviour::reply("451 4.3.0 later"));
    world.register("ada").await;
    world.postponed(QUEUE).await;
    let id = ids(&world, QUEUE).await.remove(0);

    let page = world.act(&format!("/jobs/{id}/discard"), &[("back", &format!("/jobs/{id}"))]).await;

    assert!(page.text.contains("Discarded by an operator"), "{}", page.text);
    let mail = world.mail_in("verification", "failed").await;
    assert_eq!(mail.reply.as_deref(), Some("discarded by an operator"));
    assert_eq!(count(&world, QUEUE, "Killed").await, 1);
    assert_eq!(super::run(&world, &["dead", "list"]).await.1, "nothing is dead\n");
    world.retry_now().await;
    world.settle().await;
    assert_eq!(world.mail.attempts().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_action_is_rejected_and_changes_nothing() {
    let world = World::with_operations().await;
    plant(&world, QUEUE, "done", "", 1).await;
    let id = ids(&world, QUEUE).await.remove(0);
    for (path, says) in [
        (format!("/jobs/{id}/retry"), "a job that is done cannot be told to retry"),
        (format!("/jobs/{id}/discard"), "a job that is done cannot be told to discard"),
        ("/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV/retry".into(), "there is no job"),
        ("/queues/nothing/pause".into(), "there is no queue"),
    ] {
        let request = world.act_request(&path, &[]).header("sec-fetch-site", "same-origin");
        let refused = world.send(request).await.expect(409);
        assert!(refused.text.contains(says), "{path}: {}", refused.text);
    }
    for path in [format!("/jobs/{id}/explode"), format!("/queues/{QUEUE}/explode")] {
        let request = world.act_request(&path, &[]).header("sec-fetch-site", "same-origin");
        world.send(request).await.expect(404);
    }
    assert_eq!(count(&world, QUEUE, "Done").await, 1);
    assert_eq!(world.count("queue_pauses").await, 0);
}
