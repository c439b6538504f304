use futures_util::future::join_all;
use keyward_tests::{World, tally};
use serde_json::json;

const ME: &str = "/v1/users/me";

#[tokio::test(flavor = "multi_thread")]
async fn next_request_shows_the_new_name() {
    let world = World::new().await;
    let (_, token) = world.logged_in("ada").await;
    let before = world.me(&token).await.json();

    let reply = world.rename(&token, " Ada Lovelace ").await.expect(200);

    let mut expected = before.clone();
    expected["display_name"] = json!("Ada Lovelace");
    expected["version"] = json!(before["version"].as_i64().unwrap() + 1);
    assert_eq!(reply.json(), expected);
    assert_eq!(world.me(&token).await.json(), expected);
    assert_eq!(world.settle().await.last().unwrap(), "user.profile_changed");
    let event = world.envelopes("user.profile_changed").await.remove(0);
    assert_eq!(event["data"]["version"], expected["version"]);
    assert!(!event.to_string().contains("Lovelace"), "events carry no personal data");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_name_and_language_can_be_changed() {
    let world = World::new().await;
    let (_, token) = world.logged_in("ada").await;
    let before = world.me(&token).await.json();

    for member in ["role", "status", "email", "email_verified", "id", "version", "avatar"] {
        let mut body = json!({"display_name": "Eve"});
        body[member] = json!("admin");
        world.patch_as(&token, ME, body).await.expect_invalid(&format!("/{member}"));
    }
    for body in [json!({"display_name": ""}), json!({"display_name": "a\u{0}"})] {
        world.patch_as(&token, ME, body).await.expect_invalid("/display_name");
    }
    for body in [json!({}), json!({"display_name": null, "locale": null})] {
        world.patch_as(&token, ME, body).await.expect_invalid("");
    }

    assert_eq!(world.me(&token).await.json(), before);
    assert_eq!(world.envelopes("user.profile_changed").await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn anonymous_request_is_rejected_before_its_body_is_read() {
    let world = World::new().await;

    let request = world.request(reqwest::Method::PATCH, ME).body("{nonsense");
    let reply = world.send(request.header("content-type", "application/json")).await;

    reply.expect_problem(401, "token_missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_changes_increment_the_version_one_by_one() {
    let world = World::new().await;
    let (_, token) = world.logged_in("ada").await;
    let rename = async |nth| world.rename(&token, &format!("Ada {nth}")).await;

    let replies = join_all((0..10).map(rename)).await;

    assert_eq!(tally(&replies), [(200, 10)]);
    let me = world.me(&token).await.json();
    let (name, version): (String, i64) = sqlx::query_as("select display_name, version from users")
        .fetch_one(&world.db)
        .await
        .unwrap();
    assert_eq!((&me["display_name"], &me["version"]), (&json!(name), &json!(version)));
    let versions = world.envelopes("user.profile_changed").await;
    let versions: Vec<_> =
        versions.iter().map(|e| e["data"]["version"].as_i64().unwrap()).collect();
    assert_eq!(versions, (3..13).collect::<Vec<_>>(), "events of one user are in order");
}

#[tokio::test(flavor = "multi_thread")]
async fn disabled_account_changes_nothing_while_cached() {
    let world = World::new().await;
    let (ada, token) = world.logged_in("ada").await;
    world.me(&token).await.expect(200);
    world.disable(&ada).await;

    let reply = world.rename(&token, "Eve").await;

    reply.expect_problem(401, "session_ended");
    assert_eq!(world.count("users where display_name = 'Eve'").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn outdated_version_changes_nothing() {
    let world = World::new().await;
    let (_, token) = world.logged_in("ada").await;
    let rename = async |if_match: &str| {
        let request = world.request(reqwest::Method::PATCH, ME).bearer_auth(&token);
        let body = json!({"display_name": "Ada Lovelace"});
        world.send(request.header("if-match", if_match).json(&body)).await
    };

    rename("\"1\"").await.expect_problem(412, "version_mismatch");

    assert_eq!(world.envelopes("user.profile_changed").await.len(), 0);
    rename("\"2\"").await.expect(200);
}
