//! What clients accept and send: media types, content codings, charsets.

use keyward_tests::{World, pictures, registration};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

#[tokio::test(flavor = "multi_thread")]
async fn problem_follows_the_weights_of_accept_and_varies() {
    let world = World::new().await;

    for (accept, expected) in [
        ("application/problem+json;q=0.1, application/json", JSON),
        ("application/json, text/plain, */*", JSON),
        ("application/json;q=0.1, application/*", PROBLEM),
        ("application/json;q=0, */*;q=0.1", PROBLEM),
        ("*/*", PROBLEM),
    ] {
        for path in ["/v1/users/me", "/v1/nowhere", "/nowhere"] {
            let reply = world.send(world.request(Method::GET, path).header("accept", accept)).await;
            assert_eq!(reply.header("content-type"), expected, "{accept}");
            assert_eq!(reply.header("vary"), "Accept", "{path}");
        }
    }
    let browser = world.request(Method::GET, "/nowhere").header("accept", "text/html, */*;q=0.8");
    let page = world.send(browser).await.expect(404);
    assert!(page.header("content-type").starts_with("text/html"));
    assert_eq!(page.header("vary"), "accept, accept-language");
}

fn registering(world: &World, content_type: &str) -> RequestBuilder {
    let request = world.request(Method::POST, "/v1/users").header("content-type", content_type);
    request.body(registration("ada@example.org").to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn charset_is_utf_8_in_any_spelling() {
    let world = World::new().await;

    for good in [
        "application/json; charset=utf-8",
        "application/json;charset=\"UTF-8\"",
        "Application/Json; Charset=\"utf-8\"",
        "application/json;",
    ] {
        world.send(registering(&world, good)).await.expect(202);
    }
    for bad in ["application/json; charset=latin1", "application/json; charset=\"utf-16\""] {
        world.send(registering(&world, bad)).await.expect_problem(415, "wrong_media_type");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn body_with_a_content_coding_is_415() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let jpeg = pictures::jpeg(&pictures::photo(64, 64), 80);
    let avatar = || {
        let request = world.request(Method::PUT, "/v1/users/me/avatar").bearer_auth(&root);
        request.header("content-type", "image/jpeg").body(jpeg.clone())
    };

    for coding in ["gzip", "br", "identity, gzip", "x-unknown"] {
        for request in [registering(&world, JSON), avatar()] {
            let reply = world.send(request.header("content-encoding", coding)).await;
            let reply = reply.expect_problem(415, "wrong_content_coding");
            assert_eq!(reply.header("accept-encoding"), "identity", "{coding}");
        }
    }
    for (request, status) in [(registering(&world, JSON), 202), (avatar(), 202)] {
        world.send(request.header("content-encoding", "Identity")).await.expect(status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn image_jpg_is_accepted() {
    let world = World::new().await;
    let root = world.administrator("root").await;

    for (media_type, picture) in [
        ("image/jpg", pictures::jpeg(&pictures::photo(64, 64), 80)),
        ("image/jpg", pictures::flat_png(64, 64)),
    ] {
        let request = world.request(Method::PUT, "/v1/users/me/avatar").bearer_auth(&root);
        world.send(request.header("content-type", media_type).body(picture)).await.expect(202);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn blanks_around_a_token_do_not_matter_and_a_part_is_not_complete() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    let token = world.link_token(&ada.email, "/verify-email").await;
    let path = "/v1/email-verifications/confirm";

    for part in [&token[..63], "", "  ", &format!("{token}x"), &token.replace(&token[..4], "%41")] {
        let reply =
            world.post(path, json!({"token": part})).await.expect_problem(400, "link_invalid");
        assert!(reply.text.contains("not complete"), "{}", reply.text);
    }
    let unknown = "A".repeat(64);
    let reply =
        world.post(path, json!({"token": unknown})).await.expect_problem(400, "link_invalid");
    assert!(!reply.text.contains("not complete"), "{}", reply.text);
    world.post(path, json!({"token": format!("  {token}\n")})).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn password_is_normalised_before_it_is_measured() {
    let world = World::new().await;
    // 83 code points in NFC, 133 in NFD.
    let composed = format!(
        "{}{}",
        "\u{1ead}".repeat(25),
        "correct horse battery staple and a long tail of words, yes"
    );
    let decomposed = composed.replace('\u{1ead}', "a\u{323}\u{302}");
    assert_eq!((composed.chars().count(), decomposed.chars().count()), (83, 133));
    let mut body = registration("ada@example.org");
    body["password"] = decomposed.clone().into();

    world.post("/v1/users", body).await.expect(202);

    world.sql("update users set email_verified_at = now()").await;
    for password in [composed, decomposed] {
        let body = json!({"email": "ada@example.org", "password": password});
        world.post("/v1/sessions", body).await.expect(201);
    }
}
