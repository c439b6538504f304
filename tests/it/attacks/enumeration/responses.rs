use futures_util::future::join_all;
use keyward_tests::{Reply, World, registration};
use serde_json::json;

const SUBJECT: &str = "Reset your Keyward password";

/// Sends a request. Returns its reply and the number of rows that it added to each of these tables.
async fn added<const N: usize>(
    world: &World,
    tables: [&str; N],
    request: impl Future<Output = Reply>,
) -> (Reply, [i64; N]) {
    let rows = async || {
        let counts = tables.map(|table| world.count(table));
        <[i64; N]>::try_from(join_all(counts).await).unwrap()
    };
    let before = rows().await;
    let reply = request.await.expect(202);
    let after = rows().await;
    (reply, std::array::from_fn(|nth| after[nth] - before[nth]))
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_wrong_and_disabled_logins_get_the_same_response() {
    let world = World::new().await;
    let (ada, dan) = (world.account("ada").await, world.account("daniel").await);
    world.disable(&dan).await;

    let wrong = world.try_log_in(&ada.with_password("the wrong passphrase")).await;
    let others = [
        world.try_log_in(&ada.with_email("missing@example.org")).await,
        world.try_log_in(&dan).await,
        world.try_log_in(&dan.with_password("the wrong passphrase")).await,
        world.try_log_in(&ada.with_email("not an address")).await,
    ];

    let wrong = wrong.expect_problem(401, "bad_credentials");
    assert_eq!(wrong.header("www-authenticate"), "Bearer");
    for other in others {
        assert_eq!(other.without_id(), wrong.without_id());
        assert_eq!(other.text.len(), wrong.text.len());
    }
    assert_eq!(world.count("sessions").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn reset_request_gets_the_same_response_for_every_address() {
    let world = World::new().await;
    let (ada, bob) = (world.account("ada").await, world.register("bobby").await);
    let dan = world.account("daniel").await;
    world.disable(&dan).await;

    let known = world.request_reset("ADA@Example.org").await.expect(202);

    assert_eq!(known.text, r#"{"status":"check_your_email"}"#);
    for email in [&bob.email, &dan.email, "missing@example.org"] {
        let other = world.request_reset(email).await;
        assert_eq!((other.without_id(), &other.text), (known.without_id(), &known.text));
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
    assert_eq!(world.mail.messages_to("missing@example.org").len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn reset_request_writes_the_same_rows_for_every_address() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    world.settle().await;

    for email in [&ada.email, "missing@example.org"] {
        let tables = ["links", "mails", "outbox"];
        let (_, added) = added(&world, tables, world.request_reset(email)).await;
        assert_eq!(added, [1, 1, 1], "{email}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn registration_reveals_nothing_about_an_address() {
    let world = World::new().await;
    let (ada, bob) = (world.account("ada").await, world.register("bobby").await);
    let dan = world.account("daniel").await;
    world.disable(&dan).await;
    let register =
        async |email: &str| world.post("/v1/users", registration(email)).await.expect(202);

    let free = register("missing@example.org").await;
    for taken in [ada.email, bob.email, dan.email] {
        let reply = register(&taken).await;
        assert_eq!((reply.without_id(), reply.text), (free.without_id(), free.text.clone()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn registration_writes_the_same_rows_for_every_address() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    world.settle().await;

    for email in ["missing@example.org", &ada.email, "missing@example.org"] {
        let tables = ["links", "mails", "outbox"];
        let (_, added) = added(&world, tables, world.post("/v1/users", registration(email))).await;
        assert_eq!(added, [1, 1, 1], "{email}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn resend_reveals_nothing_about_an_address() {
    let world = World::new().await;
    let (ada, bob) = (world.register("ada").await, world.account("bobby").await);
    let dan = world.register("daniel").await;
    world.settle().await;
    world.disable(&dan).await;
    let before = world.mail.messages().len();
    let ask = |email: &str| world.post("/v1/email-verifications", json!({"email": email}));

    let unverified = ask(&ada.email).await.expect(202);
    let others = [ask(&bob.email).await, ask(&dan.email).await, ask("unknown@example.org").await];

    assert_eq!(unverified.json(), json!({"status": "check_your_email"}));
    for other in others {
        assert_eq!((other.without_id(), &other.text), (unverified.without_id(), &unverified.text));
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
async fn email_change_reveals_nothing_about_the_new_address() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let (bob, squatter) = (world.account("bobby").await, world.register("squatter").await);
    let dan = world.account("daniel").await;
    world.disable(&dan).await;
    let access = world.log_in(&ada).await.access;
    world.settle().await;

    let mut replies = Vec::new();
    for email in ["free@example.org", &bob.email, &squatter.email, &dan.email, &ada.email] {
        let tables = ["email_changes", "links", "mails"];
        let request = world.request_email_change(&access, &ada, email);
        let (reply, added) = added(&world, tables, request).await;
        assert_eq!(added, [1, 2, 3], "{email}");
        replies.push((reply.without_id(), reply.text));
    }

    assert!(replies.iter().all(|reply| *reply == replies[0]), "{replies:?}");
    world.settle().await;
    let notices = world.mail.messages_to(&ada.email);
    let notices = notices.iter().filter(|mail| mail.subject.contains("about to change")).count();
    assert_eq!(notices, 5, "the requester's mailbox shows no difference");
}
