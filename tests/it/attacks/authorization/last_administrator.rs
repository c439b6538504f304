use keyward_tests::{World, tally};
use serde_json::json;

fn role(role: &str) -> serde_json::Value {
    json!({"role": role})
}

#[tokio::test(flavor = "multi_thread")]
async fn last_administrator_cannot_give_up_the_role() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let root_id = world.user_id("root@example.org").await;
    let path = format!("/v1/users/{root_id}/role");
    // Neither a disabled nor an unverified administrator can administer.
    let other = world.account("other").await;
    world.promote(&other).await;
    world.disable(&other).await;
    let unverified = world.register("unverified").await;
    world.promote(&unverified).await;

    world.put_if(&root, &path, "*", role("user")).await.expect_problem(409, "last_admin");

    world.get_as(&root, "/v1/users").await.expect(200);
    world.sql("update users set status = 'active' where email = 'other@example.org'").await;
    let reply = world.put_if(&root, &path, "*", role("user")).await.expect(200);
    assert_eq!(reply.json()["role"], "user");
    world.get_as(&root, "/v1/users").await.expect_problem(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn mutual_demotion_leaves_one_administrator() {
    let world = World::new().await;
    let (eve, bob) = (world.administrator("eve").await, world.administrator("bobby").await);
    let path = async |name: &str| {
        format!("/v1/users/{}/role", world.user_id(&format!("{name}@example.org")).await)
    };
    let (eves, bobs) = (path("eve").await, path("bobby").await);

    for round in 0..50 {
        let replies = if round % 2 == 0 {
            futures_util::join!(
                world.put_if(&eve, &bobs, "*", role("user")),
                world.put_if(&bob, &eves, "*", role("user")),
            )
        } else {
            // Each demotes themselves, so the two transactions share no row.
            futures_util::join!(
                world.put_if(&eve, &eves, "*", role("user")),
                world.put_if(&bob, &bobs, "*", role("user")),
            )
        };

        let refused = if round % 2 == 0 { 403 } else { 409 };
        assert_eq!(tally(&[replies.0, replies.1]), [(200, 1), (refused, 1)], "round {round}");
        assert_eq!(world.count("users where role = 'admin'").await, 1, "round {round}");
        world.sql("update users set role = 'admin', version = version + 1").await;
    }
}
