use keyward_core::infra::cache::Invalidation;
use keyward_tests::{Options, World};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn slow_reader_cannot_restore_an_old_value() {
    let world = World::new().await;
    let (ada, token) = world.logged_in("ada").await;
    let key = format!("user:{}", world.user_id(&ada.email).await);
    world.settle().await;
    world.me(&token).await.expect(200);
    let old = world.cached(&key).await.unwrap();
    let made_at_ms = old.split('|').nth(1).unwrap();
    // A concurrent change: the row that this reader still sees is older than its tombstone.
    let tombstone = format!("99|{made_at_ms}|");
    world.put_in_cache(&key, &tombstone).await;

    let me = world.me(&token).await.expect(200).json();

    assert_eq!(me["version"], 2);
    assert_eq!(world.cached(&key).await.unwrap(), tombstone);
}

#[tokio::test(flavor = "multi_thread")]
async fn late_duplicate_and_reordered_invalidations_converge() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let key = world.user_id(&ada.email).await;
    world.settle().await;
    let token = world.log_in(&ada).await.access;
    world.me(&token).await.expect(200);
    let fresh = world.cached(format!("user:{key}")).await.unwrap();

    for version in [1, 2, 1, 2] {
        assert!(world.app.cache.write_tombstones(&[Invalidation::User(key, version)]).await);
    }
    let after_old_ones = world.cached(format!("user:{key}")).await.unwrap();
    for version in [5, 4, 5, 3] {
        assert!(world.app.cache.write_tombstones(&[Invalidation::User(key, version)]).await);
    }
    let after_new_ones = world.cached(format!("user:{key}")).await.unwrap();

    assert_eq!(after_old_ones, fresh);
    assert!(after_new_ones.starts_with("5|") && after_new_ones.ends_with('|'), "{after_new_ones}");
    assert_eq!(world.me(&token).await.json()["version"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn tombstone_is_in_redis_before_the_response() {
    let world = World::with(Options::default().without_worker()).await;
    let ada = world.register("ada").await;
    world.sql("update users set email_verified_at = now()").await;
    let tokens = world.log_in(&ada).await;
    let id = world.user_id(&ada.email).await;
    world.me(&tokens.access).await.expect(200);

    world.rename(&tokens.access, "Lovelace").await.expect(200);
    let user = world.cached(format!("user:{id}")).await.unwrap();
    world.log_out(&tokens.access).await.expect(204);
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
        format!("0|{now}|no user").as_bytes(),
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
async fn entry_of_another_user_is_a_miss() {
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
async fn entry_older_than_the_last_outage_is_a_miss() {
    let world = World::new().await;
    let (ada, token) = world.logged_in("ada").await;
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
async fn entry_of_a_lost_version_is_replaced() {
    let world = World::new().await;
    let (ada, token) = world.logged_in("ada").await;
    let key = format!("user:{}", world.user_id(&ada.email).await);
    world.settle().await;
    // From before this process started, and from a later state of the database than the present one.
    let lost = "99|1000|{}";

    world.put_in_cache(&key, lost).await;
    world.me(&token).await.expect(200);
    let filled = world.cached(&key).await.unwrap();
    world.put_in_cache(&key, lost).await;
    world.rename(&token, "Lovelace").await.expect(200);
    let invalidated = world.cached(&key).await.unwrap();

    assert!(filled.starts_with("2|") && filled.contains("\"ada\""), "{filled}");
    assert!(invalidated.starts_with("3|"), "{invalidated}");
}

#[tokio::test(flavor = "multi_thread")]
async fn second_process_shows_a_change_after_the_response() {
    let mut world = World::new().await;
    let (_, token) = world.logged_in("ada").await;
    let second = world.another_api().await;
    let name = async || world.me_at(&second, &token).await.json()["display_name"].clone();

    for nth in 0..10 {
        let new = format!("Ada {nth}");
        world.rename(&token, &new).await.expect(200);
        assert_eq!(name().await, new);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn disabled_or_deleted_account_is_rejected_after_invalidation() {
    let world = World::new().await;
    let (ada, token) = world.logged_in("ada").await;
    let key = format!("user:{}", world.user_id(&ada.email).await);
    world.me(&token).await.expect(200);

    world.disable(&ada).await;
    world.drop_from_cache(&key).await;
    world.me(&token).await.expect_problem(401, "session_ended");
    world.settle().await;
    world.sql("delete from users").await;
    world.drop_from_cache(&key).await;

    world.me(&token).await.expect_problem(401, "session_ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_are_authorized_by_the_row_not_the_cache() {
    let world = World::new().await;
    let (ada, bob) = (world.account("ada").await, world.account("bobby").await);
    let (mine, other) = (world.log_in(&ada).await, world.log_in(&bob).await);
    for token in [&mine.access, &other.access] {
        world.me(token).await.expect(200);
    }

    // Changed bypassing the API, so the cache is not invalidated.
    world.disable(&ada).await;
    world.sql("update sessions set ended_at = now(), ended_reason = 'ended'").await;

    for tokens in [mine, other] {
        let written = world.rename(&tokens.access, "Eve").await;
        written.expect_problem(401, "session_ended");
        world.refresh(&tokens.refresh).await.expect_problem(401, "session_ended");
    }
    assert_eq!(world.count("users where display_name = 'Eve'").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_repeats_a_lost_invalidation() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let tokens = world.log_in(&ada).await;
    let key = format!("session:{}", tokens.session_id);
    world.me(&tokens.access).await.expect(200);
    let alive = world.cached(&key).await.unwrap();
    world.log_out(&tokens.access).await.expect(204);
    world.settle().await;

    // As if the API had crashed between its commit and its response.
    world.put_in_cache(&key, alive).await;
    world.run_again("cache-invalidation").await;
    world.settle().await;

    world.me(&tokens.access).await.expect_problem(401, "session_ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn non_text_value_in_redis_is_a_miss_and_no_outage() {
    let world = World::new().await;
    let (ada, token) = world.logged_in("ada").await;
    world.me(&token).await.expect(200);
    let key = format!("{}:user:{}", world.name(), world.user_id(&ada.email).await);
    let mut redis = world.redis().await;
    redis::cmd("DEL").arg(&key).exec_async(&mut redis).await.unwrap();
    redis::cmd("LPUSH").arg(&key).arg("garbage").exec_async(&mut redis).await.unwrap();

    world.me(&token).await.expect(200);
    let body = serde_json::json!({"display_name": "Ada Lovelace"});
    world.patch_as(&token, "/v1/users/me", body).await.expect(200);

    assert_eq!(world.me(&token).await.json()["display_name"], "Ada Lovelace");
    assert!(world.app.cache.is_up(), "a list under a key is not an outage");
}
