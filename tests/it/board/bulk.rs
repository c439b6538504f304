use keyward_stack::mail_sink::Behaviour;
use keyward_tests::{World, until};
use keyward_worker::ops::{
    Filter, JobState,
    actions::{self, ActingOperator, JobAction},
};
use tokio_util::sync::CancellationToken;

use super::{KIND, QUEUE, actions::is_stopped, count, plant};

#[tokio::test(flavor = "multi_thread")]
async fn bulk_retry_resends_only_emails_with_the_same_error() {
    let world = World::with_operations().await;
    world.mail.behave(Behaviour::reply("554 5.7.1 blocked by policy"));
    for name in ["ada", "bob", "cleo"] {
        world.register(name).await;
    }
    assert_eq!(world.ended(KIND).await, ["Killed"; 3]);
    plant(&world, "invitation-email", "dead", "550 5.1.1 no such mailbox", 2).await;
    world.mail.behave(Behaviour::accept());

    let asked = world.look("/jobs/all?action=retry&state=dead&q=blocked+by").await.expect(200).text;
    assert!(asked.contains("<h1>Retry 3 jobs?</h1>"), "{asked}");
    assert!(asked.contains("all dead jobs whose error contains &#34;blocked by&#34;"), "{asked}");
    let form = [("action", "retry"), ("state", "dead"), ("q", "blocked by")];
    let page = world.act("/jobs/all", &form).await.text;

    assert!(page.contains("3 jobs will be retried."), "{page}");
    for name in ["ada", "bob", "cleo"] {
        world.nth_mail(&format!("{name}@example.org"), "Confirm", 1).await;
    }
    assert_eq!(count(&world, "invitation-email", "Killed").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn bulk_retry_does_not_repeat_jobs_that_die_again() {
    let world = World::with_operations().await;
    // More than one transaction of them; none can be read, so each dies as soon as it is tried.
    plant(&world, KIND, "dead", "first", 1_200).await;

    world.act("/jobs/all", &[("action", "retry"), ("state", "dead")]).await;

    let ended = async || {
        (world.count("operator_actions where ended_at is not null and affected = 1200").await == 1)
            .then_some(())
    };
    until("all were retried", ended).await;
    let all_dead = async || (count(&world, KIND, "Killed").await == 1_200).then_some(());
    until("all have died again", all_dead).await;
    assert_eq!(world.count("job_attempts").await, 1_200, "each was tried once");
}

#[tokio::test(flavor = "multi_thread")]
async fn bulk_discard_takes_the_search_text_literally() {
    let world = World::with_operations().await;
    plant(&world, KIND, "scheduled", "quota 100% used", 3).await;
    plant(&world, KIND, "scheduled", "quota 100 used", 2).await;

    let form = [("action", "discard"), ("state", "scheduled"), ("queue", KIND), ("q", "100%")];
    let page = world.act("/jobs/all", &form).await.text;

    assert!(page.contains("3 jobs discarded."), "{page}");
    assert_eq!(count(&world, KIND, "Killed").await, 3);
    assert_eq!(count(&world, KIND, "Failed").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn bulk_action_affects_only_the_given_state() {
    let world = World::with_operations().await;
    plant(&world, KIND, "dead", "x", 1).await;
    plant(&world, KIND, "completed", "", 1).await;
    for form in [
        vec![("action", "discard")],
        vec![("action", "discard"), ("state", "completed")],
        vec![("action", "retry"), ("state", "running")],
        vec![("action", "retry"), ("state", "dead' or 1=1")],
        vec![("action", "explode"), ("state", "dead")],
        vec![("action", "retry"), ("state", "dead"), ("queue", "nothing")],
    ] {
        let request = world.act_request("/jobs/all", &form).header("sec-fetch-site", "same-origin");
        world.send(request).await.expect(400);
    }
    assert_eq!(count(&world, KIND, "Killed").await, 1);
    assert_eq!(world.count("operator_actions").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_action_continues_without_the_browser() {
    let world = World::with_operations().await;
    world.act(&format!("/queues/{QUEUE}/pause"), &[]).await;
    is_stopped(&world).await;
    plant(&world, KIND, "available", "", 3).await;
    let mut other = world.db.begin().await.unwrap();
    sqlx::query("select from apalis.jobs for update").execute(&mut *other).await.unwrap();

    let page = world.act("/jobs/all", &[("action", "discard"), ("state", "available")]).await.text;
    assert!(page.contains("The action continues.") && page.contains(">running</span>"), "{page}");
    plant(&world, KIND, "available", "", 1).await;
    other.commit().await.unwrap();

    let ended = async || {
        let page = world.look("/audit").await.text;
        (page.contains("class=\"number\">3</td>") && page.contains("data-name=\"Ended\">yes"))
            .then_some(())
    };
    until("the audit says that three were discarded", ended).await;
    assert_eq!(count(&world, KIND, "Pending").await, 1, "a job that came later is left alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_shows_an_interrupted_action_as_unfinished() {
    let world = World::with_operations().await;
    plant(&world, KIND, "dead", "550 never", 3).await;
    let stop = CancellationToken::new();
    stop.cancel();

    let filter = Filter::new(None, JobState::Dead, None);
    let actor = ActingOperator::command_line();
    let acting = actions::on_matching(&world.app, &actor, JobAction::Discard, &filter, &stop);
    let error = acting.await.unwrap_err();

    assert!(error.to_string().contains("discard has changed 0 jobs so far"), "{error}");
    world.sql("update operator_actions set started_at = started_at - interval '1 minute'").await;
    let page = world.look("/audit").await.text;
    assert!(page.contains("not ended"), "{page}");
    assert_eq!(count(&world, KIND, "Killed").await, 3);
}
