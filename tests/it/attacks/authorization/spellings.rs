use keyward_tests::{Route, World};
use reqwest::Method;
use serde_json::json;

use super::User;

/// The status of a response that was read as bytes.
fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_method_reaches_an_administrator_route_without_rights() {
    let world = World::new().await;
    let user = User::new(&world, "user").await;

    let routes = Route::all().into_iter().filter(Route::is_for_administrators);
    for route in routes.filter(|route| route.template != "/v1/users") {
        let path = route.path(&user.id);
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"] {
            let method: Method = method.parse().unwrap();
            let request = world.request(method.clone(), &path).bearer_auth(&user.token);
            let reply = world.send(request.header("if-match", "*").json(&json!({}))).await;
            let status = reply.status.as_u16();
            assert!([403, 405].contains(&status), "{method} {path}: {status} {}", reply.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_spelling_reaches_an_administrator_route() {
    let world = World::new().await;
    let user = User::new(&world, "user").await;
    let id = &user.id;
    let paths = [
        "//v1/users".into(),
        "/v1//users".into(),
        "/v1/users/".into(),
        "/v1/users//".into(),
        "/V1/users".into(),
        "/v1/USERS".into(),
        "/v1/%75sers".into(),
        "/v1/users;x=1".into(),
        "/v1;x/users".into(),
        "/./v1/users".into(),
        "/v1/./users".into(),
        "/v1/%2e/users".into(),
        "/v1/users/me/..".into(),
        "/v1/users/me/%2e%2e".into(),
        "/docs/../v1/users".into(),
        "/docs/%2e%2e/v1/users".into(),
        "/v1/users%2f".into(),
        "/v1%2fusers".into(),
        "/v1/users%00".into(),
        "/v1/users?role=admin&access_token=x".into(),
        "/v1/users#/me".into(),
        "http://127.0.0.1/v1/users".into(),
        "*".into(),
        format!("/v1/users/{id}/"),
        format!("/v1/users/{}", id.to_uppercase()),
        format!("/v1/users/{}", id.replace('-', "")),
        format!("/v1/users/%7B{id}%7D"),
        format!("/v1/users/me/../{id}"),
        format!("/v1/users/{id}/../{id}/events"),
        format!("/v1/users/{id}/events/"),
        format!("/v1/users/{id}//events"),
        format!("/v1/users/{id};/events"),
        format!("/v1/users/{id}%2fevents"),
        "/v1/users/me/events".into(),
        "/v1/users/me/mails".into(),
    ];

    for path in paths {
        for method in ["GET", "DELETE", "PUT"] {
            let bytes = format!(
                "{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
                 X-Original-URL: /v1/users/me\r\nX-Rewrite-URL: /v1/users/me\r\n\
                 X-HTTP-Method-Override: GET\r\nX-Role: admin\r\nIf-Match: *\r\n\
                 Content-Type: application/json\r\nContent-Length: 2\r\n\
                 Connection: close\r\n\r\n{{}}",
                user.token
            );
            let answer = world.send_raw(bytes).await;
            let status = status(&answer);
            let refused = [400, 403, 404, 405].contains(&status);
            assert!(refused, "{method} {path}: {answer}");
            assert!(!answer.contains("user@example.org"), "{method} {path}: {answer}");
        }
    }
    assert_eq!(world.count("users").await, 1);
}
