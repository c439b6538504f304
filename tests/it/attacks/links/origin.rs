use keyward_tests::{Account, Options, Reply, World};
use reqwest::Method;
use serde_json::{Value, json};

use super::Kind;

const EVIL: [&[(&str, &str)]; 5] = [
    &[("host", "evil.example")],
    &[("x-forwarded-host", "evil.example"), ("x-forwarded-proto", "http")],
    &[("forwarded", "host=evil.example;proto=http"), ("x-original-host", "evil.example")],
    &[("x-forwarded-server", "evil.example"), ("x-forwarded-prefix", "/evil.example")],
    &[("referer", "https://evil.example/"), ("x-host", "evil.example")],
];

/// Sends a request with headers that claim another host.
async fn send(
    world: &World,
    headers: &[(&str, &str)],
    (method, path): (Method, &str),
    access: &str,
    body: Value,
) -> Reply {
    let mut request = world.request(method, path).json(&body);
    if !access.is_empty() {
        request = request.bearer_auth(access);
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    world.send(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn link_origin_ignores_request_headers() {
    let public = "https://id.example.test";
    let world = World::with(Options::default().set("PUBLIC_URL", public)).await;

    for (nth, headers) in EVIL.into_iter().enumerate() {
        let email = format!("ada{nth}@example.org");
        let password = "correct horse battery".to_owned();
        let body = json!({"email": email, "password": password, "display_name": "Ada"});
        send(&world, headers, (Method::POST, "/v1/users"), "", body).await.expect(202);
        world.settle().await;
        world.sql("update users set email_verified_at = now()").await;
        let body = json!({"email": email});
        send(&world, headers, (Method::POST, "/v1/password-resets"), "", body).await.expect(202);
        let access = world.log_in(&Account { email, password: password.clone() }).await.access;
        let body = json!({"email": format!("new{nth}@example.org"), "current_password": password});
        let route = (Method::PUT, "/v1/users/me/email");
        send(&world, headers, route, &access, body).await.expect(202);
        world.settle().await;
    }

    let mails = world.mail.messages();
    assert_eq!(mails.len(), EVIL.len() * Kind::ALL.len());
    for mail in &mails {
        let raw = String::from_utf8_lossy(&mail.raw);
        assert!(!raw.contains("evil"), "{raw}");
        let leads = |text: &str| {
            Kind::ALL.iter().any(|kind| text.contains(&format!("{public}{}#", kind.page())))
        };
        assert!(leads(&mail.text) && leads(&mail.html), "{}", mail.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redirect_parameters_do_not_exist() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let names = ["redirect", "redirect_uri", "next", "return_to", "url", "callback"];
    let evil = "https://evil.example";

    for name in names {
        let mut body = json!({"email": ada.email});
        body[name] = json!(evil);
        world.post("/v1/password-resets", body).await.expect_problem(422, "invalid");
    }
    let query: Vec<String> = names.iter().map(|name| format!("{name}={evil}")).collect();
    let path = format!("/v1/password-resets?{}", query.join("&"));
    let reply = world.post(&path, json!({"email": ada.email})).await;
    reply.expect_problem(400, "parameter_invalid");
    world.request_reset(&ada.email).await.expect(202);

    let mail = world.nth_mail(&ada.email, "Reset your Keyward password", 1).await;
    assert!(!String::from_utf8_lossy(&mail.raw).contains("evil"));
    for (nth, kind) in Kind::ALL.into_iter().enumerate() {
        let link = kind.mailed(&world, &format!("bob{nth}")).await;
        let mut form = vec![("token", link.token.as_str()), ("password", super::FRESH)];
        form.extend(names.map(|name| (name, evil)));
        let path = format!("{}?{}", kind.page(), query.join("&"));
        let reply = world.send(world.request(Method::POST, &path).form(&form)).await.expect(200);
        assert_eq!(reply.header("location"), "", "{kind:?}");
        assert!(!reply.text.contains("evil"), "{kind:?}");
    }
}
