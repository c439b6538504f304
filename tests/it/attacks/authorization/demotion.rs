use std::sync::atomic::{AtomicUsize, Ordering};

use keyward_tests::World;
use serde_json::json;

/// Demotes an administrator by another one.
async fn demote(world: &World, by: &str, email: &str) {
    let path = format!("/v1/users/{}/role", world.user_id(email).await);
    world.put_if(by, &path, "*", json!({"role": "user"})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_request_after_a_demotion_is_judged_by_the_new_state() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let ada = world.administrator("ada").await;
    world.get_as(&ada, "/v1/users").await.expect(200);
    assert_eq!(world.me(&ada).await.json()["role"], "admin");

    demote(&world, &root, "ada@example.org").await;

    world.get_as(&ada, "/v1/users").await.expect_problem(403, "forbidden");
    assert_eq!(world.me(&ada).await.json()["role"], "user");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_cache_entry_makes_an_administrator() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let ada = world.administrator("ada").await;
    let key = format!("user:{}", world.user_id("ada@example.org").await);
    world.me(&ada).await.expect(200);
    let entry = world.cached(&key).await.unwrap();

    demote(&world, &root, "ada@example.org").await;
    let forged = entry.replacen(|c: char| c.is_ascii_digit(), "9", 1);
    for planted in [Some(entry), Some(forged), None] {
        match planted {
            Some(entry) => world.put_in_cache(&key, entry).await,
            None => world.drop_from_cache(&key).await,
        }
        world.get_as(&ada, "/v1/users").await.expect_problem(403, "forbidden");
        let body = json!({"email": "eve@example.org", "role": "admin"});
        let request = world.request(reqwest::Method::POST, "/v1/invitations").bearer_auth(&ada);
        world.send(request.json(&body)).await.expect_problem(403, "forbidden");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acts_that_race_a_demotion_come_before_it_or_are_refused() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let ada = world.administrator("ada").await;
    let bob = world.account("bobby").await;
    let sessions = format!("/v1/users/{}/sessions", world.user_id(&bob.email).await);
    let done = AtomicUsize::new(0);

    let act = async || {
        let reply = world.delete_as(&ada, &sessions).await;
        assert!([204, 403].contains(&reply.status.as_u16()), "{}", reply.text);
        if reply.status == 204 {
            done.fetch_add(1, Ordering::Relaxed);
        }
    };
    let acts = futures_util::future::join_all((0..20).map(|_| act()));
    futures_util::join!(acts, demote(&world, &root, "ada@example.org"));

    // In the order of what happened, nothing of hers comes after her demotion.
    let subjects: Vec<String> = world
        .subjects()
        .await
        .into_iter()
        .filter(|subject| subject == "user.sessions_ended" || subject == "user.role_changed")
        .collect();
    assert_eq!(subjects.len(), done.load(Ordering::Relaxed) + 1);
    assert_eq!(subjects.last().map(String::as_str), Some("user.role_changed"));
    world.delete_as(&ada, &sessions).await.expect_problem(403, "forbidden");
}
