use std::time::Duration;

use chrono::{DateTime, Utc};
use keyward_core::{commands::internal::RemoveExpired, origin::Origin};
use keyward_stack::mail_sink::Behaviour;
use keyward_tests::World;
use serde_json::{Value, json};

const DAY: Duration = Duration::from_secs(86_400);

async fn list(world: &World, admin: &str) -> Vec<Value> {
    world.get_as(admin, "/v1/invitations").await.expect(200).items()
}

#[tokio::test(flavor = "multi_thread")]
async fn open_invitations_show_their_email_state_and_no_link() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let token = world.invite(&root, "Grace@example.org", "admin").await;
    world.settle().await;

    let reply = world.get_as(&root, "/v1/invitations").await.expect(200);

    let [invitation] = &reply.items()[..] else { panic!("{}", reply.text) };
    assert_eq!(invitation["email"], "Grace@example.org");
    assert_eq!(invitation["role"], "admin");
    assert_eq!(invitation["invited_by"], json!(world.user_id("root@example.org").await));
    let time =
        |name: &str| -> DateTime<Utc> { invitation[name].as_str().unwrap().parse().unwrap() };
    assert_eq!((time("expires_at") - time("invited_at")).num_days(), 7);
    assert_eq!(invitation["mail"]["state"], "accepted");
    assert!(invitation["mail"]["reply"].as_str().unwrap().starts_with("250"), "{invitation}");
    assert!(!reply.text.contains(&token), "{}", reply.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_invitation_email_shows_the_smtp_reply() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    world.mail.behave(Behaviour::reply("550 5.1.1 no such user here"));

    world.request_invitation(&root, "grace@example.org", "user").await.expect(202);
    world.mail_in("invitation", "failed").await;

    let mail = list(&world, &root).await[0]["mail"].clone();
    assert_eq!(mail["state"], "failed");
    assert!(mail["reply"].as_str().unwrap().contains("550"), "{mail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_open_invitations_and_their_emails_are_listed() {
    let world = World::new().await;
    let (account, other) = (world.account("root").await, world.administrator("other").await);
    world.promote(&account).await;
    let root = world.log_in(&account).await.access;
    let accepted = world.invite(&root, "accepted@example.org", "user").await;
    world.accept(&accepted).await.expect(201);
    world.invite(&root, "replaced@example.org", "user").await;
    world.invite(&root, "Replaced@example.org", "user").await;
    world.invite(&other, "of-a-demoted-inviter@example.org", "user").await;
    world.sql("update users set role = 'user' where email = 'other@example.org'").await;
    world.settle().await;

    let open = list(&world, &root).await;
    let emails: Vec<&Value> = open.iter().map(|open| &open["email"]).collect();
    assert_eq!(emails, ["Replaced@example.org"]);
    world.sql("update links set expires_at = expires_at + interval '60 days'").await;
    world.clock.advance(3 * DAY);
    world.app.execute(RemoveExpired, &Origin::default()).await.unwrap();
    let root = world.log_in(&account).await.access;
    assert_eq!(list(&world, &root).await[0]["mail"]["state"], "accepted");
    world.sql("update links set expires_at = created_at + interval '1 day'").await;
    assert_eq!(list(&world, &root).await, [Value::Null; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_list_every_open_invitation_once_newest_first() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    for name in ["a", "b", "c"] {
        world.invite(&root, &format!("{name}@example.org"), "user").await;
    }

    let first = world.get_as(&root, "/v1/invitations?limit=2").await.expect(200);
    let second = world.get_as(&root, first.next_page()).await.expect(200);

    let seen = [first.items(), second.items()].concat();
    let seen: Vec<&Value> = seen.iter().map(|open| &open["email"]).collect();
    assert_eq!(seen, ["c@example.org", "b@example.org", "a@example.org"]);
}
