use keyward_stack::mail_sink::Behaviour;
use keyward_tests::{World, until};

use super::{QUEUE, count, plant};

#[tokio::test(flavor = "multi_thread")]
async fn all_mails_that_failed_for_one_reason_are_sent_again_and_others_are_left_alone() {
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
async fn what_dies_again_at_once_is_not_tried_for_ever() {
    let world = World::with_operations().await;
    // More than one transaction of them; none can be read, so each dies as soon as it is tried.
    plant(&world, QUEUE, "dead", "first", 1_200).await;

    let page = world.act("/jobs/all", &[("act", "retry"), ("state", "dead")]).await.text;

    assert!(page.contains("1,200 jobs will be tried again."), "{page}");
    let all_dead = async || (count(&world, QUEUE, "Killed").await == 1_200).then_some(());
    until("all have died again", all_dead).await;
    assert_eq!(world.count("job_attempts").await, 1_200, "each was tried once");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_match_can_be_discarded_and_the_words_mean_themselves() {
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
async fn nothing_is_done_to_jobs_in_a_state_that_nobody_named() {
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
