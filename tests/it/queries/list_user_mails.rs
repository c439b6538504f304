use keyward_tests::World;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn administrator_sees_email_states_but_no_content() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    let token = world.reset_token(&ada.email).await;
    world.settle().await;
    let path = format!("/v1/users/{}/mails", world.user_id(&ada.email).await);

    let reply = world.get_as(&root, &path).await.expect(200);

    let mails = reply.items();
    let kinds: Vec<&Value> = mails.iter().map(|mail| &mail["kind"]).collect();
    assert_eq!(kinds, ["password_reset", "verification"]);
    let latest = &mails[0];
    assert_eq!((&latest["state"], &latest["attempts"]), (&json!("accepted"), &json!(1)));
    assert!(latest["reply"].as_str().unwrap().starts_with("250"), "{latest}");
    assert_eq!(latest["next_try_at"], Value::Null);
    assert!(latest["asked_at"].as_str().unwrap().ends_with('Z'));
    assert!(!reply.text.contains(&token) && !reply.text.contains('#'), "{}", reply.text);

    let first = world.get_as(&root, &format!("{path}?limit=1")).await.json();
    let rest = format!("{path}?limit=1&cursor={}", first["next_cursor"].as_str().unwrap());
    assert_eq!(world.get_as(&root, &rest).await.items(), mails[1..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn email_of_a_later_release_is_listed() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    world.settle().await;
    world.sql("update mails set kind = 'from_the_future'").await;

    let path = format!("/v1/users/{}/mails", world.user_id(&ada.email).await);
    let mails = world.get_as(&root, &path).await.expect(200).items();

    assert_eq!(mails[0]["kind"], "from_the_future");
}
