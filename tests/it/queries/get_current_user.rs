use keyward_tests::{World, masked};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn logged_in_user_sees_their_account() {
    let world = World::new().await;
    let (_, token) = world.logged_in("ada").await;

    let reply = world.me(&token).await.expect(200);

    insta::assert_json_snapshot!(masked(reply.json()), @r#"
    {
      "avatar": {
        "is_default": true,
        "url": "_",
        "url_256": "_",
        "url_512": "_",
        "url_64": "_"
      },
      "created_at": "_",
      "display_name": "ada",
      "email": "ada@example.org",
      "email_verified": true,
      "id": "_",
      "locale": "en",
      "role": "user",
      "status": "active",
      "version": 2
    }
    "#);
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.header("content-type"), "application/json");
}

#[tokio::test(flavor = "multi_thread")]
async fn response_comes_from_the_cache() {
    let world = World::new().await;
    let (ada, token) = world.logged_in("ada").await;
    let id = world.user_id(&ada.email).await;
    world.settle().await;
    world.me(&token).await.expect(200);

    world.sql("update users set display_name = 'Behind'").await;
    let cached = world.me(&token).await.json();
    world.drop_from_cache(format!("user:{id}")).await;
    let read = world.me(&token).await.json();

    assert_eq!((&cached["display_name"], &read["display_name"]), (&json!("ada"), &json!("Behind")));
    let entry = world.cached(format!("user:{id}")).await.unwrap();
    for secret in ["argon2", "password", "secret", token.as_str()] {
        assert!(!entry.contains(secret), "{entry}");
    }
}
