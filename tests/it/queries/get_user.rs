use keyward_tests::World;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn administrator_sees_what_the_owner_sees() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    let token = world.log_in(&ada).await.access;

    let path = format!("/v1/users/{}", world.user_id(&ada.email).await);
    let reply = world.get_as(&root, &path).await.expect(200);

    assert_eq!(reply.json(), world.me(&token).await.json());
    assert_eq!((reply.header("etag"), reply.header("cache-control")), ("\"2\"", "no-store"));
    assert!(reply.json()["created_at"].as_str().unwrap().ends_with('Z'), "{}", reply.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn matching_etag_is_not_modified() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let path = format!("/v1/users/{}", world.user_id("root@example.org").await);
    let get = async |path: &str, tag: &str| {
        let request = world.request(reqwest::Method::GET, path).bearer_auth(&root);
        world.send(request.header("if-none-match", tag)).await
    };

    for path in [path.as_str(), "/v1/users/me"] {
        for tag in ["\"3\"", "W/\"3\"", "\"2\", \"3\"", "*"] {
            let reply = get(path, tag).await.expect(304);
            assert_eq!((reply.header("etag"), reply.text.as_str()), ("\"3\"", ""), "{tag}");
        }
        for tag in ["\"2\"", "3", "\"x\"", ""] {
            let reply = get(path, tag).await.expect(200);
            assert_eq!((reply.header("etag"), &reply.json()["version"]), ("\"3\"", &json!(3)));
        }
    }
}
