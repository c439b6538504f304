use keyward_tests::{Options, World, pictures};

const MINE: &str = "/v1/users/me/avatar";

#[tokio::test(flavor = "multi_thread")]
async fn default_avatar_returns_and_the_objects_disappear() {
    let world = World::new().await;
    let ada = world.administrator("ada").await;
    let before = world.me(&ada).await.json()["avatar"].clone();
    world.show_picture(&ada, 100).await;

    world.delete_as(&ada, MINE).await.expect(204);

    assert_eq!(world.me(&ada).await.json()["avatar"], before);
    world.settle().await;
    assert_eq!(world.objects(), [""; 0]);
    assert_eq!(world.envelopes("avatar.removed").await.len(), 1);

    world.delete_as(&ada, MINE).await.expect(204);
    world.settle().await;
    assert_eq!(world.envelopes("avatar.removed").await.len(), 1, "a second removal emits no event");
}

#[tokio::test(flavor = "multi_thread")]
async fn removal_overrides_a_pending_upload() {
    let mut world = World::with(Options::default().without_worker()).await;
    let ada = world.administrator_without_mail("ada").await;
    let jpeg = pictures::jpeg(&pictures::photo(90, 90), 80);
    let taken = world.put_picture(&ada, MINE, "image/jpeg", jpeg).await.expect(202);
    world.delete_as(&ada, MINE).await.expect(204);

    world.start_worker().await;
    world.settle().await;

    assert_eq!(world.upload_end(&ada, &taken).await.0, "failed");
    assert_eq!(world.me(&ada).await.json()["avatar"]["is_default"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn administrator_removes_the_avatar_of_another_user() {
    let world = World::new().await;
    let (ada, bob) = (world.administrator("ada").await, world.account("bob").await);
    let path = format!("/v1/users/{}/avatar", world.user_id(&bob.email).await);
    let jpeg = pictures::jpeg(&pictures::photo(90, 90), 80);
    let taken = world.put_picture(&ada, &path, "image/jpeg", jpeg).await.expect(202);
    world.upload_end(&ada, &taken).await;

    world.delete_as(&ada, &path).await.expect(204);

    let bob = world.log_in(&bob).await.access;
    assert_eq!(world.me(&bob).await.json()["avatar"]["is_default"], true);
}
