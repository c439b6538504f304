use std::time::Duration;

use keyward_tests::{Tokens, World};

use super::shown;

#[tokio::test(flavor = "multi_thread")]
async fn owner_is_notified_once_of_a_reused_refresh_token() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let first = world.log_in(&ada).await;
    let second = Tokens::of(&world.refresh(&first.refresh).await.expect(200));
    world.clock.advance(Duration::from_secs(31));

    for token in [&first, &first, &second] {
        world.refresh(&token.refresh).await.expect_problem(401, "session_ended");
    }

    let mail = world.nth_mail(&ada.email, "A session of your Keyward account was ended", 1).await;
    insta::assert_snapshot!(shown(&world, &mail).await);
    let subjects = world.settle().await;
    assert_eq!(subjects[subjects.len() - 2..], ["session.ended", "session.reuse_detected"]);
    let mails = world.mail.messages_to(&ada.email);
    assert_eq!(mails.iter().filter(|other| other.subject == mail.subject).count(), 1);
    for secret in [first.refresh, second.refresh, "/reset-password#".to_owned()] {
        assert!(!mail.text.contains(&secret) && !mail.html.contains(&secret));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_session_sends_no_email() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let tokens = world.log_in(&ada).await;
    world.clock.advance(Duration::from_secs(31 * 86_400));

    world.refresh(&tokens.refresh).await.expect_problem(401, "session_ended");

    assert_eq!(world.settle().await.last().unwrap(), "session.ended");
    assert!(world.ledger().await.iter().all(|(kind, ..)| kind != "reuse_detected"));
}
