use std::time::Duration;

use chrono::{DateTime, Utc};
use keyward_core::{commands::internal::RemoveExpired, origin::Origin};
use keyward_tests::{Options, Tokens, World};
use serde_json::Value;

const DAY: Duration = Duration::from_secs(86_400);

async fn list(world: &World, token: &str, query: &str) -> (Vec<Value>, Option<String>) {
    let reply = world.get_as(token, &format!("/v1/sessions{query}")).await.expect(200);
    let cursor = reply.json()["next_cursor"].as_str().map(str::to_owned);
    assert_eq!(reply.header("link").contains("rel=\"next\""), cursor.is_some());
    (reply.items(), cursor)
}

#[tokio::test(flavor = "multi_thread")]
async fn user_sees_their_own_sessions_and_why_they_ended() {
    let world = World::new().await;
    let (ada, bob) = (world.account("ada").await, world.account("bobby").await);
    let gone = world.log_in(&ada).await;
    world.log_out(&gone.access).await.expect(204);
    world.log_in(&bob).await;
    let here = world.log_in(&ada).await;

    let (mut sessions, cursor) = list(&world, &here.access, "").await;
    assert_eq!((sessions.len(), cursor), (1, None));
    let (ended, cursor) = list(&world, &here.access, "?state=ended").await;
    assert_eq!((ended.len(), cursor), (1, None));
    sessions.extend(ended);

    let active = list(&world, &here.access, "?state=active").await.0;
    assert_eq!(active[..], sessions[..1]);
    assert_eq!(sessions[0]["id"], here.session_id.to_string());
    assert_eq!(sessions[0]["current"], true);
    assert_eq!(sessions[0]["ip"], "127.0.0.1");
    assert_eq!(sessions[0]["ended_reason"], Value::Null);
    assert_eq!(sessions[1]["id"], gone.session_id.to_string());
    assert_eq!(sessions[1]["current"], false);
    assert_eq!(sessions[1]["ended_reason"], "logged_out");
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_session_is_listed_for_thirty_days() {
    let world = World::with(Options::default().without_worker()).await;
    let ada = world.register("ada").await;
    world.sql("update users set email_verified_at = now()").await;
    let forgotten = world.log_in(&ada).await;
    world.clock.advance(30 * DAY);
    let here = world.log_in(&ada).await;

    assert_eq!(list(&world, &here.access, "").await.0.len(), 1);
    let (ended, _) = list(&world, &here.access, "?state=ended").await;
    assert_eq!(ended[0]["id"], forgotten.session_id.to_string());
    assert_eq!(ended[0]["ended_reason"], "expired");
    let ended_at: DateTime<Utc> = ended[0]["ended_at"].as_str().unwrap().parse().unwrap();
    assert!((world.app.clock.now() - ended_at).num_seconds() < 600);
    world.app.execute(RemoveExpired, &Origin::default()).await.unwrap();
    assert_eq!(world.count("sessions").await, 2);

    world.clock.advance(29 * DAY);
    let here = Tokens::of(&world.refresh(&here.refresh).await.expect(200));
    world.clock.advance(2 * DAY);
    let here = Tokens::of(&world.refresh(&here.refresh).await.expect(200));
    assert_eq!(list(&world, &here.access, "?state=ended").await.0.len(), 0);

    // Now neither could be in use, even if it had been refreshed.
    world.clock.advance(60 * DAY);
    world.app.execute(RemoveExpired, &Origin::default()).await.unwrap();
    assert_eq!(world.count("sessions").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_ended_sessions_keep_their_filter() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    for _ in 0..3 {
        world.log_in(&ada).await;
        world.clock.advance(Duration::from_secs(1));
    }
    let token = world.log_in(&ada).await.access;
    world.delete_as(&token, "/v1/sessions").await.expect(204);

    let first = world.get_as(&token, "/v1/sessions?state=ended&limit=2").await.expect(200);
    let second = world.get_as(&token, first.next_page()).await.expect(200).items();

    assert_eq!(second.len(), 1, "{}", first.next_page());
    assert_eq!(second[0]["ended_reason"], "ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_list_every_session_once_newest_first() {
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
async fn session_that_a_later_release_ended_is_listed() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let [first, second] = [world.log_in(&ada).await, world.log_in(&ada).await];
    world
        .sql(&format!(
            "update sessions set ended_at = now(), ended_reason = 'from_the_future'
             where session_id = '{}'",
            first.session_id
        ))
        .await;

    let (sessions, _) = list(&world, &second.access, "?state=ended").await;

    assert_eq!(sessions[0]["ended_reason"], "from_the_future");
}
