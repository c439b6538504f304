//! The server enforces the bounds of the OpenAPI document.

use keyward_tests::{Route, Takes, World};
use serde_json::{Map, Value, json};

/// A body whose members satisfy the schema.
fn good(schema: &Value) -> Map<String, Value> {
    let value = |name: &str| match name {
        "email" => json!("grace@example.org"),
        "role" => json!("user"),
        "status" => json!("active"),
        "token" => json!("A".repeat(64)),
        "code" => json!("WDJB-MJHT"),
        "locale" => json!("de"),
        "scopes" => json!(["users:read"]),
        "expires_at" => json!("2099-01-01T00:00:00Z"),
        "refresh_token" => json!(format!("kwr_{}", "A".repeat(70))),
        _ => json!("long enough to be good"),
    };
    let names = schema["properties"].as_object().unwrap().keys();
    names.map(|name| (name.clone(), value(name))).collect()
}

/// Values that violate the bounds of a member.
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
async fn values_outside_the_documented_bounds_are_rejected() {
    let world = World::new().await;
    let admin = world.administrator("root").await;
    let mut tried = 0;

    for route in Route::all().iter().filter(|route| route.takes == Takes::Json) {
        let (schema, path) = (&route.schema, route.path("01a2049e-c8a0-71fa-b68f-95548df6bf78"));
        // Reports of email providers have no members in the document.
        for (name, bounds) in schema["properties"].as_object().into_iter().flatten() {
            for value in bad(bounds) {
                let mut body = good(schema);
                // Either the token of a link, or its code and the address.
                match name.as_str() {
                    "email" | "code" if body.contains_key("code") => drop(body.remove("token")),
                    _ if body.contains_key("code") => {
                        body.retain(|n, _| n != "email" && n != "code")
                    }
                    _ => {}
                }
                body.insert(name.clone(), json!(value));
                let request = route.request(&world, &path, &admin);
                let reply = world.send(request.json(&body)).await;

                let pointer = format!("/{name}");
                let errors = reply.json()["errors"].clone();
                let errors = errors.as_array().cloned().unwrap_or_default();
                let refused = match (name.as_str(), path.as_str()) {
                    // A malformed token is answered like a used one, and a malformed address at login
                    // like one without an account.
                    ("token", _) => reply.code() == "link_invalid",
                    ("refresh_token", _) => reply.code() == "session_ended",
                    ("email", "/v1/sessions") => reply.code() == "bad_credentials",
                    _ => errors.iter().any(|error| error["pointer"] == pointer),
                };
                assert!(refused, "{} {name} {value:?}: {}", route.name, reply.text);
                tried += 1;
            }
        }
    }
    assert!(tried > 50, "{tried}");
}

#[tokio::test(flavor = "multi_thread")]
async fn values_just_inside_the_bounds_are_accepted() {
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
    assert_eq!(cursor.as_str().unwrap().len(), 32);
    list(format!("cursor={}", cursor.as_str().unwrap())).await.expect(200);
    for bad in [
        format!("query={}", "x".repeat(255)),
        "query=a%09x".into(),
        "query=x%C2%85y".into(),
        "limit=0".into(),
        "limit=101".into(),
        format!("cursor={}", "x".repeat(32)),
        format!("cursor={}A", cursor.as_str().unwrap()),
    ] {
        list(bad).await.expect(400);
    }
}
