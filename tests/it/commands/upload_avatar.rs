use keyward_tests::{Options, World, pictures};
use reqwest::multipart::{Form, Part};
use serde_json::json;

const MINE: &str = "/v1/users/me/avatar";

fn jpeg() -> Vec<u8> {
    pictures::jpeg(&pictures::photo(400, 300), 80)
}

#[tokio::test(flavor = "multi_thread")]
async fn administrator_uploads_a_picture_for_themselves() {
    let world = World::new().await;
    let ada = world.administrator("ada").await;
    let before = world.me(&ada).await.json();

    let taken = world.put_picture(&ada, MINE, "image/jpeg", jpeg()).await.expect(202);

    assert_eq!(taken.json(), json!({"status": "processing"}));
    assert_eq!(world.upload_end(&ada, &taken).await, ("done".into(), None));
    let after = world.me(&ada).await.json();
    assert_eq!(after["avatar"]["is_default"], false);
    assert_eq!(after["avatar"]["url"], after["avatar"]["url_512"]);
    assert_eq!(after["version"].as_i64(), before["version"].as_i64().map(|version| version + 1));
    for (url, side) in world.avatar_urls(&ada).await.iter().zip([64, 256, 512]) {
        let picture = world.fetch(url, &[]).await;
        assert_eq!((picture.status, picture.header("content-type")), (200, "image/webp"));
        assert_eq!(picture.sides(), (side, side));
    }
    let subjects = world.settle().await;
    assert!(subjects.ends_with(&["avatar.uploaded".into(), "avatar.changed".into()]));
    let objects = world.objects();
    assert_eq!(objects.len(), 3, "the original is deleted: {objects:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn administrator_uploads_a_picture_for_another_user() {
    let world = World::new().await;
    let ada = world.administrator("ada").await;
    let bob = world.account("bob").await;
    let path = format!("/v1/users/{}/avatar", world.user_id(&bob.email).await);

    let taken = world.put_picture(&ada, &path, "image/jpeg", jpeg()).await.expect(202);
    world.upload_end(&ada, &taken).await;

    let bob = world.log_in(&bob).await.access;
    assert_eq!(world.me(&bob).await.json()["avatar"]["is_default"], false);
    assert_eq!(world.me(&ada).await.json()["avatar"]["is_default"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn form_with_one_file_is_accepted() {
    let world = World::new().await;
    let ada = world.administrator("ada").await;
    let send = async |form: Form| {
        let request = world.request(reqwest::Method::PUT, MINE).bearer_auth(&ada);
        world.send(request.multipart(form)).await
    };
    let file = || Part::bytes(jpeg()).file_name("../../etc/passwd").mime_str("text/html").unwrap();

    let taken = send(Form::new().part("file", file())).await.expect(202);

    assert_eq!(world.upload_end(&ada, &taken).await.0, "done");
    for odd in [
        Form::new(),
        Form::new().part("picture", file()),
        Form::new().part("file", file()).part("file", file()),
        Form::new().text("user_id", "7").part("file", file()),
    ] {
        assert!(matches!(send(odd).await.status.as_u16(), 400 | 422));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn newer_upload_overrides_a_pending_one() {
    let mut world = World::with(Options::default().without_worker()).await;
    let ada = world.administrator_without_mail("ada").await;
    let older = world.put_picture(&ada, MINE, "image/jpeg", jpeg()).await.expect(202);
    let newer = world.put_picture(&ada, MINE, "image/jpeg", jpeg()).await.expect(202);

    world.start_worker().await;

    assert_eq!(world.upload_end(&ada, &newer).await.0, "done");
    let (status, reason) = world.upload_end(&ada, &older).await;
    assert_eq!(status, "failed");
    assert_eq!(reason.unwrap(), "a newer change of the avatar came first");
    let subjects = world.settle().await;
    assert_eq!(subjects.iter().filter(|subject| *subject == "avatar.changed").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn replaced_picture_is_deleted_within_seconds() {
    let world = World::new().await;
    let ada = world.administrator("ada").await;
    world.show_picture(&ada, 300).await;
    let [old, ..] = world.avatar_urls(&ada).await;

    world.show_picture(&ada, 200).await;
    world.settle().await;

    assert_eq!(world.fetch(&old, &[]).await.status, 404);
    assert_eq!(world.objects().len(), 3);
    assert_eq!(world.count("blobs").await, 3);
}
