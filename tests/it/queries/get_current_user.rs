use keyward_core::cache::Touched;
use keyward_tests::{Options, World, masked};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_is_logged_in_sees_who_he_is() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.log_in(&ada).await.access;

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
      "role": "user",
      "status": "active",
      "version": 2
    }
    "#);
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.header("content-type"), "application/json");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_comes_from_the_cache() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.log_in(&ada).await.access;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_cannot_put_an_old_value_back() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.log_in(&ada).await.access;
    let key = format!("user:{}", world.user_id(&ada.email).await);
    world.settle().await;
    world.me(&token).await.expect(200);
    let old = world.cached(&key).await.unwrap();
    let made_at_ms = old.split('|').nth(1).unwrap();
    // Somebody else's change: the row that this reader still sees is older than its tombstone.
    let tombstone = format!("99|{made_at_ms}|");
    world.put_in_cache(&key, &tombstone).await;

    let me = world.me(&token).await.expect(200).json();

    assert_eq!(me["version"], 2);
    assert_eq!(world.cached(&key).await.unwrap(), tombstone);
}

#[tokio::test(flavor = "multi_thread")]
async fn late_doubled_and_reversed_invalidations_converge() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let key = world.user_id(&ada.email).await;
    world.settle().await;
    let token = world.log_in(&ada).await.access;
    world.me(&token).await.expect(200);
    let fresh = world.cached(format!("user:{key}")).await.unwrap();

    for version in [1, 2, 1, 2] {
        assert!(world.app.cache.bury(&[Touched::User(key, version)]).await);
    }
    let after_old_ones = world.cached(format!("user:{key}")).await.unwrap();
    for version in [5, 4, 5, 3] {
        assert!(world.app.cache.bury(&[Touched::User(key, version)]).await);
    }
    let after_new_ones = world.cached(format!("user:{key}")).await.unwrap();

    assert_eq!(after_old_ones, fresh);
    assert!(after_new_ones.starts_with("5|") && after_new_ones.ends_with('|'), "{after_new_ones}");
    assert_eq!(world.me(&token).await.json()["version"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tombstone_is_in_redis_before_the_answer_is_out() {
    let world = World::with(Options::default().without_worker()).await;
    let ada = world.register("ada").await;
    world.sql("update users set email_verified_at = now()").await;
    let tokens = world.log_in(&ada).await;
    let id = world.user_id(&ada.email).await;
    world.me(&tokens.access).await.expect(200);

    let body = json!({"display_name": "Lovelace"});
    world.patch_as(&tokens.access, "/v1/users/me", body).await.expect(200);
    let user = world.cached(format!("user:{id}")).await.unwrap();
    world.delete_as(&tokens.access, "/v1/sessions/current").await.expect(204);
    let session = world.cached(format!("session:{}", tokens.session_id)).await.unwrap();

    assert!(user.starts_with("2|"), "{user}");
    assert!(session.starts_with("1|") && session.ends_with('|'), "{session}");
    world.me(&tokens.access).await.expect_problem(401, "session_ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_in_redis_is_a_miss() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let tokens = world.log_in(&ada).await;
    let user_key = format!("user:{}", world.user_id(&ada.email).await);
    let session_key = format!("session:{}", tokens.session_id);
    let good = world.me(&tokens.access).await.expect(200).json();
    let now = "99999999999999";

    for garbage in [
        &b""[..],
        b"garbage",
        b"\xff\xfe\x00",
        b"|||",
        b"2",
        b"2|",
        b"-1|0|{}",
        b"99999999999999999999|1|{}",
        format!("2|{now}|").as_bytes(),
        format!("2|{now}|{{}}").as_bytes(),
        format!("2|{now}|null").as_bytes(),
        format!("2|{now}|{{\"id\":7}}").as_bytes(),
        format!("0|{now}|nobody").as_bytes(),
    ] {
        for key in [&user_key, &session_key] {
            let is_tombstone = key == &session_key && garbage.starts_with(b"2|9");
            if is_tombstone {
                continue; // that is how a session ends
            }
            world.put_in_cache(key, garbage).await;
            let me = world.me(&tokens.access).await.expect(200).json();
            assert_eq!(me, good, "{key}: {}", String::from_utf8_lossy(garbage));
            world.drop_from_cache(key).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_entry_of_somebody_else_is_a_miss() {
    let world = World::new().await;
    let (ada, bob) = (world.account("ada").await, world.account("bobby").await);
    let (mine, other) = (world.log_in(&ada).await, world.log_in(&bob).await);
    let keys = [world.user_id(&ada.email).await, world.user_id(&bob.email).await];
    let [ada_key, bob_key] = keys.map(|id| format!("user:{id}"));
    world.settle().await;
    for token in [&mine.access, &other.access] {
        world.me(token).await.expect(200);
    }

    let bobs = world.cached(&bob_key).await.unwrap();
    world.put_in_cache(&ada_key, &bobs).await;
    let bobs = world.cached(format!("session:{}", other.session_id)).await.unwrap();
    world.put_in_cache(format!("session:{}", mine.session_id), &bobs).await;

    assert_eq!(world.me(&mine.access).await.expect(200).json()["email"], json!(ada.email));
    assert_eq!(world.me(&other.access).await.expect(200).json()["email"], json!(bob.email));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_from_before_the_last_outage_is_not_believed() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.log_in(&ada).await.access;
    let key = format!("user:{}", world.user_id(&ada.email).await);
    world.settle().await;
    world.me(&token).await.expect(200);
    let entry = world.cached(&key).await.unwrap().replace("\"ada\"", "\"Stale\"");
    let (version, rest) = entry.split_once('|').unwrap();
    let (_, value) = rest.split_once('|').unwrap();

    world.put_in_cache(&key, format!("{version}|1000|{value}")).await;

    assert_eq!(world.me(&token).await.json()["display_name"], "ada");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_text_in_redis_is_a_miss_and_no_outage() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.log_in(&ada).await.access;
    world.me(&token).await.expect(200);
    let key = format!("{}:user:{}", world.name(), world.user_id(&ada.email).await);
    let mut redis = world.redis().await;
    redis::cmd("DEL").arg(&key).exec_async(&mut redis).await.unwrap();
    redis::cmd("LPUSH").arg(&key).arg("garbage").exec_async(&mut redis).await.unwrap();

    world.me(&token).await.expect(200);
    let body = serde_json::json!({"display_name": "Ada Lovelace"});
    world.patch_as(&token, "/v1/users/me", body).await.expect(200);

    assert_eq!(world.me(&token).await.json()["display_name"], "Ada Lovelace");
    assert!(world.app.cache.is_up(), "a list under a key is no outage");
}
