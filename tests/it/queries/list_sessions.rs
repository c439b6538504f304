use std::time::Duration;

use keyward_tests::World;
use serde_json::Value;

async fn list(world: &World, token: &str, query: &str) -> (Vec<Value>, Option<String>) {
    let reply = world.get_as(token, &format!("/v1/sessions{query}")).await.expect(200);
    let body = reply.json();
    let cursor = body["next_cursor"].as_str().map(str::to_owned);
    assert_eq!(reply.header("link").contains("rel=\"next\""), cursor.is_some());
    (body["items"].as_array().unwrap().clone(), cursor)
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_their_own_sessions_and_why_they_ended() {
    let world = World::new().await;
    let (ada, bob) = (world.account("ada").await, world.account("bobby").await);
    let gone = world.log_in(&ada).await;
    world.delete_as(&gone.access, "/v1/sessions/current").await.expect(204);
    world.log_in(&bob).await;
    let here = world.log_in(&ada).await;

    let (sessions, cursor) = list(&world, &here.access, "").await;

    assert_eq!((sessions.len(), cursor), (2, None));
    assert_eq!(sessions[0]["id"], here.session_id.to_string());
    assert_eq!(sessions[0]["current"], true);
    assert_eq!(sessions[0]["ip"], "127.0.0.1");
    assert_eq!(sessions[0]["ended_reason"], Value::Null);
    assert_eq!(sessions[1]["id"], gone.session_id.to_string());
    assert_eq!(sessions[1]["current"], false);
    assert_eq!(sessions[1]["ended_reason"], "logged_out");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_show_every_session_once_the_latest_first() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let mut expected = Vec::new();
    for _ in 0..5 {
        expected.insert(0, world.log_in(&ada).await.session_id.to_string());
        world.clock.advance(Duration::from_secs(1));
    }
    let token = world.log_in(&ada).await;
    expected.insert(0, token.session_id.to_string());

    let mut seen = Vec::new();
    let mut query = "?limit=4".to_owned();
    loop {
        let (page, cursor) = list(&world, &token.access, &query).await;
        seen.extend(page.iter().map(|session| session["id"].as_str().unwrap().to_owned()));
        let Some(cursor) = cursor else { break };
        query = format!("?limit=4&cursor={cursor}");
    }

    assert_eq!(seen, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_impossible_limit_or_cursor_is_refused() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.log_in(&ada).await.access;

    for query in ["limit=0", "limit=101", "limit=-1", "limit=x", "cursor=x", "cursor="] {
        world.get_as(&token, &format!("/v1/sessions?{query}")).await.expect(400);
    }
}
