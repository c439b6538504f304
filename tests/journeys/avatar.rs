use std::{io, time::Duration};

use futures_util::{StreamExt as _, stream};
use keyward_tests::{Cluster, pictures, until};
use reqwest::{Body, Method};

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
    cluster.settle().await;
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

#[tokio::test(flavor = "multi_thread")]
async fn kills_leave_the_objects_in_use_and_no_other() {
    let (cluster, api, mut worker) = Cluster::running().await;
    let ada = cluster.account("ada").await;
    cluster.promote(&ada).await;
    let (ada, _) = cluster.log_in(&ada).await;
    let put = async |body: Body| {
        let request = cluster.request(Method::PUT, MINE).bearer_auth(&ada);
        request.header("content-type", "image/jpeg").body(body).send().await
    };
    let jpeg = || pictures::jpeg(&pictures::photo(1200, 800), 85);

    // Workers are killed while they make renditions, which the next upload discards.
    for delay_ms in [50, 150, 250, 350] {
        assert_eq!(put(jpeg().into()).await.unwrap().status(), 202);
        tokio::time::sleep(Duration::from_millis(delay_ms)).await;
        worker.kill().await;
        worker = cluster.start_worker().await;
    }
    // The API is killed while it stores a file.
    let start =
        stream::once(async move { Ok::<_, io::Error>([jpeg(), vec![0; 1 << 20]].concat()) });
    let endless = put(Body::wrap_stream(start.chain(stream::pending())));
    let kill = async {
        let is_partial = |object: &String| object.contains('#');
        until("part of it is stored", async || {
            cluster.objects().iter().any(is_partial).then_some(())
        })
        .await;
        api.kill().await;
    };
    let (interrupted, ()) = tokio::join!(endless, kill);
    assert!(interrupted.is_err());
    let _api = cluster.start_api().await;
    let jpeg = pictures::jpeg(&pictures::photo(800, 800), 85);
    assert_eq!(put(jpeg.into()).await.unwrap().status(), 202);
    cluster.settle().await;
    // The time passes after which interrupted uploads are due.
    let due = "update blobs set check_at = now() where check_at is not null";
    sqlx::query(due).execute(&cluster.db).await.unwrap();
    let jpeg = pictures::jpeg(&pictures::photo(700, 700), 85);
    assert_eq!(put(jpeg.into()).await.unwrap().status(), 202);
    cluster.settle().await;

    let keys = "select unnest(array[key_64, key_256, key_512]) as key
                from avatar_uploads join users on upload_id = avatar_upload_id order by key";
    let in_use: Vec<String> = sqlx::query_scalar(keys).fetch_all(&cluster.db).await.unwrap();
    assert_eq!(in_use.len(), 3);
    assert_eq!(cluster.objects(), in_use);
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
