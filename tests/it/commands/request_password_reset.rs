use keyward_tests::World;
use serde_json::json;

const REQUEST: &str = "/v1/password-resets";
const SUBJECT: &str = "Reset your Keyward password";

#[tokio::test(flavor = "multi_thread")]
async fn known_unknown_disabled_and_unproven_addresses_get_the_same_answer() {
    let world = World::new().await;
    let (ada, bob) = (world.account("ada").await, world.register("bobby").await);
    let dan = world.account("daniel").await;
    world.disable(&dan).await;
    let ask = |email: &str| world.post(REQUEST, json!({"email": email}));

    let known = ask("ADA@Example.org").await.expect(202);
    let others = [ask(&bob.email).await, ask(&dan.email).await, ask("nobody@example.org").await];

    assert_eq!(known.text, r#"{"status":"check_your_email"}"#);
    for other in others {
        assert_eq!(other.text, known.text);
        assert_eq!(other.without_id(), known.without_id());
    }
    let subjects = world.settle().await;
    let count = |subject: &str| subjects.iter().filter(|s| *s == subject).count();
    assert_eq!(count("user.password_reset_requested"), 2);
    assert_eq!(count("link.request_ignored"), 2);
    for (email, mails) in [(&ada.email, 1), (&bob.email, 1), (&dan.email, 0)] {
        let sent = world.mail.messages_to(email);
        let sent = sent.iter().filter(|mail| mail.subject == SUBJECT).count();
        assert_eq!(sent, mails, "{email}");
    }
    assert_eq!(world.mail.messages_to("nobody@example.org").len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_address_costs_the_same_rows() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    world.settle().await;
    let rows = async || {
        [world.count("links").await, world.count("mails").await, world.count("outbox").await]
    };

    let start = rows().await;
    world.post(REQUEST, json!({"email": ada.email})).await.expect(202);
    let known = rows().await;
    world.post(REQUEST, json!({"email": "nobody@example.org"})).await.expect(202);
    let unknown = rows().await;

    let added = |a: [i64; 3], b: [i64; 3]| [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
    assert_eq!(added(start, known), [1, 1, 1]);
    assert_eq!(added(known, unknown), [1, 1, 1]);
}
