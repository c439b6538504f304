use keyward_stack::mail_sink::Behaviour;
use keyward_tests::{World, until};
use keyward_worker::ops::board::{
    acts::{self, Act, Who},
    jobs::{Filter, State},
};
use tokio_util::sync::CancellationToken;

use super::{QUEUE, acts::is_empty_handed, count, plant};

#[tokio::test(flavor = "multi_thread")]
async fn bulk_retry_resends_only_emails_with_the_same_error() {
    let world = World::with_operations().await;
    world.mail.behave(Behaviour::reply("554 5.7.1 blocked by policy"));
    for name in ["ada", "bob", "cleo"] {
        world.register(name).await;
    }
    assert_eq!(world.ended(QUEUE).await, ["Killed"; 3]);
    plant(&world, "invitation-email", "dead", "550 5.1.1 no such mailbox", 2).await;
    world.mail.behave(Behaviour::accept());

    let asked = world.look("/jobs/all?act=retry&state=dead&q=blocked+by").await.expect(200).text;
    assert!(asked.contains("<h1>Retry 3 jobs?</h1>"), "{asked}");
    assert!(asked.contains("all dead jobs whose error says &#34;blocked by&#34;"), "{asked}");
    let form = [("act", "retry"), ("state", "dead"), ("q", "blocked by")];
    let page = world.act("/jobs/all", &form).await.text;

    assert!(page.contains("3 jobs will be tried again."), "{page}");
    for name in ["ada", "bob", "cleo"] {
        world.nth_mail(&format!("{name}@example.org"), "Confirm", 1).await;
    }
    assert_eq!(count(&world, "invitation-email", "Killed").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn bulk_retry_does_not_repeat_jobs_that_die_again() {
    let world = World::with_operations().await;
    // More jobs than one transaction takes. None can be read, so each dies on its first attempt.
    plant(&world, QUEUE, "dead", "first", 1_200).await;

    world.act("/jobs/all", &[("act", "retry"), ("state", "dead")]).await;

    let retried = async || {
        (world.count("operator_acts where ended_at is not null and affected = 1200").await == 1)
            .then_some(())
    };
    until("all are retried", retried).await;
    let all_dead = async || (count(&world, QUEUE, "Killed").await == 1_200).then_some(());
    until("all have died again", all_dead).await;
    assert_eq!(world.count("job_attempts").await, 1_200, "each was tried once");
}

#[tokio::test(flavor = "multi_thread")]
async fn bulk_discard_takes_the_search_text_literally() {
    let world = World::with_operations().await;
    plant(&world, QUEUE, "scheduled", "quota 100% used", 3).await;
    plant(&world, QUEUE, "scheduled", "quota 100 used", 2).await;

    let form = [("act", "discard"), ("state", "scheduled"), ("queue", QUEUE), ("q", "100%")];
    let page = world.act("/jobs/all", &form).await.text;

    assert!(page.contains("3 jobs discarded: not tried any more."), "{page}");
    assert_eq!(count(&world, QUEUE, "Killed").await, 3);
    assert_eq!(count(&world, QUEUE, "Failed").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn bulk_action_affects_only_the_given_state() {
    let world = World::with_operations().await;
    plant(&world, QUEUE, "dead", "x", 1).await;
    plant(&world, QUEUE, "done", "", 1).await;
    for form in [
        vec![("act", "discard")],
        vec![("act", "discard"), ("state", "done")],
        vec![("act", "retry"), ("state", "running")],
        vec![("act", "retry"), ("state", "dead' or 1=1")],
        vec![("act", "explode"), ("state", "dead")],
        vec![("act", "retry"), ("state", "dead"), ("queue", "nothing")],
    ] {
        let request = world.act_request("/jobs/all", &form).header("sec-fetch-site", "same-origin");
        world.send(request).await.expect(400);
    }
    assert_eq!(count(&world, QUEUE, "Killed").await, 1);
    assert_eq!(world.count("operator_acts").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_action_continues_without_the_browser() {
    let world = World::with_operations().await;
    world.act(&format!("/queues/{QUEUE}/pause"), &[]).await;
    is_empty_handed(&world).await;
    plant(&world, QUEUE, "waiting", "", 3).await;
    let mut other = world.db.begin().await.unwrap();
    sqlx::query("select from apalis.jobs for update").execute(&mut *other).await.unwrap();

    let page = world.act("/jobs/all", &[("act", "discard"), ("state", "waiting")]).await.text;
    assert!(page.contains("It goes on.") && page.contains(">goes on</span>"), "{page}");
    plant(&world, QUEUE, "waiting", "", 1).await;
    other.commit().await.unwrap();

    let ended = async || {
        let page = world.look("/audit").await.text;
        (page.contains("class=\"number\">3</td>") && page.contains("data-name=\"Ended\">yes"))
            .then_some(())
    };
    until("the audit counts three discarded jobs", ended).await;
    assert_eq!(count(&world, QUEUE, "Pending").await, 1, "later jobs are unaffected");
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_shows_an_interrupted_action_as_unfinished() {
    let world = World::with_operations().await;
    plant(&world, QUEUE, "dead", "550 never", 3).await;
    let stop = CancellationToken::new();
    stop.cancel();

    let filter = Filter::new(None, State::Dead, None);
    let who = Who::at_command_line();
    let error = acts::all(&world.app, &who, Act::Discard, &filter, &stop).await.unwrap_err();

    assert!(error.to_string().contains("discard was done to 0 until now"), "{error}");
    world.sql("update operator_acts set acted_at = acted_at - interval '1 minute'").await;
    let page = world.look("/audit").await.text;
    assert!(page.contains("not ended"), "{page}");
    assert_eq!(count(&world, QUEUE, "Killed").await, 3);
}
