use keyward_tests::World;
use serde_json::json;

const REQUEST: &str = "/v1/email-verifications";
const CONFIRM: &str = "/v1/email-verifications/confirm";

#[tokio::test(flavor = "multi_thread")]
async fn new_link_revokes_the_previous_one() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    let old = world.link_token(&ada.email, "/verify-email").await;

    world.post(REQUEST, json!({"email": "ADA@Example.org"})).await.expect(202);
    world.nth_mail(&ada.email, "Confirm your email address", 2).await;
    let new = world.link_token(&ada.email, "/verify-email").await;

    world.post(CONFIRM, json!({"token": old})).await.expect_problem(400, "link_invalid");
    world.post(CONFIRM, json!({"token": new})).await.expect(204);
    assert_eq!(world.settle().await[1], "user.verification_requested");
}

#[tokio::test(flavor = "multi_thread")]
async fn response_is_the_same_for_every_address() {
    let world = World::new().await;
    let (ada, bob) = (world.register("ada").await, world.account("bobby").await);
    let dan = world.register("daniel").await;
    world.settle().await;
    world.disable(&dan).await;
    let before = world.mail.messages().len();
    let ask = |email: &str| world.post(REQUEST, json!({"email": email}));

    let unverified = ask(&ada.email).await.expect(202);
    let others = [ask(&bob.email).await, ask(&dan.email).await, ask("unknown@example.org").await];

    assert_eq!(unverified.json(), json!({"status": "check_your_email"}));
    for other in others {
        assert_eq!(other.without_id(), unverified.without_id());
    }
    let subjects = world.settle().await;
    assert_eq!(subjects.iter().filter(|s| *s == "link.request_ignored").count(), 3);
    assert_eq!(
        world.mail.messages().len(),
        before + 1,
        "only the unverified account gets an email"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_address_is_rejected() {
    let world = World::new().await;

    for body in [json!({"email": "nope"}), json!({}), json!({"email": null})] {
        let reply = world.post(REQUEST, body).await.expect_problem(422, "invalid");
        assert_eq!(reply.json()["errors"][0]["pointer"], "/email");
    }

    assert_eq!(world.subjects().await, [""; 0]);
}
