//! `keyward-api admin`.

use keyward_api::cli::AdminCommand;
use keyward_core::domain::EmailAddress;
use keyward_tests::{World, token_in};
use serde_json::Value;

fn address(email: &str) -> EmailAddress {
    EmailAddress::parse(email).unwrap()
}

async fn run(world: &World, command: AdminCommand) -> Result<String, String> {
    let mut out = Vec::new();
    let result = command.run(&world.app, &mut out).await;
    result.map(|()| String::from_utf8(out).unwrap()).map_err(|error| format!("{error:#}"))
}

async fn create(world: &World, email: &str) -> Result<String, String> {
    run(world, AdminCommand::Create { email: address(email) }).await
}

async fn promote(world: &World, email: &str) -> Result<String, String> {
    run(world, AdminCommand::Promote { email: address(email) }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn command_line_invites_the_first_administrator() {
    let world = World::new().await;
    assert!(run(&world, AdminCommand::List).await.unwrap().contains("no administrator"));

    let output = create(&world, "ada@example.org").await.unwrap();

    let printed = token_in(&output, &format!("{}/accept-invitation#", world.url)).unwrap();
    let mailed = world.link_token("ada@example.org", "/accept-invitation").await;
    assert_eq!(printed, mailed);
    assert_eq!(world.accept(&printed).await.expect(201).json()["role"], "admin");
    let event = world.envelopes("user.invited").await.remove(0);
    assert_eq!(event["data"]["actor_id"], Value::Null);
    let listed = run(&world, AdminCommand::List).await.unwrap();
    assert!(listed.contains("ada@example.org (active)"), "{listed}");
    let again = create(&world, "ada@example.org").await.unwrap_err();
    assert!(again.contains("admin promote --email ada@example.org"), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn first_account_is_not_an_administrator() {
    let world = World::new().await;
    let (_, token) = world.logged_in("ada").await;

    assert_eq!(world.me(&token).await.json()["role"], "user");
    world.get_as(&token, "/v1/users").await.expect_problem(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn command_line_promotes_an_account_immediately() {
    let world = World::new().await;
    let (_, token) = world.logged_in("ada").await;
    assert_eq!(world.me(&token).await.json()["role"], "user");

    promote(&world, "ADA@example.org").await.unwrap();

    assert_eq!(world.me(&token).await.json()["role"], "admin");
    world.get_as(&token, "/v1/users").await.expect(200);
    let event = world.envelopes("user.role_changed").await.remove(0);
    assert_eq!(event["data"]["actor_id"], Value::Null);
    let unknown = promote(&world, "unknown@example.org").await.unwrap_err();
    assert!(unknown.contains("admin create --email unknown@example.org"), "{unknown}");
    world.register("bobby").await;
    let unverified = promote(&world, "bobby@example.org").await.unwrap_err();
    assert!(unverified.contains("not confirmed"), "{unverified}");
}
