use keyward_tests::{Options, World, pictures};

const MINE: &str = "/v1/users/me/avatar";

#[tokio::test(flavor = "multi_thread")]
async fn the_default_picture_comes_back_at_once_and_the_objects_go() {
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
    assert_eq!(world.envelopes("avatar.removed").await.len(), 1, "nothing was left to remove");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_wins_over_an_upload_that_is_not_done() {
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
async fn nobody_is_found_under_an_unknown_id() {
    let world = World::new().await;
    let ada = world.administrator("ada").await;
    let nobody = format!("/v1/users/{}/avatar", uuid::Uuid::new_v4());
    world.delete_as(&ada, &nobody).await.expect_problem(404, "user_not_found");
}
