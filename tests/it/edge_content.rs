//! Content that is the same for all clients.

use std::io::Read as _;

use flate2::read::GzDecoder;
use keyward_tests::World;
use reqwest::Method;

/// The documentation, and an asset of the pages.
async fn paths(world: &World) -> Vec<String> {
    let page = world.get("/verify-email").await.expect(200).text;
    let asset = page.split('"').find(|text| text.starts_with("/assets/page.css")).unwrap();
    ["/openapi.json", "/docs", asset].map(str::to_owned).to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn content_is_compressed_for_clients_that_accept_it() {
    let world = World::new().await;

    for path in paths(&world).await {
        let plain = world.get(&path).await.expect(200);
        let request = world.request(Method::GET, &path).header("accept-encoding", "br, gzip");
        let response = request.send().await.unwrap();

        assert_eq!(plain.header("content-encoding"), "", "{path}");
        assert_eq!(plain.header("vary"), "accept-encoding", "{path}");
        assert_eq!(response.headers()["content-encoding"], "gzip", "{path}");
        assert_ne!(plain.headers["etag"], response.headers()["etag"], "{path}");
        let bytes = response.bytes().await.unwrap();
        assert!(bytes.len() < plain.text.len() / 2, "{path}: {} bytes", bytes.len());
        let mut text = String::new();
        GzDecoder::new(&*bytes).read_to_string(&mut text).unwrap();
        assert_eq!(text, plain.text, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unchanged_content_is_not_sent_again() {
    let world = World::new().await;

    for path in paths(&world).await {
        for encoding in ["identity", "gzip"] {
            let get = || world.request(Method::GET, &path).header("accept-encoding", encoding);
            let tag = world.send(get()).await.expect(200).header("etag").to_owned();

            let again = world.send(get().header("if-none-match", &tag)).await.expect(304);
            assert_eq!((again.header("etag"), again.text.as_str()), (&*tag, ""), "{path}");
            world.send(get().header("if-none-match", "\"other\"")).await.expect(200);
        }
    }
}
