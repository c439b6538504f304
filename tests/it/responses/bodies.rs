//! Bodies that no route accepts.

use futures_util::future::join_all;
use keyward_tests::{Options, Route, Takes, World};

use super::callers::Callers;

const FORM: &str = "application/x-www-form-urlencoded";

/// A world with a small limit for pictures, its callers, and the id of the administrator.
async fn world() -> (World, Callers, String) {
    let world = World::with(Options::default().set("AVATAR_MAX_BYTES", 2_000)).await;
    let callers = Callers::prepare(&world).await;
    let id = world.user_id("root@example.org").await.to_string();
    (world, callers, id)
}

/// Sends a body to every route that documents the status, and expects this status.
async fn expect(status: u16, body: impl Fn(Takes) -> (&'static str, Vec<u8>)) {
    let (world, callers, id) = world().await;

    for route in Route::with_status(status).iter().filter(|route| route.takes != Takes::Nothing) {
        let (media_type, body) = body(route.takes);
        let request = route.request(&world, &route.path(&id), callers.of(route));
        let reply = world.send(request.header("content-type", media_type).body(body)).await;
        assert_eq!(reply.status.as_u16(), status, "{}: {}", route.name, reply.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_body_is_400() {
    expect(400, |takes| match takes {
        Takes::Picture => ("multipart/form-data", b"a form without a boundary".to_vec()),
        Takes::Form => (FORM, b"{".to_vec()),
        _ => ("application/json", b"{".to_vec()),
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn oversized_body_is_413() {
    expect(413, |takes| match takes {
        Takes::Picture => ("image/jpeg", vec![0xff; 3_000]),
        Takes::Form => (FORM, vec![b'a'; 70_000]),
        _ => ("application/json", vec![b' '; 70_000]),
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_media_type_is_415() {
    expect(415, |_| ("text/plain", b"{}".to_vec())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_body_is_422() {
    expect(422, |takes| match takes {
        Takes::Picture => ("image/jpeg", b"not a picture at all".to_vec()),
        _ => ("application/json", br#"{"unknown": 1}"#.to_vec()),
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_body_is_408() {
    let (mut world, callers, id) = world().await;
    // A second API, so that the time-out does not close the idle connections of the preparation.
    world.url = world.another_api_with(&[("HTTP_TIMEOUT_S", "2")]).await;

    let routes = Route::with_status(408);
    let replies = join_all(routes.iter().map(async |route| {
        let media_type = match route.takes {
            Takes::Picture => "image/jpeg",
            Takes::Form => FORM,
            _ => "application/json",
        };
        let token = callers.of(route);
        let head = format!(
            "{} {} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nif-match: *\r\n\
             content-type: {media_type}\r\ncontent-length: 1000\r\n\r\n",
            route.method,
            route.path(&id),
        );
        // The first bytes of a JPEG, then one more at a time.
        let start = match route.takes {
            Takes::Picture => [head.as_bytes(), &[0xff, 0xd8, 0xff, 0xe0]].concat(),
            _ => head.into_bytes(),
        };
        (&route.name, world.drip(start, Some(b' ')).await.0)
    }));

    for (route, reply) in replies.await {
        assert!(reply.starts_with("HTTP/1.1 408 "), "{route}: {reply}");
    }
}
