use keyward_tests::{Options, World, registration};
use reqwest::{Method, header::HeaderValue};

#[tokio::test(flavor = "multi_thread")]
async fn a_key_has_1_to_255_visible_ascii_characters() {
    let world = World::new().await;
    let ask = async |keys: &[&[u8]]| {
        let mut request = world.request(Method::POST, "/v1/users");
        for key in keys {
            request = request.header("idempotency-key", HeaderValue::from_bytes(key).unwrap());
        }
        world.send(request.json(&registration("ada@example.org"))).await
    };

    for bad in [&b""[..], b" ", b"a b", b"a\tb", b"\xc3\xa9", b"\xff", &[b'x'; 256]] {
        let reply = ask(&[bad]).await.expect_problem(400, "parameter_invalid");
        let errors = &reply.json()["errors"];
        assert_eq!(errors[0]["parameter"], "Idempotency-Key", "{}", reply.text);
        assert!(errors[0]["detail"].as_str().unwrap().contains("255"), "{}", reply.text);
    }
    let reply = ask(&[b"key-1", b"key-1"]).await.expect_problem(400, "parameter_invalid");
    assert_eq!(reply.json()["errors"][0]["code"], "repeated");
    assert_eq!(world.count("users").await, 0);
    for good in [&b"!"[..], b"~", b"\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", &[b'x'; 255]] {
        ask(&[good]).await.expect(202);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_that_are_single_use_ignore_keys() {
    let world = World::new().await;
    let ada = world.account("ada").await;

    for key in ["key-1", "key-1", "not a key"] {
        let request = world.request(Method::POST, "/v1/sessions").header("idempotency-key", key);
        let reply = world.send(request.json(&ada.credentials())).await.expect(201);
        assert_eq!(reply.header("idempotency-replayed"), "");
    }

    assert_eq!(world.count("sessions").await, 3);
    assert_eq!(world.count("idempotency_records").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_origins_may_send_keys() {
    let app = "https://app.example";
    let world = World::with(Options::default().set("CORS_ORIGINS", app)).await;

    let request = world.request(Method::OPTIONS, "/v1/users").header("origin", app);
    let request = request.header("access-control-request-method", "POST");
    let asked = "content-type,idempotency-key,traceparent,tracestate";
    let preflight = world.send(request.header("access-control-request-headers", asked)).await;
    let get = world.request(Method::GET, "/health/live").header("origin", app);
    let exposed = world.send(get).await.header("access-control-expose-headers").to_lowercase();

    assert!(
        preflight.expect(200).header("access-control-allow-headers").contains("idempotency-key")
    );
    assert!(exposed.contains("idempotency-replayed"), "{exposed}");
}
