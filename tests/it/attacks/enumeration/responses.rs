use keyward_tests::{Account, Reply, World};
use serde_json::json;

const REQUEST: &str = "/v1/password-resets";
const SUBJECT: &str = "Reset your Keyward password";

fn with_password(account: &Account, password: &str) -> Account {
    Account { password: password.into(), ..account.clone() }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_wrong_and_disabled_logins_get_the_same_response() {
    let world = World::new().await;
    let (ada, dan) = (world.account("ada").await, world.account("daniel").await);
    world.disable(&dan).await;
    let missing = Account { email: "missing@example.org".into(), ..ada.clone() };
    let nonsense = Account { email: "not an address".into(), ..ada.clone() };

    let wrong = world.try_log_in(&with_password(&ada, "the wrong passphrase")).await;
    let others = [
        world.try_log_in(&missing).await,
        world.try_log_in(&dan).await,
        world.try_log_in(&with_password(&dan, "the wrong passphrase")).await,
        world.try_log_in(&nonsense).await,
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
    let ask = |email: &str| world.post(REQUEST, json!({"email": email}));

    let known = ask("ADA@Example.org").await.expect(202);
    let others = [ask(&bob.email).await, ask(&dan.email).await, ask("missing@example.org").await];

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
    assert_eq!(world.mail.messages_to("missing@example.org").len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn reset_request_writes_the_same_rows_for_every_address() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    world.settle().await;
    let rows = async || {
        [world.count("links").await, world.count("mails").await, world.count("outbox").await]
    };

    let start = rows().await;
    world.post(REQUEST, json!({"email": ada.email})).await.expect(202);
    let known = rows().await;
    world.post(REQUEST, json!({"email": "missing@example.org"})).await.expect(202);
    let unknown = rows().await;

    let added = |a: [i64; 3], b: [i64; 3]| [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
    assert_eq!(added(start, known), [1, 1, 1]);
    assert_eq!(added(known, unknown), [1, 1, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn registration_reveals_nothing_about_an_address() {
    let world = World::new().await;
    let (ada, bob) = (world.account("ada").await, world.register("bobby").await);
    let dan = world.account("daniel").await;
    world.disable(&dan).await;
    let register = async |email: &str| -> Reply {
        let body =
            json!({"email": email, "password": "correct horse battery", "display_name": "Z"});
        world.post("/v1/users", body).await.expect(202)
    };

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
    let rows = async || {
        [world.count("links").await, world.count("mails").await, world.count("outbox").await]
    };
    let register = async |email: &str| {
        let before = rows().await;
        let body =
            json!({"email": email, "password": "correct horse battery", "display_name": "Z"});
        world.post("/v1/users", body).await.expect(202);
        let after = rows().await;
        [after[0] - before[0], after[1] - before[1], after[2] - before[2]]
    };

    for email in ["missing@example.org", &ada.email, "missing@example.org"] {
        assert_eq!(register(email).await, [1, 1, 1], "{email}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn resend_reveals_nothing_about_an_address() {
    let world = World::new().await;
    let (ada, bob) = (world.account("ada").await, world.register("bobby").await);
    let dan = world.register("daniel").await;
    world.disable(&dan).await;
    let ask = |email: String| world.post("/v1/email-verifications", json!({"email": email}));

    let unknown = ask("missing@example.org".into()).await.expect(202);
    for email in [ada.email, bob.email, dan.email] {
        let reply = ask(email).await;
        assert_eq!((reply.without_id(), reply.text), (unknown.without_id(), unknown.text.clone()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn email_change_reveals_nothing_about_the_new_address() {
    let world = World::new().await;
    let (ada, bob) = (world.account("ada").await, world.register("bobby").await);
    let (dan, eve) = (world.account("daniel").await, world.account("evelyn").await);
    world.disable(&dan).await;
    let access = world.log_in(&eve).await.access;

    let unknown =
        world.request_email_change(&access, &eve, "missing@example.org").await.expect(202);
    for email in [ada.email, bob.email, dan.email] {
        let reply = world.request_email_change(&access, &eve, &email).await;
        assert_eq!((reply.without_id(), reply.text), (unknown.without_id(), unknown.text.clone()));
    }
}
