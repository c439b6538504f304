//! The bounds in the OpenAPI document are those of the server.

use keyward_tests::World;
use reqwest::Method;
use serde_json::{Map, Value, json};

/// Every operation that takes JSON: method, path, and the schema of its body.
fn operations() -> Vec<(Method, String, Value)> {
    let document = keyward_api::openapi_document().unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
            if let Some(name) = schema.as_str().and_then(|name| name.strip_prefix('#')) {
                let path = path.replace("{id}", "01a2049e-c8a0-71fa-b68f-95548df6bf78");
                let schema = document.pointer(name).unwrap().clone();
                operations.push((method.to_uppercase().parse().unwrap(), path, schema));
            }
        }
    }
    operations
}

/// A value for each member that its schema allows.
fn good(schema: &Value) -> Map<String, Value> {
    let value = |name: &str| match name {
        "email" => json!("grace@example.org"),
        "role" => json!("user"),
        "status" => json!("active"),
        "token" => json!("A".repeat(64)),
        "refresh_token" => json!(format!("kwr_{}", "A".repeat(70))),
        _ => json!("long enough to be good"),
    };
    let names = schema["properties"].as_object().unwrap().keys();
    names.map(|name| (name.clone(), value(name))).collect()
}

/// Values that the bounds of a member do not allow.
fn bad(bounds: &Value) -> Vec<String> {
    let length = |name: &str| bounds[name].as_u64().map(|n| usize::try_from(n).unwrap());
    let local = |length: usize| format!("{}@example.org", "a".repeat(length.saturating_sub(12)));
    let text = |length: usize| match bounds["pattern"].as_str() {
        Some(pattern) if pattern.contains('@') => local(length),
        _ => "A".repeat(length),
    };
    let long = length("maxLength").map(|most| text(most + 1));
    let short = length("minLength").map(|least| "A".repeat(least - 1));
    let odd = bounds["pattern"].as_str().map(|_| "\u{e9}".repeat(length("minLength").unwrap()));
    [long, short, odd].into_iter().flatten().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_outside_the_bounds_of_the_document_never_passes() {
    let world = World::new().await;
    let admin = world.administrator("root").await;
    let mut tried = 0;

    for (method, path, schema) in operations() {
        for (name, bounds) in schema["properties"].as_object().unwrap() {
            for value in bad(bounds) {
                let mut body = good(&schema);
                body.insert(name.clone(), json!(value));
                let request = world.request(method.clone(), &path).bearer_auth(&admin);
                let reply = world.send(request.header("if-match", "*").json(&body)).await;

                let what = format!("{method} {path} {name} {value:?}: {}", reply.text);
                let pointer = format!("/{name}");
                let errors = reply.json()["errors"].clone();
                let errors = errors.as_array().cloned().unwrap_or_default();
                let refused = match (name.as_str(), path.as_str()) {
                    // A token that is none of ours is like one that is used; an address that is none
                    // is like one without an account.
                    ("token", _) => reply.code() == "link_invalid",
                    ("refresh_token", _) => reply.code() == "session_ended",
                    ("email", "/v1/sessions") => reply.code() == "bad_credentials",
                    _ => errors.iter().any(|error| error["pointer"] == pointer),
                };
                assert!(refused, "{what}");
                tried += 1;
            }
        }
    }
    assert!(tried > 50, "{tried}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_just_inside_the_bounds_passes() {
    let world = World::new().await;
    let words = "correct horse battery staple with a wholly new beginning, and ".repeat(3);
    let domain = format!("{}.{}.{}.org", "b".repeat(63), "c".repeat(63), "d".repeat(57));
    let email = format!("{}@{domain}", "a".repeat(64));
    assert_eq!(email.len(), 254);

    for (email, name, password) in [
        (&*email, "x".repeat(100), &words[..128]),
        ("a@b.cd", "\u{1f469}".repeat(100), &words[..15]),
    ] {
        let body = json!({"email": email, "password": password, "display_name": name});
        world.post("/v1/users", body).await.expect(202);
    }
    let admin = world.administrator("root").await;
    let list = async |query: String| world.get_as(&admin, &format!("/v1/users?{query}")).await;
    list(format!("query={}&limit=100", "x".repeat(254))).await.expect(200);
    let cursor = list("limit=1".into()).await.expect(200).json()["next_cursor"].clone();
    assert_eq!(cursor.as_str().unwrap().len(), 22);
    list(format!("cursor={}", cursor.as_str().unwrap())).await.expect(200);
    for bad in [
        format!("query={}", "x".repeat(255)),
        "query=%09x".into(),
        "query=x%C2%85".into(),
        "limit=0".into(),
        "limit=101".into(),
        format!("cursor={}", "x".repeat(22)),
        format!("cursor={}A", cursor.as_str().unwrap()),
    ] {
        list(bad).await.expect(400);
    }
}
