//! Bodies that never end, never arrive or are interrupted.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::StreamExt as _;
use keyward_tests::{Options, Reply, World, pictures, until};
use reqwest::{Body, Method};
use tokio::{sync::mpsc, task::JoinHandle};

const MINE: &str = "/v1/users/me/avatar";

/// An upload whose body the test sends in parts.
struct Upload {
    pieces: mpsc::UnboundedSender<Vec<u8>>,
    client: JoinHandle<reqwest::Result<reqwest::Response>>,
}

impl Upload {
    fn begin(world: &World, token: &str) -> Self {
        let (pieces, body) = mpsc::unbounded_channel::<Vec<u8>>();
        let body = futures_util::stream::unfold(body, |mut body| async {
            body.recv().await.map(|piece| (Ok::<_, io::Error>(piece), body))
        });
        let request = world.request(Method::PUT, MINE).bearer_auth(token);
        let request = request.header("content-type", "image/jpeg").body(Body::wrap_stream(body));
        Self { pieces, client: tokio::spawn(request.send()) }
    }

    /// Starts an upload and sends enough that part of it is stored.
    async fn half_done(world: &World, token: &str) -> Self {
        let upload = Self::begin(world, token);
        upload.pieces.send([jpeg(), vec![0; 1 << 20]].concat()).unwrap();
        some_is_stored(world).await;
        upload
    }

    async fn end(self) -> Reply {
        drop(self.pieces);
        let answer = self.client.await.unwrap().unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        Reply { status, headers, text: answer.text().await.unwrap() }
    }
}

fn jpeg() -> Vec<u8> {
    pictures::jpeg(&pictures::photo(90, 90), 80)
}

async fn some_is_stored(world: &World) {
    let look = async || (!world.objects().is_empty()).then_some(());
    until("part of the upload is stored", look).await;
}

async fn nothing_is_left(world: &World) {
    until("the store is empty", async || world.objects().is_empty().then_some(())).await;
    assert_eq!(world.count("avatar_uploads").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn endless_upload_is_aborted_and_leaves_nothing() {
    let world = World::with(Options::default().set("AVATAR_MAX_BYTES", 100_000)).await;
    let ada = world.administrator("ada").await;
    let announced = world.put_picture(&ada, MINE, "image/jpeg", vec![0xff; 100_001]).await;
    announced.expect_problem(413, "too_large");

    let sent = Arc::new(AtomicUsize::new(0));
    for media_type in ["image/jpeg", "multipart/form-data; boundary=x"] {
        let counter = sent.clone();
        let head: Vec<u8> = match media_type {
            "image/jpeg" => b"\xff\xd8\xff".to_vec(),
            _ => {
                b"--x\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\n\xff\xd8\xff".to_vec()
            }
        };
        let endless = futures_util::stream::repeat_with(move || {
            counter.fetch_add(4096, Ordering::Relaxed);
            Ok::<_, io::Error>(vec![b'a'; 4096])
        });
        let start = futures_util::stream::iter([Ok(head)]);
        let body = Body::wrap_stream(start.chain(endless));
        let request = world.request(Method::PUT, MINE).bearer_auth(&ada);
        let request = request.header("content-type", media_type).body(body);
        // An aborted client gets the response or a closed connection.
        if let Ok(answer) = request.send().await {
            assert_eq!(answer.status().as_u16(), 413, "{media_type}");
        }
    }
    let sent_mib = sent.load(Ordering::Relaxed) >> 20;
    assert!(sent_mib < 64, "{sent_mib} MiB were sent");
    nothing_is_left(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_upload_times_out_and_leaves_nothing() {
    let world = World::with(Options::default().set("HTTP_TIMEOUT_S", 2)).await;
    let ada = world.administrator("ada").await;
    let head = format!(
        "PUT {MINE} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {ada}\r\n\
         content-type: image/jpeg\r\ncontent-length: 5000000\r\n\r\n"
    );
    let start = [head.as_bytes(), &jpeg(), &vec![0; 1 << 20]].concat();

    // Never silent and never finished.
    let ((answer, took), ()) = tokio::join!(world.drip(start, Some(0)), some_is_stored(&world));

    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("\"code\":\"too_slow\""), "{answer}");
    assert!((2..12).contains(&took.as_secs()), "{took:?}");
    nothing_is_left(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_but_steady_upload_succeeds() {
    let world = World::with(Options::default().set("HTTP_TIMEOUT_S", 1)).await;
    let ada = world.administrator("ada").await;
    let upload = Upload::begin(&world, &ada);

    upload.pieces.send(jpeg()).unwrap();
    // Phones append data to a picture; here it is padding.
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        upload.pieces.send(vec![0; 40_000]).unwrap();
    }

    upload.end().await.expect(202);
}

#[tokio::test(flavor = "multi_thread")]
async fn upload_of_a_disconnected_client_leaves_nothing() {
    let world = World::with(Options::default().set("HTTP_TIMEOUT_S", 120)).await;
    let ada = world.administrator("ada").await;
    let upload = Upload::half_done(&world, &ada).await;

    upload.client.abort();

    nothing_is_left(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn non_picture_is_rejected_before_anything_is_written() {
    let world = World::new().await;
    let ada = world.administrator("ada").await;
    let upload = Upload::begin(&world, &ada);

    // The response arrives before the client has sent the rest.
    upload.pieces.send(b"<svg xmlns='http://www.w3.org/2000/svg'>".to_vec()).unwrap();

    let answer = upload.client.await.unwrap().unwrap();
    assert_eq!(answer.status(), 422);
    assert_eq!(world.count("blobs").await, 0);
    nothing_is_left(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn demotion_during_an_upload_rejects_and_removes_it() {
    let world = World::new().await;
    let ada = world.administrator("ada").await;
    let upload = Upload::half_done(&world, &ada).await;

    world.sql("update users set role = 'user'").await;

    upload.end().await.expect_problem(403, "forbidden");
    nothing_is_left(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_uploads_are_limited_with_503() {
    let world = World::with(Options::default().set("HTTP_TIMEOUT_S", 120)).await;
    let ada = world.administrator("ada").await;
    let mut uploads = Vec::new();
    for nth in 1..=8 {
        let upload = Upload::begin(&world, &ada);
        upload.pieces.send([jpeg(), vec![0; 1 << 20]].concat()).unwrap();
        until("the upload is being written", async || (world.objects().len() == nth).then_some(()))
            .await;
        uploads.push(upload);
    }

    let reply = world.put_picture(&ada, MINE, "image/jpeg", jpeg()).await;

    let reply = reply.expect_problem(503, "busy");
    assert_eq!(reply.header("retry-after"), "1");
    assert_eq!(world.objects().len(), 8);
    // The first uploads are unaffected.
    uploads.remove(0).end().await.expect(202);
    world.put_picture(&ada, MINE, "image/jpeg", jpeg()).await.expect(202);
}

#[tokio::test(flavor = "multi_thread")]
async fn leftovers_of_an_interrupted_upload_are_removed() {
    let world = World::new().await;
    let ada = world.administrator("ada").await;
    let uploads = world.blobs().join("uploads");
    std::fs::create_dir_all(&uploads).unwrap();
    // As left by a process that crashes while it writes, or before it emits the event.
    for name in ["half", "whole", "young"] {
        let id = uuid::Uuid::new_v4();
        let due = if name == "young" { "1 hour" } else { "-1 hours" };
        world
            .sql(&format!(
                "insert into blobs (key, upload_id, check_at)
                 values ('uploads/{name}', '{id}', now() + interval '{due}')"
            ))
            .await;
    }
    for file in ["half#1", "half#2", "whole", "young#1"] {
        std::fs::write(uploads.join(file), b"\xff\xd8\xff").unwrap();
    }

    world.show_picture(&ada, 100).await;
    world.settle().await;

    let left: Vec<String> = world.objects();
    let left: Vec<&String> = left.iter().filter(|object| object.starts_with("uploads/")).collect();
    assert_eq!(left, ["uploads/young#1"]);
    assert_eq!(world.count("blobs where key like 'uploads/%'").await, 1);
}
