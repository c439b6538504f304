use keyward_tests::{Options, World, pictures};

const MINE: &str = "/v1/users/me/avatar";
const QUEUE: &str = "avatar-renditions";

#[tokio::test(flavor = "multi_thread")]
async fn undecodable_picture_gives_a_reason_and_keeps_the_old_one() {
    let world = World::new().await;
    let ada = world.administrator("ada").await;
    world.show_picture(&ada, 100).await;
    let before = world.avatar_urls(&ada).await;
    let mut jpeg = pictures::jpeg(&pictures::photo(300, 300), 80);
    jpeg.truncate(jpeg.len() / 2);

    let taken = world.put_picture(&ada, MINE, "image/jpeg", jpeg).await.expect(202);

    let (status, reason) = world.upload_end(&ada, &taken).await;
    assert_eq!(status, "failed");
    assert_eq!(reason.unwrap(), "the file is not complete: its end is missing");
    assert_eq!(world.avatar_urls(&ada).await, before);
    assert_eq!(world.ended(QUEUE).await, ["Done", "Killed"]);
    let result: String = sqlx::query_scalar(
        "select last_result::text from apalis.jobs where job_type = $1 and status = 'Killed'",
    )
    .bind(QUEUE)
    .fetch_one(&world.db)
    .await
    .unwrap();
    assert!(result.contains("its end is missing"), "{result}");
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_and_concurrent_runs_change_nothing() {
    let mut world = World::new().await;
    world.start_worker().await;
    let ada = world.administrator("ada").await;
    world.show_picture(&ada, 100).await;
    world.settle().await;
    let (before, objects) = (world.avatar_urls(&ada).await, world.objects());

    world.run_again(QUEUE).await;
    world.settle().await;

    assert_eq!(world.avatar_urls(&ada).await, before);
    assert_eq!(world.objects(), objects);
    assert_eq!(world.envelopes("avatar.changed").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn picture_that_always_kills_its_worker_ends_dead() {
    let mut world = World::with(Options::default().without_worker()).await;
    let ada = world.administrator_without_mail("ada").await;
    let jpeg = pictures::jpeg(&pictures::photo(90, 90), 80);
    let taken = world.put_picture(&ada, MINE, "image/jpeg", jpeg).await.expect(202);
    world.sql("update avatar_uploads set attempts = 5").await;

    world.start_worker().await;

    let (status, reason) = world.upload_end(&ada, &taken).await;
    assert_eq!(
        (status.as_str(), reason.as_deref()),
        ("failed", Some("the image could not be decoded"))
    );
    world.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_account_leaves_no_object() {
    let mut world = World::with(Options::default().without_worker()).await;
    let ada = world.administrator_without_mail("ada").await;
    let jpeg = pictures::jpeg(&pictures::photo(90, 90), 80);
    world.put_picture(&ada, MINE, "image/jpeg", jpeg).await.expect(202);
    let bob = world.administrator_without_mail("bob").await;
    let path =
        format!("/v1/users/{}", world.me(&ada).await.expect(200).json()["id"].as_str().unwrap());
    world.delete_as(&bob, &path).await.expect(204);

    world.start_worker().await;

    world.settle().await;
    keyward_tests::until("the object is deleted", async || {
        world.objects().is_empty().then_some(())
    })
    .await;
    assert_eq!(world.count("blobs").await, 0);
}
