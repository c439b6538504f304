use keyward_tests::{Options, World};

#[tokio::test(flavor = "multi_thread")]
async fn picture_is_immutable_and_sandboxed() {
    let world = World::new().await;
    let ada = world.administrator("ada").await;
    let [drawn, ..] = world.avatar_urls(&ada).await;
    world.show_picture(&ada, 100).await;
    let [uploaded, ..] = world.avatar_urls(&ada).await;

    for (url, media_type) in [(drawn, "image/svg+xml"), (uploaded, "image/webp")] {
        let picture = world.fetch(&url, &[]).await;
        assert_eq!(picture.header("content-type"), media_type);
        assert_eq!(picture.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(picture.header("content-security-policy"), "default-src 'none'; sandbox");
        assert_eq!(picture.header("x-content-type-options"), "nosniff");
        let tag = picture.header("etag");
        for known in [tag, "*", &format!("\"other\", {tag}"), &format!("W/{tag}")] {
            let again = world.fetch(&url, &[("if-none-match", known)]).await;
            assert_eq!((again.status, again.bytes.len()), (304, 0), "{known}");
            assert_eq!(again.header("etag"), tag);
        }
        assert_eq!(world.fetch(&url, &[("if-none-match", "\"other\"")]).await.status, 200);
        let head = world.request(reqwest::Method::HEAD, &url[world.url.len()..]);
        let head = world.send(head).await.expect(200);
        assert_eq!(head.header("content-length"), picture.bytes.len().to_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn range_request_returns_a_part() {
    let world = World::new().await;
    let ada = world.administrator("ada").await;
    world.show_picture(&ada, 100).await;
    let [url, ..] = world.avatar_urls(&ada).await;
    let whole = world.fetch(&url, &[]).await;
    let total = whole.bytes.len();
    let tag = whole.header("etag");

    for (range, from, to) in [
        ("bytes=0-3", 0, 3),
        ("bytes=8-11", 8, 11),
        ("bytes=10-", 10, total - 1),
        ("bytes=-5", total - 5, total - 1),
        ("bytes=0-999999999", 0, total - 1),
    ] {
        let part = world.fetch(&url, &[("range", range)]).await;
        assert_eq!(part.status, 206, "{range}");
        assert_eq!(part.header("content-range"), format!("bytes {from}-{to}/{total}"));
        assert_eq!(part.bytes, whole.bytes[from..=to], "{range}");
    }
    for beyond in [format!("bytes={total}-"), "bytes=999999-9999999".into()] {
        let part = world.fetch(&url, &[("range", &beyond)]).await;
        assert_eq!(part.status, 416, "{beyond}");
        assert_eq!(part.header("content-range"), format!("bytes */{total}"));
    }
    for ignored in ["bytes=0-1,4-5", "lines=1-2", "bytes=x"] {
        assert_eq!(world.fetch(&url, &[("range", ignored)]).await.status, 200, "{ignored}");
    }
    let stale = [("range", "bytes=0-3"), ("if-range", "\"other\"")];
    assert_eq!(world.fetch(&url, &stale).await.status, 200);
    assert_eq!(world.fetch(&url, &[("range", "bytes=0-3"), ("if-range", tag)]).await.status, 206);
}

#[tokio::test(flavor = "multi_thread")]
async fn public_bucket_pictures_are_redirects() {
    let options = Options::default().set("AVATAR_PUBLIC_URL", "https://cdn.example.org/avatars/");
    let world = World::with(options).await;
    let key = format!("{}.webp", "0123456789abcdef".repeat(4));

    let picture = world.fetch(&format!("{}/v1/avatars/{key}", world.url), &[]).await;

    assert_eq!(picture.status, 302);
    assert_eq!(picture.header("location"), format!("https://cdn.example.org/avatars/{key}"));
    let drawn = format!("{}/v1/avatars/default-0123456789abcdef0123.svg", world.url);
    assert_eq!(world.fetch(&drawn, &[]).await.status, 200);
}
