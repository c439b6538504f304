use keyward_tests::{pictures, until};
use reqwest::Method;

use keyward_tests::Cluster;

const MINE: &str = "/v1/users/me/avatar";

#[tokio::test(flavor = "multi_thread")]
async fn only_an_administrator_can_upload_an_avatar() {
    let cluster = Cluster::new().await;
    let _api = cluster.start_api().await;
    let another_api = cluster.start_another_api().await;
    let _worker = cluster.start_worker().await;
    let (ada, bob) = (cluster.account("ada").await, cluster.account("bob").await);
    cluster.promote(&ada).await;
    let (ada, _) = cluster.log_in(&ada).await;
    let (bob, _) = cluster.log_in(&bob).await;
    let put = |token: &str| {
        let jpeg = pictures::jpeg(&pictures::photo(1200, 800), 85);
        let request = cluster.request(Method::PUT, MINE).bearer_auth(token);
        cluster.send(request.header("content-type", "image/jpeg").body(jpeg))
    };
    // Both APIs have the default picture in their caches.
    for url in [&cluster.url, &another_api.url] {
        assert_eq!(cluster.me_at(url, &ada).await.json()["avatar"]["is_default"], true);
    }

    put(&bob).await.expect_problem(403, "forbidden");
    assert!(!cluster.scratch.path().join("blobs/uploads").exists(), "no object was written");
    let taken = put(&ada).await.expect(202);

    let location = taken.header("location").to_owned();
    until("the avatar is processed", async || {
        let request = cluster.request(Method::GET, &location).bearer_auth(&ada);
        (cluster.send(request).await.expect(200).json()["status"] == "done").then_some(())
    })
    .await;
    // The first read after it.
    for url in [&cluster.url, &another_api.url] {
        let avatar = cluster.me_at(url, &ada).await.json()["avatar"].clone();
        assert_eq!(avatar["is_default"], false, "a stale read at {url}");
        let picture = cluster.client.get(avatar["url_256"].as_str().unwrap()).send().await.unwrap();
        let bytes = picture.bytes().await.unwrap();
        let features = webp::BitstreamFeatures::new(&bytes).expect("a WebP");
        assert_eq!((features.width(), features.height()), (256, 256));
    }
    cluster.settle().await;
    cluster.clear().await;
}

mod attacks {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn decompression_bombs_leave_memory_flat() {
        let (cluster, api, worker) = Cluster::running().await;
        let ada = cluster.account("ada").await;
        cluster.promote(&ada).await;
        let (ada, _) = cluster.log_in(&ada).await;
        let put = async |bytes: Vec<u8>| {
            let request = cluster.request(Method::PUT, MINE).bearer_auth(&ada);
            let request = request.header("content-type", "image/png").body(bytes);
            cluster.send(request).await.expect(202);
            cluster.settle().await;
        };
        put(pictures::png(&pictures::photo(600, 600).into())).await;
        let before = [&api, &worker].map(|program| program.memory_mib("VmHWM"));

        // 392 MB of pixels in a few hundred kilobytes, a profile of 512 MiB of the same size, and a header
        // that claims 7.5 GB.
        put(pictures::flat_png(7_000, 7_000)).await;
        let png = pictures::png(&pictures::photo(600, 600).into());
        put(pictures::with_chunk(&png, b"iCCP", &pictures::profile_bomb(512 << 20))).await;
        put(pictures::png_of_size(50_000, 50_000)).await;

        for (before, program) in before.into_iter().zip([&api, &worker]) {
            let grown = program.memory_mib("VmHWM").saturating_sub(before);
            assert!(grown < 48, "{grown} MiB");
        }
        cluster.clear().await;
    }
}
