use keyward_tests::World;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn response_does_not_reveal_an_existing_account() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    let invite = async |email: &str| {
        world
            .post_json_as(&root, "/v1/invitations", json!({"email": email, "role": "user"}))
            .await
            .expect(202)
    };

    let free = invite("grace@example.org").await;
    let taken = invite(&ada.email).await;

    assert_eq!(free.json(), json!({"status": "mail_planned"}));
    assert_eq!(free.without_id(), taken.without_id());
    world.nth_mail("grace@example.org", "You are invited", 1).await;
    world.settle().await;
    assert_eq!(
        world.mail.messages_to(&ada.email).len(),
        1,
        "a verification email and no invitation"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn event_carries_ids_and_the_role() {
    let world = World::new().await;
    let root = world.administrator("root").await;

    world.invite(&root, "grace@example.org", "admin").await;

    let event = world.envelopes("user.invited").await.remove(0);
    assert_eq!(event["data"]["actor_id"], json!(world.user_id("root@example.org").await));
    assert_eq!(event["data"]["role"], "admin");
    assert!(!event.to_string().contains("grace"), "{event}");
}

#[tokio::test(flavor = "multi_thread")]
async fn new_invitation_revokes_the_older_and_sets_the_role() {
    let world = World::new().await;
    let root = world.administrator("root").await;

    let older = world.invite(&root, "grace@example.org", "admin").await;
    let newer = world.invite(&root, "Grace@Example.org", "user").await;

    world.accept(&older).await.expect_problem(400, "link_invalid");
    assert_eq!(world.accept(&newer).await.expect(201).json()["role"], "user");
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_invitation_is_rejected() {
    let world = World::new().await;
    let root = world.administrator("root").await;

    for (body, pointer) in [
        (json!({"email": "nope", "role": "user"}), "/email"),
        (json!({"email": "a@b.example", "role": "root"}), "/role"),
        (json!({"email": "a@b.example"}), "/role"),
        (json!({"email": "a@b.example", "role": "user", "id": 1}), "/id"),
    ] {
        world.post_json_as(&root, "/v1/invitations", body).await.expect_invalid(pointer);
    }
    assert_eq!(world.count("invitations").await, 0);
}
