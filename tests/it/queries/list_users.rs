use keyward_tests::World;
use serde_json::Value;

/// The addresses found, the cursor of the next page and the `Link` header.
async fn find(world: &World, token: &str, query: &str) -> (Vec<String>, Option<String>) {
    let reply = world.get_as(token, &format!("/v1/users{query}")).await.expect(200);
    let cursor = reply.json()["next_cursor"].as_str().map(str::to_owned);
    assert_eq!(reply.header("link").contains("rel=\"next\""), cursor.is_some());
    let email = |user: &Value| user["email"].as_str().unwrap().to_owned();
    (reply.items().iter().map(email).collect(), cursor)
}

async fn rename(world: &World, email: &str, name: &str) {
    let name = name.replace('\'', "''");
    world.sql(&format!("update users set display_name = '{name}' where email = '{email}'")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn search_matches_parts_of_address_and_name_in_any_case() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    for name in ["ada", "bobby"] {
        world.register(name).await;
    }
    rename(&world, "bobby@example.org", "Zo\u{eb} O'Neil 100%_\\").await;

    for (query, expected) in [
        ("", &["bobby", "ada", "root"][..]),
        ("?query=ADA", &["ada"]),
        ("?query=BBY%40exam", &["bobby"]),
        ("?query=zo%C3%8B", &["bobby"]),
        ("?query=zoe%CC%88", &["bobby"]),
        ("?query=o'neil", &["bobby"]),
        ("?query=0%25_%5C", &["bobby"]),
        ("?query=%25", &["bobby"]),
        ("?query=_", &["bobby"]),
        ("?query=bobby%20zo", &[]),
        ("?query=a", &["bobby", "ada", "root"]),
        ("?query=", &["bobby", "ada", "root"]),
        ("?role=admin", &["root"]),
        ("?role=user&query=ada", &["ada"]),
        ("?status=disabled", &[]),
        ("?status=active&role=user", &["bobby", "ada"]),
    ] {
        let expected: Vec<_> = expected.iter().map(|name| format!("{name}@example.org")).collect();
        assert_eq!(find(&world, &root, query).await.0, expected, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_list_every_account_once_during_registrations() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    for name in ["anna", "berta", "clara", "doris"] {
        world.register(name).await;
    }

    let (mut seen, mut cursor) = find(&world, &root, "?limit=2&role=user").await;
    world.register("emily").await;
    while let Some(next) = cursor {
        let (page, after) = find(&world, &root, &format!("?limit=2&role=user&cursor={next}")).await;
        seen.extend(page);
        cursor = after;
    }

    let names = ["doris", "clara", "berta", "anna"];
    assert_eq!(seen, names.map(|name| format!("{name}@example.org")));
}

#[tokio::test(flavor = "multi_thread")]
async fn next_link_can_be_followed_unchanged() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    for name in ["anna", "berta"] {
        world.register(name).await;
    }

    let reply = world.get_as(&root, "/v1/users?query=%40example&role=user&limit=1").await;
    let link = reply.header("link");
    let path = link.strip_prefix('<').and_then(|link| link.split_once('>')).unwrap().0;
    let next = world.get_as(&root, path).await.expect(200);

    assert_eq!(next.json()["items"][0]["email"], "anna@example.org");
    assert_eq!(next.header("link"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_filter_or_text_is_rejected() {
    let world = World::new().await;
    let root = world.administrator("root").await;

    for query in [
        "role=root",
        "role=",
        "role=Admin",
        "status=deleted",
        "status=",
        "query=a%00b",
        "query=a%0Ab",
    ] {
        world.get_as(&root, &format!("/v1/users?{query}")).await.expect(400);
    }
}
