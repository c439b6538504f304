use serde_json::json;

use keyward_tests::House;

#[tokio::test(flavor = "multi_thread")]
async fn with_nats_stopped_people_are_answered_and_their_mails_come_when_it_is_back() {
    let mut house = House::new().await;
    let _api = house.start_api().await;
    let _worker = house.start_worker().await;
    let ada = house.account("ada").await;
    house.settle().await;

    house.stack.nats.stop().await;
    let bob = house.register("bob").await;
    house.post("/v1/password-resets", json!({"email": ada.email})).await.expect(202);
    let (access, _) = house.log_in(&ada).await;
    house.me(&access).await.expect(200);
    let ready = house.get("/health/ready").await.expect(200);
    assert_eq!(ready.json()["degraded"], json!(["nats"]));
    house.stack.nats.restart().await.unwrap();

    house.nth_mail(&bob.email, "Confirm", 1).await;
    house.nth_mail(&ada.email, "Reset", 1).await;
    house.settle().await;
    assert_eq!(house.mail.messages().len(), 3, "each once");
    house.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wiped_nats_loses_nothing_that_was_not_published_yet() {
    let mut house = House::new().await;
    let _api = house.start_api().await;
    let _worker = house.start_worker().await;
    let ada = house.account("ada").await;
    house.settle().await;

    house.stack.nats.stop().await;
    let bob = house.register("bob").await;
    house.stack.nats.wipe().await.unwrap();
    let cleo = house.register("cleo").await;

    house.nth_mail(&bob.email, "Confirm", 1).await;
    house.nth_mail(&cleo.email, "Confirm", 1).await;
    house.settle().await;
    assert_eq!(house.mail.messages().len(), 3, "each once");
    house.post("/v1/password-resets", json!({"email": ada.email})).await.expect(202);
    house.nth_mail(&ada.email, "Reset", 1).await;
    house.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nats_that_is_killed_again_and_again_loses_no_event() {
    let mut house = House::new().await;
    let _api = house.start_api().await;
    let _worker = house.start_worker().await;
    let mut mailed = Vec::new();

    for round in 0..3 {
        mailed.push(house.register(&format!("before{round}")).await.email);
        house.stack.nats.kill().await;
        mailed.push(house.register(&format!("during{round}")).await.email);
        house.stack.nats.restart().await.unwrap();
    }

    for email in &mailed {
        house.nth_mail(email, "Confirm", 1).await;
    }
    house.settle().await;
    assert_eq!(house.mail.messages().len(), mailed.len(), "each once");
    house.clear().await;
}
