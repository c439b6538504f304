use keyward_tests::{World, pictures};
use reqwest::Method;

fn jpeg() -> Vec<u8> {
    pictures::jpeg(&pictures::photo(90, 90), 80)
}

#[tokio::test(flavor = "multi_thread")]
async fn user_cannot_change_an_avatar_by_any_path() {
    let world = World::new().await;
    let (bob, eve) = (world.account("bob").await, world.account("eve").await);
    let (bob_id, eve_id) = (world.user_id(&bob.email).await, world.user_id(&eve.email).await);
    let bob = world.log_in(&bob).await.access;

    for path in [
        "/v1/users/me/avatar".to_owned(),
        format!("/v1/users/{bob_id}/avatar"),
        format!("/v1/users/{eve_id}/avatar"),
        format!("/v1/users/{}/avatar", uuid::Uuid::new_v4()),
        "/v1/users/me/avatar?role=admin".to_owned(),
        "/v1/users/%6de/avatar".to_owned(),
    ] {
        let reply = world.put_picture(&bob, &path, "image/jpeg", jpeg()).await;
        reply.expect_problem(403, "forbidden");
        world.delete_as(&bob, &path).await.expect_problem(403, "forbidden");
        for method in [Method::POST, Method::PATCH] {
            let reply = world.send(world.request(method, &path).bearer_auth(&bob)).await;
            assert!([403, 405].contains(&reply.status.as_u16()), "{path}: {}", reply.status);
        }
    }
    for odd in ["/v1/users/me/avatar/", "/v1/users//me/avatar", "/V1/users/me/avatar"] {
        let reply = world.put_picture(&bob, odd, "image/jpeg", jpeg()).await;
        assert!(!reply.status.is_success(), "{odd}: {}", reply.status);
    }
    let upload = format!("/v1/avatar-uploads/{}", uuid::Uuid::new_v4());
    world.get_as(&bob, &upload).await.expect_problem(403, "forbidden");
    assert_eq!(world.objects(), [""; 0]);
    assert_eq!(world.count("blobs").await + world.count("avatar_uploads").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn anonymous_upload_is_rejected_before_any_other_check() {
    let world = World::new().await;
    for path in ["/v1/users/me/avatar", "/v1/users/not-an-id/avatar"] {
        let request = world.request(Method::PUT, path).header("content-type", "image/jpeg");
        let status = world.send(request.body(jpeg())).await.status.as_u16();
        assert!([401, 404].contains(&status), "{path}: {status}");
    }
    let put = world.request(Method::PUT, "/v1/users/me/avatar");
    world.send(put.header("content-type", "text/html").body("x")).await.expect(401);
    let delete = world.request(Method::DELETE, "/v1/users/me/avatar");
    world.send(delete).await.expect_problem(401, "token_missing");
    assert_eq!(world.objects(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn demoted_administrator_is_rejected_on_the_next_upload() {
    let world = World::new().await;
    let ada = world.administrator("ada").await;
    world.show_picture(&ada, 50).await;
    world.settle().await;
    let objects = world.objects();

    // The cache is not invalidated, so the row must decide.
    world.sql("update users set role = 'user'").await;

    let path = "/v1/users/me/avatar";
    let reply = world.put_picture(&ada, path, "image/jpeg", jpeg()).await;
    reply.expect_problem(403, "forbidden");
    world.delete_as(&ada, path).await.expect_problem(403, "forbidden");
    assert_eq!(world.objects(), objects);
}

#[tokio::test(flavor = "multi_thread")]
async fn user_is_rejected_before_the_body_arrives() {
    let world = World::new().await;
    let (_, bob) = world.logged_in("bob").await;
    // The body is announced but never sent; the server must not wait for it.
    let request = format!(
        "PUT /v1/users/me/avatar HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {bob}\r\n\
         content-type: image/jpeg\r\ncontent-length: 5000000\r\nconnection: close\r\n\r\n"
    );
    let answer = tokio::time::timeout(std::time::Duration::from_secs(20), world.send_raw(request));
    assert!(answer.await.expect("an immediate response").starts_with("HTTP/1.1 403"));
}

#[tokio::test(flavor = "multi_thread")]
async fn client_supplied_names_do_not_reach_the_file_system() {
    let world = World::new().await;
    for key in [
        "..%2f..%2f..%2fetc%2fpasswd",
        "../../../../etc/passwd",
        "%2e%2e/%2e%2e/etc/passwd",
        "..%5c..%5cwindows",
        "uploads%2f0123",
        ".webp",
        "%00.webp",
        "default-..%2f..%2f.svg",
        &format!("{}.webp%00", "a".repeat(64)),
        &format!("{}.webp", "A".repeat(64)),
        &format!("{}.webp", "a".repeat(63)),
    ] {
        let reply = world.get(&format!("/v1/avatars/{key}")).await;
        assert!(matches!(reply.status.as_u16(), 400 | 404), "{key}: {}", reply.status);
        assert!(!reply.text.contains("root:"), "{key}");
    }
}
