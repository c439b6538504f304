use std::time::{Duration, Instant};

use keyward_stack::mail_sink::{Action, Behaviour, Stage, Stored};
use keyward_tests::until;

use keyward_tests::House;

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_before_it_saw_the_request_delays_the_mail_until_another_one_comes() {
    let house = House::new().await;
    let _api = house.start_api().await;
    house.start_worker().await.kill().await;

    let ada = house.register("ada").await;
    assert_eq!(house.mail.attempts(), []);
    let _worker = house.start_worker().await;

    house.nth_mail(&ada.email, "Confirm", 1).await;
    house.settle().await;
    assert_eq!(house.mail.attempts().len(), 1);
    house.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mail_of_a_worker_killed_while_it_was_sending_is_sent_by_another_within_30_seconds() {
    let house = House::new().await;
    let _api = house.start_api().await;
    let worker = house.start_worker().await;
    house.mail.behave(Behaviour::new(Action::Silent(Stage::Final, Stored::No)).times(1));
    let ada = house.register("ada").await;
    let sending = house.mail.wait_for_attempts(&ada.email, 1, Duration::from_secs(30)).await;
    assert_eq!(sending.unwrap()[0].stage, Stage::Final, "all was said, nothing was answered");

    worker.kill().await;
    let killed_at = Instant::now();
    let _worker = house.start_worker().await;
    house.nth_mail(&ada.email, "Confirm", 1).await;

    assert!(killed_at.elapsed() < Duration::from_secs(30), "{:?}", killed_at.elapsed());
    house.settle().await;
    assert_eq!(house.mail.messages().len(), 1);
    assert_eq!(house.mail.attempts().len(), 2);
    house.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_that_replace_each_other_lose_no_job_and_do_none_twice() {
    let house = House::new().await;
    let _api = house.start_api().await;
    let mut mailed = Vec::new();
    for n in 0..24 {
        mailed.push(house.register(&format!("user{n}")).await.email);
    }

    let first = house.start_worker().await;
    until("the first has begun", async || (!house.mail.messages().is_empty()).then_some(())).await;
    let second = house.start_worker().await;
    assert!(first.stop().await, "{}", first.log());
    mailed.push(house.register("late").await.email);
    let _third = house.start_worker().await;
    assert!(second.stop().await, "{}", second.log());
    mailed.push(house.register("later").await.email);
    house.settle().await;

    for email in mailed {
        assert_eq!(house.mail.attempts_to(&email).len(), 1, "{email}");
        assert_eq!(house.mail.messages_to(&email).len(), 1, "{email}");
    }
    house.clear().await;
}
