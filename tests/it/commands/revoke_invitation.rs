use keyward_tests::{Options, World};
use serde_json::json;

async fn only_id(world: &World, admin: &str) -> String {
    let open = world.get_as(admin, "/v1/invitations").await.expect(200).items();
    assert_eq!(open.len(), 1);
    open[0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn revoked_invitation_is_invalid_immediately() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let token = world.invite(&root, "grace@example.org", "admin").await;
    let path = format!("/v1/invitations/{}", only_id(&world, &root).await);

    world.delete_as(&root, &path).await.expect(204);

    world.accept(&token).await.expect_problem(400, "link_invalid");
    assert_eq!(world.get_as(&root, "/v1/invitations").await.json()["items"], json!([]));
    world.delete_as(&root, &path).await.expect_problem(404, "invitation_not_found");
    let event = world.envelopes("user.invitation_revoked").await.remove(0);
    assert_eq!(event["data"]["actor_id"], json!(world.user_id("root@example.org").await));
    assert_eq!(world.count("outbox where subject = 'user.invitation_revoked'").await, 1);
    // The address can be invited again.
    let newer = world.invite(&root, "grace@example.org", "user").await;
    assert_eq!(world.accept(&newer).await.expect(201).json()["role"], "user");
}

#[tokio::test(flavor = "multi_thread")]
async fn email_of_a_revoked_invitation_is_not_sent() {
    let mut world = World::with(Options::default().without_worker()).await;
    let root = world.administrator_without_mail("root").await;
    world.request_invitation(&root, "grace@example.org", "user").await.expect(202);
    let path = format!("/v1/invitations/{}", only_id(&world, &root).await);
    world.delete_as(&root, &path).await.expect(204);

    world.start_worker().await;
    world.settle().await;

    assert!(world.mail.messages_to("grace@example.org").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn accepted_invitation_cannot_be_revoked() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let token = world.invite(&root, "grace@example.org", "user").await;
    let path = format!("/v1/invitations/{}", only_id(&world, &root).await);
    let grace = world.accept(&token).await.expect(201).json();

    world.delete_as(&root, &path).await.expect_problem(404, "invitation_not_found");

    let grace = format!("/v1/users/{}", grace["id"].as_str().unwrap());
    world.get_as(&root, &grace).await.expect(200);
}
