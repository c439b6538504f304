//! What limits count as one client.

use keyward_tests::{Options, World};
use reqwest::Method;
use serde_json::json;

use super::{ask_from, guess};

/// Allows two link requests.
fn two() -> Options {
    Options::default().with_limits().set("LIMIT_LINK_REQUEST", "2/3600")
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_forwarding_headers_do_not_evade_limits() {
    let world = World::with(two().set("TRUSTED_PROXIES", "192.0.2.0/24")).await;
    let forged = [
        ("x-forwarded-for", "198.51.100.1"),
        ("x-forwarded-for", "192.0.2.1"),
        ("x-forwarded-for", "198.51.100.2, 192.0.2.1"),
        ("forwarded", "for=198.51.100.3"),
        ("x-real-ip", "198.51.100.4"),
        ("true-client-ip", "198.51.100.5"),
        ("cf-connecting-ip", "198.51.100.6"),
        ("x-client-ip", "198.51.100.7"),
        ("x-forwarded-host", "198.51.100.8"),
        ("via", "1.1 198.51.100.9"),
    ];

    let mut statuses = Vec::new();
    for (name, value) in forged {
        let request = world.request(Method::POST, "/v1/password-resets").header(name, value);
        let reply = world.send(request.json(&json!({"email": "ada@example.org"}))).await;
        statuses.push(reply.status.as_u16());
    }

    assert_eq!(statuses[..2], [202; 2]);
    assert_eq!(statuses[2..], [429; 8]);
}

#[tokio::test(flavor = "multi_thread")]
async fn client_behind_a_proxy_cannot_forge_its_address() {
    let world = World::with(two()).await;
    for _ in 0..2 {
        ask_from(&world, "203.0.113.7", "ada@example.org").await.expect(202);
    }

    for forged in [
        "198.51.100.1, 203.0.113.7",
        "127.0.0.1,203.0.113.7",
        "203.0.113.7, 127.0.0.1",
        "203.0.113.7:4711",
        "::ffff:203.0.113.7",
        "[::ffff:203.0.113.7]:80",
        "unknown, 203.0.113.7",
    ] {
        let reply = ask_from(&world, forged, "ada@example.org").await;
        assert_eq!(reply.status.as_u16(), 429, "{forged}");
    }
    ask_from(&world, "203.0.113.8", "ada@example.org").await.expect(202);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_ipv6_64_is_one_client() {
    let world = World::with(two()).await;

    ask_from(&world, "2001:db8:1:2::1", "ada@example.org").await.expect(202);
    ask_from(&world, "2001:db8:1:2:ffff::9", "ada@example.org").await.expect(202);

    ask_from(&world, "[2001:0db8:1:2:a:b:c:d]:443", "ada@example.org").await.expect(429);
    ask_from(&world, "2001:db8:1:3::1", "ada@example.org").await.expect(202);
}

#[tokio::test(flavor = "multi_thread")]
async fn path_spellings_and_extra_fields_share_one_bucket() {
    let world = World::with(two()).await;
    for _ in 0..2 {
        ask_from(&world, "127.0.0.1", "ada@example.org").await.expect(202);
    }

    for path in [
        "/v1/password-resets?a=1",
        "/v1/password-resets?",
        "/v1/password-resets#x",
        "/v1/password-resets/",
        "//v1/password-resets",
        "/v1//password-resets",
        "/v1/./password-resets",
        "/v1/x/../password-resets",
        "/v1/password%2Dresets",
        "/%76%31/password-resets",
        "/V1/Password-Resets",
        "/v1/password-resets;x=1",
        "/v1/password-resets%00",
        "/v1/password-resets%2f",
    ] {
        let body = json!({"email": format!("{}@example.org", path.len()), "x": path});
        let request = world.request(Method::POST, path).header("user-agent", path);
        let request = request.header("x-request-id", "other").header("accept-language", "de");
        let reply = world.send(request.json(&body)).await;
        assert!([404, 429].contains(&reply.status.as_u16()), "{path}: {}", reply.text);
    }
    let absolute = "POST http://elsewhere.example/v1/password-resets HTTP/1.1\r\n\
                    host: elsewhere.example\r\ncontent-type: application/json\r\n\
                    content-length: 27\r\nconnection: close\r\n\r\n{\"email\":\"ada@example.org\"}";
    let answer = world.send_raw(absolute).await;
    assert!(answer.starts_with("HTTP/1.1 429 "), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn address_spellings_share_one_bucket() {
    let options = Options::default().with_limits().set("LIMIT_LOGIN_ACCOUNT", "2/3600");
    let world = World::with(options).await;
    for _ in 0..2 {
        guess(&world, "203.0.113.7", "zo\u{eb}@example.org").await.expect(401);
    }

    for spelling in [
        "ZO\u{cb}@EXAMPLE.ORG",
        "zoe\u{308}@example.org",
        " zo\u{eb}@Example.org ",
        "\tzo\u{eb}@example.org\n",
    ] {
        let reply = guess(&world, "203.0.113.7", spelling).await;
        assert_eq!(reply.status.as_u16(), 429, "{spelling:?}");
    }
    guess(&world, "203.0.113.7", "zoe@example.org").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn emails_and_sessions_show_the_address_that_limits_count() {
    let world = World::with(two()).await;
    let ada = world.account("ada").await;

    let reply = super::log_in_from(&world, "198.51.100.9, 203.0.113.7", &ada).await.expect(201);
    ask_from(&world, "2001:db8:1:2::1", &ada.email).await.expect(202);

    let token = keyward_tests::Tokens::of(&reply).access;
    let sessions = world.get_as(&token, "/v1/sessions").await.expect(200).json();
    assert_eq!(sessions["items"][0]["ip"], "203.0.113.7");
    let mail = world.nth_mail(&ada.email, "Reset", 1).await;
    assert!(mail.text.contains("IP address: 2001:db8:1:2::1"), "{}", mail.text);
}
