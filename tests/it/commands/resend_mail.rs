use keyward_tests::World;
use serde_json::json;

const NEW: &str = "ada.byron@example.org";

/// The path that sends the newest email of a kind to the account of `ada` again.
async fn path(world: &World, kind: &str) -> String {
    let mail = world.mail_in(kind, "accepted").await;
    let user_id = world.user_id("ada@example.org").await;
    format!("/v1/users/{user_id}/mails/{}/resend", mail.mail_id)
}

#[tokio::test(flavor = "multi_thread")]
async fn emails_of_an_address_change_are_sent_again_with_the_same_link() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let (ada, access) = world.logged_in("ada").await;
    world.request_email_change(&access, &ada, NEW).await.expect(202);
    let confirmation = path(&world, "email_change_confirmation").await;
    let notice = path(&world, "email_change_notice").await;
    let (confirm, about) = ("Confirm your new email address", "about to change");

    for path in [&confirmation, &notice] {
        let reply = world.post_as(&root, path).await.expect(202);
        assert_eq!(reply.json(), json!({"status": "mail_planned"}));
    }

    for (to, subject, page) in
        [(NEW, confirm, "/confirm-email"), (&ada.email, about, "/undo-email")]
    {
        let again = world.nth_mail(to, subject, 2).await;
        let first = world.nth_mail(to, subject, 1).await;
        assert_eq!(again.message_id, first.message_id);
        assert!(first.text.contains(&world.link_token(to, page).await), "{}", again.text);
    }
    assert_eq!(world.envelopes("mail.resend_requested").await.len(), 2);
    let token = world.link_token(NEW, "/confirm-email").await;
    world.confirm_email_change(&token).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn email_that_is_no_longer_due_is_not_sent_again() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let (ada, access) = world.logged_in("ada").await;
    let verification = path(&world, "verification").await;
    world.request_email_change(&access, &ada, NEW).await.expect(202);
    let confirmation = path(&world, "email_change_confirmation").await;
    let of_another = confirmation.replace(
        &world.user_id(&ada.email).await.to_string(),
        &world.user_id("root@example.org").await.to_string(),
    );
    world.post_as(&root, &of_another).await.expect_problem(404, "mail_not_found");
    let token = world.link_token(NEW, "/confirm-email").await;
    world.confirm_email_change(&token).await.expect(204);

    for path in [&verification, &confirmation] {
        world.post_as(&root, path).await.expect_problem(409, "mail_obsolete");
    }

    let moved = ada.with_email(NEW);
    world.reset_token(NEW).await;
    let reset = world.mail_in("password_reset", "accepted").await;
    world.disable(&moved).await;
    let path = confirmation.rsplit_once("/mails/").unwrap().0.to_owned();
    let path = format!("{path}/mails/{}/resend", reset.mail_id);
    world.post_as(&root, &path).await.expect_problem(409, "user_disabled");
    assert_eq!(world.count("outbox where subject = 'mail.resend_requested'").await, 0);
}
