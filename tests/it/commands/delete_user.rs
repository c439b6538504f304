use keyward_tests::{Options, World};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn deletion_ends_access_and_frees_the_address() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    let ada_id = world.user_id(&ada.email).await;
    let tokens = world.log_in(&ada).await;
    world.me(&tokens.access).await.expect(200);
    let path = format!("/v1/users/{ada_id}");

    world.delete_as(&root, &path).await.expect(204);

    world.me(&tokens.access).await.expect_problem(401, "session_ended");
    world.refresh(&tokens.refresh).await.expect_problem(401, "session_ended");
    world.get_as(&root, &path).await.expect_problem(404, "user_not_found");
    world.delete_as(&root, &path).await.expect_problem(404, "user_not_found");
    let event = world.envelopes("user.deleted").await.remove(0);
    assert_eq!(event["data"]["user_id"], json!(ada_id));
    assert_eq!(event["data"]["actor_id"], json!(world.user_id("root@example.org").await));
    world.nth_mail(&ada.email, "deleted", 1).await;
    let again = world.register("ada").await;
    assert_ne!(world.user_id(&again.email).await, ada_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_address_with_an_undo_link_is_notified() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    let access = world.log_in(&ada).await.access;
    world.change_email(&access, &ada, "byron@example.org").await;
    let id = world.user_id("byron@example.org").await;

    world.delete_as(&root, &format!("/v1/users/{id}")).await.expect(204);

    for email in [&ada.email, "byron@example.org"] {
        let mail = world.nth_mail(email, "account was deleted", 1).await;
        assert!(mail.text.contains("An administrator"), "{}", mail.text);
    }
}

/// A deletion locks links before emails. A delivery must do the same, or both deadlock.
#[tokio::test(flavor = "multi_thread")]
async fn email_about_to_be_sent_does_not_block_the_deletion() {
    let mut world = World::with(Options::default().without_worker()).await;
    world.register("ada").await;
    let mut deletion = world.db.begin().await.unwrap();
    let lock = "select from links for update";
    assert_eq!(sqlx::query(lock).execute(&mut *deletion).await.unwrap().rows_affected(), 1);
    world.start_worker().await;
    let waits = async || (world.waiting_for_locks().await == 1).then_some(());
    keyward_tests::until("the delivery waits for the link", waits).await;

    // Postgres checks for deadlocks after one second.
    sqlx::query("set local lock_timeout = '500ms'").execute(&mut *deletion).await.unwrap();
    sqlx::query("delete from users").execute(&mut *deletion).await.unwrap();
    deletion.commit().await.unwrap();

    assert_eq!(world.ended("verification-email").await, ["Done"], "every job has ended");
    assert_eq!(world.mail.attempts(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn outdated_version_deletes_nothing() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    let path = format!("/v1/users/{}", world.user_id(&ada.email).await);
    let delete = async |tag: &str| {
        let request = world.request(reqwest::Method::DELETE, &path).bearer_auth(&root);
        world.send(request.header("if-match", tag)).await
    };

    delete("\"1\"").await.expect_problem(412, "version_mismatch");
    delete("\"2\"").await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn last_administrator_cannot_be_deleted() {
    let world = World::new().await;
    let account = world.account("root").await;
    world.promote(&account).await;
    let root = world.log_in(&account).await.access;
    let path = format!("/v1/users/{}", world.user_id(&account.email).await);

    world.delete_as(&root, &path).await.expect_problem(409, "last_admin");
    world.delete_account(&root, &account).await.expect_problem(409, "last_admin");

    world.get_as(&root, "/v1/users").await.expect(200);
    assert_eq!(world.envelopes("user.deleted").await.len(), 0);
    world.administrator("other").await;
    world.delete_account(&root, &account).await.expect(204);
}
