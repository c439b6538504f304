use keyward_tests::{Account, Options, World};
use serde_json::json;

const NEW: &str = "Ada.Byron@example.org";

/// Requests the change to the new address. Returns the token that is emailed there.
async fn asked(world: &World, ada: &Account, access: &str) -> String {
    world.request_email_change(access, ada, NEW).await.expect(202);
    world.link_token(NEW, "/confirm-email").await
}

#[tokio::test(flavor = "multi_thread")]
async fn change_ends_every_session_but_the_requesting_one() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let (asking, other) = (world.log_in(&ada).await, world.log_in(&ada).await);
    world.me(&asking.access).await.expect(200);
    let token = asked(&world, &ada, &asking.access).await;

    let reply = world.confirm_email_change(&token).await.expect(204);

    assert_eq!(reply.text, "");
    let me = world.me(&asking.access).await.expect(200).json();
    assert_eq!((&me["email"], &me["email_verified"]), (&json!(NEW), &json!(true)));
    world.refresh(&asking.refresh).await.expect(200);
    world.me(&other.access).await.expect_problem(401, "session_ended");
    world.refresh(&other.refresh).await.expect_problem(401, "session_ended");
    let moved = Account { email: NEW.to_lowercase(), ..ada.clone() };
    world.log_in(&moved).await;
    world.try_log_in(&ada).await.expect_problem(401, "bad_credentials");
    world.nth_mail(&ada.email, "Your Keyward email address was changed", 1).await;
    let subjects = world.settle().await;
    assert_eq!(
        subjects[subjects.len() - 3..],
        ["session.ended", "user.email_changed", "session.started"]
    );
    assert_eq!(world.envelopes("session.ended").await[0]["data"]["reason"], "email_changed");
    assert_eq!(world.mail.messages_to(NEW).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn own_address_can_change_its_spelling() {
    let world = World::new().await;
    let (ada, access) = world.logged_in("ada").await;
    world.request_email_change(&access, &ada, "ADA@Example.org").await.expect(202);
    let token = world.link_token("ADA@example.org", "/confirm-email").await;

    world.confirm_email_change(&token).await.expect(204);

    assert_eq!(world.me(&access).await.json()["email"], "ADA@example.org");
    world.log_in(&ada).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn address_verified_by_another_account_is_not_taken() {
    let world = World::new().await;
    let (ada, access) = world.logged_in("ada").await;
    world.request_email_change(&access, &ada, "bobby@example.org").await.expect(202);
    let token = world.link_token("bobby@example.org", "/confirm-email").await;
    let bob = world.account("bobby").await;

    let reply = world.confirm_email_change(&token).await;

    reply.expect_problem(400, "link_invalid");
    world.log_in(&bob).await;
    assert_eq!(world.me(&access).await.json()["email"], "ada@example.org");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_one_of_two_concurrent_confirmations_succeeds() {
    let world = World::new().await;
    let accounts = [world.account("ada").await, world.account("bobby").await];
    let mut tokens = Vec::new();
    for account in &accounts {
        let access = world.log_in(account).await.access;
        world.request_email_change(&access, account, NEW).await.expect(202);
        let mails = tokens.len() + 1;
        let mail = world.nth_mail(NEW, "Confirm your new", mails).await;
        tokens.push(keyward_tests::token_in(&mail.text, "/confirm-email#").unwrap());
    }

    let confirm = tokens.iter().map(|token| world.confirm_email_change(token));
    let replies = futures_util::future::join_all(confirm).await;

    assert_eq!(keyward_tests::tally(&replies), [(204, 1), (400, 1)]);
    assert_eq!(world.count("users where email_key = 'ada.byron@example.org'").await, 1);
    assert_eq!(world.count("users").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn confirmation_removes_an_unverified_account_with_the_address() {
    let world = World::new().await;
    let (ada, access) = world.logged_in("ada").await;
    let squatter = world.register("squatter").await;
    let squatter_id = world.user_id(&squatter.email).await;
    world.request_email_change(&access, &ada, &squatter.email).await.expect(202);
    let token = world.link_token(&squatter.email, "/confirm-email").await;

    world.confirm_email_change(&token).await.expect(204);

    world.settle().await;
    let gone = world.envelopes("user.deleted").await;
    assert_eq!((gone.len(), &gone[0]["data"]["user_id"]), (1, &json!(squatter_id)));
    let mails = world.mail.messages_to(&squatter.email);
    assert!(
        mails.iter().all(|mail| !mail.subject.contains("deleted")),
        "no deletion notice is sent"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn email_planned_before_the_change_goes_to_the_old_address() {
    let mut world = World::with(Options::default().without_worker()).await;
    world.register("ada").await;
    world.sql("update users set email_verified_at = now()").await;
    let ada =
        Account { email: "ada@example.org".into(), password: "the passphrase of number 3".into() };
    let access = world.log_in(&ada).await.access;
    world.change_password(&access, &ada.password, "a better passphrase").await.expect(204);
    world.sql("update users set email = 'eve@example.org', email_key = 'eve@example.org'").await;

    world.start_worker().await;

    let notice = world.nth_mail(&ada.email, "Your Keyward password was changed", 1).await;
    assert_eq!(notice.envelope_to, ["ada@example.org"]);
    world.settle().await;
    assert_eq!(world.mail.messages_to("eve@example.org").len(), 0);
}
