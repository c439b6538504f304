//! A request names exactly one valid host.

use keyward_tests::World;

/// Sends `GET /health/live` with these lines after the first. Returns the status and the body.
async fn ask(world: &World, version: &str, lines: &str) -> (String, String) {
    let target = format!("GET /health/live HTTP/{version}\r\n{lines}connection: close\r\n\r\n");
    let answer = world.send_raw(target).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().to_owned(), body.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn request_without_exactly_one_valid_host_is_400() {
    let world = World::new().await;

    for lines in [
        "",
        "host:\r\n",
        "host: a\r\nhost: b\r\n",
        "host: a\r\nHost: a\r\n",
        "host: a, b\r\n",
        "host: a b\r\n",
        "host: user@a\r\n",
        "host: http://a\r\n",
        "host: a/b\r\n",
        "host: a:port\r\n",
        "host: a:70000\r\n",
        "host: [::1\r\n",
        "host: \u{e9}.example\r\n",
    ] {
        let (status, body) = ask(&world, "1.1", lines).await;
        assert_eq!(status, "400", "{lines:?}: {body}");
        assert!(body.contains("\"code\":\"malformed\""), "{lines:?}: {body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn request_with_one_valid_host_is_answered() {
    let world = World::new().await;

    for host in ["a", "api.example", "api.example:8443", "127.0.0.1:80", "[::1]:8080"] {
        assert_eq!(ask(&world, "1.1", &format!("host: {host}\r\n")).await.0, "200", "{host}");
    }
    // RFC 9112, section 3.2, requires it only of HTTP/1.1.
    assert_eq!(ask(&world, "1.0", "").await.0, "200");
    assert_eq!(ask(&world, "1.0", "host: a\r\nhost: b\r\n").await.0, "400");
}
