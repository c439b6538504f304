use keyward_tests::{World, until};
use serde_json::json;

/// Demotes an administrator on behalf of another one.
async fn demote(world: &World, by: &str, email: &str) {
    let path = format!("/v1/users/{}/role", world.user_id(email).await);
    world.put_if(by, &path, "*", json!({"role": "user"})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn demotion_applies_to_the_next_request() {
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
async fn forged_cache_entry_grants_no_administrator_rights() {
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
        world.post_json_as(&ada, "/v1/invitations", body).await.expect_problem(403, "forbidden");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn action_racing_a_demotion_commits_first_or_is_refused() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let ada = world.administrator("ada").await;
    let bob = world.account("bobby").await;
    world.log_in(&bob).await;
    let id = world.user_id(&bob.email).await;
    let sessions = format!("/v1/users/{id}/sessions");

    // Ada's action is authorized and waits for a row lock. Only then is she demoted.
    let mut busy = world.db.begin().await.unwrap();
    sqlx::query("select from sessions where user_id = $1 for update")
        .bind(id.0)
        .execute(&mut *busy)
        .await
        .unwrap();
    let waiting = async |at_least: i64| {
        let demoted = "users where email = 'ada@example.org' and role = 'user'";
        let is_waiting = world.waiting_for_locks().await >= at_least;
        (is_waiting || world.count(demoted).await == 1).then_some(())
    };
    let demotion = async {
        until("the action waits for the lock", async || waiting(1).await).await;
        demote(&world, &root, "ada@example.org").await;
    };
    let release = async {
        until("the demotion waits for the lock or has committed", async || waiting(2).await).await;
        busy.rollback().await.unwrap();
    };
    let act = world.delete_as(&ada, &sessions);
    let (done, (), ()) = futures_util::join!(act, demotion, release);

    done.expect(204);
    // No event of Ada's action follows her demotion.
    assert_eq!(world.subjects().await.last().map(String::as_str), Some("user.role_changed"));
    world.delete_as(&ada, &sessions).await.expect_problem(403, "forbidden");
}
