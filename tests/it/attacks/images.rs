use std::time::Duration;

use keyward_tests::{World, pictures};

const MINE: &str = "/v1/users/me/avatar";

/// Uploads a file that reaches the decoder. Returns its final status and the reason.
async fn decoded(
    world: &World,
    ada: &str,
    media_type: &str,
    bytes: Vec<u8>,
) -> (String, Option<String>) {
    let accepted = world.put_picture(ada, MINE, media_type, bytes).await.expect(202);
    world.upload_end(ada, &accepted).await
}

#[tokio::test(flavor = "multi_thread")]
async fn file_type_is_determined_by_the_content() {
    let world = World::new().await;
    let ada = world.administrator("ada").await;
    for (declared, bytes) in [
        ("image/png", &b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"[..]),
        ("image/jpeg", b"GIF89a\x01\0\x01\0\x80\0\0"),
        ("image/webp", b"RIFF\x04\0\0\0WAVE"),
        ("image/jpeg", b"%PDF-1.7"),
        ("image/png", b"MZ\x90\0"),
        ("image/png", b""),
    ] {
        let reply = world.put_picture(&ada, MINE, declared, bytes).await;
        reply.expect_problem(422, "not_a_picture");
    }
    for declared in ["image/svg+xml", "image/gif", "text/html", "application/json", "image/*", ""] {
        let reply = world.put_picture(&ada, MINE, declared, *b"\xff\xd8\xff").await;
        reply.expect_problem(415, "wrong_media_type");
    }
    assert_eq!(world.objects(), [""; 0]);
    // A PNG that is declared as a JPEG is a PNG.
    let png = pictures::png(&pictures::photo(20, 20).into());
    assert_eq!(decoded(&world, &ada, "image/jpeg", png).await.0, "done");
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_and_incomplete_pictures_fail_with_a_reason() {
    let world = World::new().await;
    let ada = world.administrator("ada").await;
    let photo = pictures::photo(120, 120);
    let (jpeg, png) = (pictures::jpeg(&photo, 80), pictures::png(&photo.into()));

    for (media_type, bytes, expected) in [
        ("image/png", pictures::png_of_size(50_000, 50_000), "more than 50 megapixels"),
        ("image/webp", pictures::webp_of_size(16_383, 16_383), "more than 50 megapixels"),
        ("image/png", pictures::png_of_size(50_000, 900), "16384 pixels wide"),
        ("image/png", pictures::with_chunk(&png, b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]), "animated"),
        ("image/jpeg", jpeg[..jpeg.len() - 300].to_vec(), "not complete"),
        ("image/jpeg", b"\xff\xd8\xff\xe0".to_vec(), "not complete"),
    ] {
        let (status, reason) = decoded(&world, &ada, media_type, bytes).await;
        assert_eq!(status, "failed");
        let reason = reason.unwrap();
        assert!(reason.contains(expected), "{reason}");
    }

    world.settle().await;
    assert_eq!(world.me(&ada).await.json()["avatar"]["is_default"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn extra_bytes_of_phone_pictures_are_never_served() {
    let world = World::new().await;
    let ada = world.administrator("ada").await;
    let jpeg = pictures::jpeg(&pictures::photo(120, 120), 80);
    let motion_photo = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\x08mdat canary";

    for bytes in [
        [&jpeg[..], motion_photo].concat(),
        [&jpeg[..], b"\r\n"].concat(),
        jpeg[..jpeg.len() - 2].to_vec(),
        pictures::with_stray_bytes(&jpeg, b"\0canary\xff\0"),
    ] {
        assert_eq!(decoded(&world, &ada, "image/jpeg", bytes).await, ("done".to_owned(), None));
        for url in world.avatar_urls(&ada).await {
            let picture = world.fetch(&url, &[]).await;
            assert!(!String::from_utf8_lossy(&picture.bytes).contains("canary"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn expensive_pictures_do_not_delay_other_jobs() {
    let world = World::new().await;
    let ada = world.administrator("ada").await;
    let bomb = pictures::flat_png(4_000, 4_000);
    for _ in 0..4 {
        world.put_picture(&ada, MINE, "image/png", bomb.clone()).await.expect(202);
    }

    let bob = world.register("bob").await;

    let began_at = std::time::Instant::now();
    world.nth_mail(&bob.email, "Confirm", 1).await;
    assert!(began_at.elapsed() < Duration::from_secs(10), "{:?}", began_at.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn served_pictures_contain_no_metadata() {
    let world = World::new().await;
    let ada = world.administrator("ada").await;
    let jpeg = pictures::jpeg(&pictures::photo(200, 200), 80);
    let jpeg = pictures::with_segment(&jpeg, 0xe1, b"Exif\0\0GPS canary of the home");
    let accepted = world.put_picture(&ada, MINE, "image/jpeg", jpeg).await.expect(202);
    world.upload_end(&ada, &accepted).await;

    for url in world.avatar_urls(&ada).await {
        let picture = world.fetch(&url, &[]).await;
        let text = String::from_utf8_lossy(&picture.bytes).into_owned();
        assert!(!text.contains("canary") && !text.contains("EXIF"));
    }
    world.settle().await;
    assert!(world.objects().iter().all(|object| object.starts_with("avatars/")));
}
