use keyward_tests::World;
use serde_json::json;

const NEW: &str = "Ada.Byron@example.org";
const PATH: &str = "/v1/users/me/email";

#[tokio::test(flavor = "multi_thread")]
async fn address_stays_until_confirmed_and_both_are_notified() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let session = world.log_in(&ada).await;

    let reply = world.request_email_change(&session.access, &ada, NEW).await.expect(202);

    assert_eq!(reply.json(), json!({"status": "check_your_email"}));
    let link = world.nth_mail(NEW, "Confirm your new email address", 1).await;
    assert_eq!(link.envelope_to, [NEW]);
    world.nth_mail(&ada.email, "email address is about to change", 1).await;
    assert_eq!(world.me(&session.access).await.json()["email"], "ada@example.org");
    world.log_in(&ada).await;
    let moved = ada.with_email(NEW);
    world.try_log_in(&moved).await.expect_problem(401, "bad_credentials");
    assert!(world.settle().await.contains(&"user.email_change_requested".to_owned()));
    assert_eq!(world.mail.messages_to(NEW).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn owner_of_a_taken_address_is_notified_without_a_link() {
    let world = World::new().await;
    let (ada, bob) = (world.account("ada").await, world.account("bobby").await);
    let access = world.log_in(&ada).await.access;

    world.request_email_change(&access, &ada, "BOBBY@example.org").await.expect(202);

    let notice = world.nth_mail(&bob.email, "You already have a Keyward account", 1).await;
    assert!(!notice.text.contains('#'), "{}", notice.text);
    world.settle().await;
    assert_eq!(world.mail.messages_to("BOBBY@example.org").len(), 2, "two notices and no link");
    let event = world.envelopes("user.registration_repeated").await.remove(0);
    assert_eq!(event["data"]["user_id"], json!(world.user_id(&bob.email).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_password_or_invalid_address_changes_nothing() {
    let world = World::new().await;
    let (ada, access) = world.logged_in("ada").await;
    let wrong = ada.with_password("not the passphrase");

    world.request_email_change(&access, &wrong, NEW).await.expect_problem(403, "wrong_password");
    world
        .request_email_change("made.up.token", &ada, NEW)
        .await
        .expect_problem(401, "token_invalid");
    let flawed = world.request_email_change(&access, &ada, "ada@example.org,eve@example.org").await;
    let flawed = flawed.expect_problem(422, "invalid").json();
    assert_eq!(flawed["errors"][0]["pointer"], "/email");
    let empty = world.put_as(&access, PATH, json!({})).await.expect_problem(422, "invalid").json();
    assert_eq!(empty["errors"].as_array().unwrap().len(), 2);

    assert_eq!(world.count("email_changes").await, 0);
    world.settle().await;
    assert_eq!(world.mail.messages_to(NEW).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_password_change_is_respected() {
    let world = World::new().await;
    let (ada, access) = world.logged_in("ada").await;
    let change = json!({"current_password": ada.password, "password": "a better passphrase"});

    let (changed, asked) = futures_util::future::join(
        world.put_as(&access, "/v1/users/me/password", change),
        world.request_email_change(&access, &ada, NEW),
    )
    .await;

    changed.expect(204);
    assert!([202, 403].contains(&asked.status.as_u16()), "{}", asked.text);
    let open = "links where purpose = 'confirm_email_change' and revoked_at is null";
    assert_eq!(world.count(open).await, 0, "asked before it was dead, asked after it was refused");
}
