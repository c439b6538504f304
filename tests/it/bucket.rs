//! Pictures in a bucket, on a server that speaks S3 and verifies signatures.

use keyward_tests::{Bucket, World, pictures, until};
use reqwest::{Body, Method};

const MINE: &str = "/v1/users/me/avatar";

fn jpeg() -> Vec<u8> {
    pictures::jpeg(&pictures::photo(400, 300), 80)
}

#[tokio::test(flavor = "multi_thread")]
async fn renditions_have_a_type_and_immutable_caching_in_the_bucket() {
    let bucket = Bucket::new().await;
    let world = World::with(bucket.options()).await;
    let ada = world.administrator("ada").await;

    world.show_picture(&ada, 300).await;
    world.settle().await;

    assert_eq!(bucket.objects().len(), 3, "{:?}", bucket.objects());
    for (url, side) in world.avatar_urls(&ada).await.iter().zip([64, 256, 512]) {
        let ours = world.fetch(url, &[]).await;
        assert_eq!((ours.status, ours.header("content-type")), (200, "image/webp"));
        assert_eq!(ours.sides(), (side, side));
        let key = url.rsplit('/').next().unwrap();
        let theirs = world.fetch(&format!("{}/{key}", bucket.public_url()), &[]).await;
        assert_eq!((theirs.status, theirs.header("content-type")), (200, "image/webp"));
        assert_eq!(theirs.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(theirs.bytes, ours.bytes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn public_bucket_serves_its_pictures_itself() {
    let bucket = Bucket::new().await;
    let public_url = bucket.public_url();
    let world = World::with(bucket.options().set("AVATAR_PUBLIC_URL", &public_url)).await;
    let ada = world.administrator("ada").await;
    world.show_picture(&ada, 300).await;
    let [_, url, _] = world.avatar_urls(&ada).await;

    let answer = world.fetch(&url, &[]).await;

    assert_eq!(answer.status, 302);
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    assert!(answer.header("location").starts_with(&public_url), "{:?}", answer.headers);
    let picture = world.fetch(answer.header("location"), &[]).await;
    assert_eq!((picture.status, picture.sides()), (200, (256, 256)));
}

#[tokio::test(flavor = "multi_thread")]
async fn replaced_and_removed_pictures_leave_the_bucket() {
    let bucket = Bucket::new().await;
    let world = World::with(bucket.options()).await;
    let ada = world.administrator("ada").await;
    world.show_picture(&ada, 300).await;
    let [old, ..] = world.avatar_urls(&ada).await;

    world.show_picture(&ada, 200).await;
    world.settle().await;

    assert_eq!(world.fetch(&old, &[]).await.status, 404);
    assert_eq!(bucket.objects().len(), 3);
    world.delete_as(&ada, MINE).await.expect(204);
    world.settle().await;
    assert_eq!(bucket.objects(), [""; 0]);
    assert_eq!(world.count("blobs").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_bucket_key_is_503_and_emits_no_event() {
    let bucket = Bucket::new().await;
    for (name, value) in
        [("BLOB_S3_SECRET_ACCESS_KEY", "another one"), ("BLOB_S3_ACCESS_KEY_ID", "unknown-key")]
    {
        let world = World::with(bucket.options().set(name, value)).await;
        let ada = world.administrator("ada").await;

        let reply = world.put_picture(&ada, MINE, "image/jpeg", jpeg()).await;

        let reply = reply.expect_problem(503, "unavailable");
        assert_ne!(reply.header("retry-after"), "");
        assert!(!reply.text.contains("Signature") && !reply.text.contains("unknown-key"));
        assert_eq!(world.count("avatar_uploads").await, 0);
        world.me(&ada).await.expect(200);
    }
    assert_eq!(bucket.objects(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_wait_for_an_unavailable_bucket() {
    let mut bucket = Bucket::new().await;
    let mut world = World::with(bucket.options().without_worker()).await;
    let ada = world.administrator_without_mail("ada").await;
    let taken = world.put_picture(&ada, MINE, "image/jpeg", jpeg()).await.expect(202);

    bucket.close().await;
    world.start_worker().await;
    world.postponed("avatar-renditions").await;
    let reply = world.put_picture(&ada, MINE, "image/jpeg", jpeg()).await;
    reply.expect_problem(503, "unavailable");
    let key = format!("/v1/avatars/{}.webp", "a".repeat(64));
    world.get(&key).await.expect_problem(503, "unavailable");
    let upload = world.get_as(&ada, taken.header("location")).await.expect(200).json();
    assert_eq!(upload["status"], "processing");
    bucket.open().await;

    assert_eq!(world.upload_end(&ada, &taken).await, ("done".into(), None));
    world.get(&key).await.expect(404);
    assert_eq!(world.me(&ada).await.json()["avatar"]["is_default"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn large_upload_uses_parts_and_an_aborted_one_leaves_none() {
    let bucket = Bucket::new().await;
    let options = bucket.options().set("AVATAR_MAX_BYTES", 12 << 20).set("HTTP_TIMEOUT_S", 120);
    let world = World::with(options).await;
    let ada = world.administrator("ada").await;
    let picture = pictures::jpeg(&pictures::photo(90, 90), 80);
    // Phones append data to a picture; here it is padding.
    let large = [picture.clone(), vec![0; 11 << 20]].concat();

    let taken = world.put_picture(&ada, MINE, "image/jpeg", large.clone()).await.expect(202);
    assert_eq!(world.upload_end(&ada, &taken).await.0, "done");
    world.settle().await;
    let objects = bucket.objects();
    assert_eq!((objects.len(), bucket.unfinished()), (3, vec![]));

    // The client disconnects once the first part is in the bucket.
    let (pieces, body) = tokio::sync::mpsc::channel::<Vec<u8>>(1);
    let body = futures_util::stream::unfold(body, |mut body| async {
        body.recv().await.map(|piece| (Ok::<_, std::io::Error>(piece), body))
    });
    let request = world.request(Method::PUT, MINE).bearer_auth(&ada);
    let request = request.header("content-type", "image/jpeg").body(Body::wrap_stream(body));
    let client = tokio::spawn(request.send());
    pieces.send(large[..6 << 20].to_vec()).await.unwrap();
    until("the first part is in the bucket", async || {
        (!bucket.unfinished().is_empty()).then_some(())
    })
    .await;
    client.abort();

    until("the aborted upload leaves no part", async || {
        bucket.unfinished().is_empty().then_some(())
    })
    .await;
    assert_eq!(bucket.objects(), objects);
}
