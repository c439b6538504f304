use std::{collections::HashSet, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use keyward_tests::{Options, Tokens, World, tally};
use serde_json::json;

use crate::altered::altered;

#[tokio::test(flavor = "multi_thread")]
async fn lost_response_can_be_retried_within_the_grace_period() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let first = world.log_in(&ada).await;
    let second = Tokens::of(&world.refresh(&first.refresh).await.expect(200));

    world.clock.advance(Duration::from_secs(28));
    let again = Tokens::of(&world.refresh(&first.refresh).await.expect(200));

    assert_eq!(again.refresh, second.refresh);
    world.me(&again.access).await.expect(200);
    world.refresh(&second.refresh).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn replaced_token_after_the_grace_period_ends_the_session() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let first = world.log_in(&ada).await;
    let second = Tokens::of(&world.refresh(&first.refresh).await.expect(200));
    world.me(&second.access).await.expect(200);

    world.clock.advance(Duration::from_secs(31));
    let reuse = world.refresh(&first.refresh).await;

    let reuse = reuse.expect_problem(401, "session_ended");
    assert!(!reuse.text.contains("reuse"), "the response does not tell an attacker why");
    world.me(&second.access).await.expect_problem(401, "session_ended");
    world.refresh(&second.refresh).await.expect_problem(401, "session_ended");
    assert_eq!(world.ended_reason(first.session_id).await.unwrap(), "reuse_detected");
    world.settle().await;
    let ended = world.envelopes("session.ended").await;
    assert_eq!((ended.len(), &ended[0]["data"]["reason"]), (1, &json!("reuse_detected")));
}

#[tokio::test(flavor = "multi_thread")]
async fn token_two_generations_old_ends_the_session() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let first = world.log_in(&ada).await;
    let second = Tokens::of(&world.refresh(&first.refresh).await.expect(200));
    let third = Tokens::of(&world.refresh(&second.refresh).await.expect(200));

    world.refresh(&first.refresh).await.expect_problem(401, "session_ended");

    world.refresh(&third.refresh).await.expect_problem(401, "session_ended");
    assert_eq!(world.ended_reason(first.session_id).await.unwrap(), "reuse_detected");
}

#[tokio::test(flavor = "multi_thread")]
async fn token_of_a_lost_rotation_ends_the_session_without_an_alarm() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let first = world.log_in(&ada).await;
    let second = Tokens::of(&world.refresh(&first.refresh).await.expect(200));
    let third = Tokens::of(&world.refresh(&second.refresh).await.expect(200));

    // A backup from before the refreshes is restored.
    world.sql("update sessions set generation = 1").await;
    world.refresh(&third.refresh).await.expect_problem(401, "session_ended");

    assert_eq!(world.ended_reason(first.session_id).await.unwrap(), "restored");
    for token in [&first.refresh, &second.refresh] {
        world.refresh(token).await.expect_problem(401, "session_ended");
    }
    assert_eq!(world.count("mails where kind = 'reuse_detected'").await, 0);
    world.log_in(&ada).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_concurrent_refreshes_leave_one_lineage() {
    let world = World::with(Options::burst()).await;
    let ada = world.account("ada").await;
    let first = world.log_in(&ada).await;
    let body = json!({"refresh_token": first.refresh});

    let replies = world.post_at_once(50, "/v1/sessions/refresh", |_| body.clone()).await;

    assert_eq!(tally(&replies), [(200, 50)]);
    let successors: HashSet<_> = replies.iter().map(|reply| Tokens::of(reply).refresh).collect();
    assert_eq!(successors.len(), 1);
    assert_eq!(world.count("sessions where generation = 2 and ended_at is null").await, 1);
    world.refresh(successors.iter().next().unwrap()).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_token_is_rejected_and_keeps_the_session() {
    let world = World::new().await;
    let (ada, bob) = (world.account("ada").await, world.account("bobby").await);
    let (tokens, other) = (world.log_in(&ada).await, world.log_in(&bob).await);
    let bytes = URL_SAFE_NO_PAD.decode(&tokens.refresh["kwr_".len()..]).unwrap();
    let forge = |at: usize, with: &[u8]| {
        let mut bytes = bytes.clone();
        bytes[at..at + with.len()].copy_from_slice(with);
        format!("kwr_{}", URL_SAFE_NO_PAD.encode(bytes))
    };

    let mut forged = vec![
        forge(16, &0_i32.to_be_bytes()),
        forge(16, &2_i32.to_be_bytes()),
        forge(16, &(-1_i32).to_be_bytes()),
        forge(16, &i32::MIN.to_be_bytes()),
        forge(16, &i32::MAX.to_be_bytes()),
        forge(0, other.session_id.as_bytes()),
        forge(0, uuid::Uuid::new_v4().as_bytes()),
        forge(20, &[0; 32]),
    ];
    forged.extend(altered(&tokens.refresh));
    for token in forged {
        let reply = world.refresh(&token).await;
        let found = (reply.status.as_u16(), reply.code());
        assert_eq!(found, (401, "session_ended".to_owned()), "{token:?}");
    }

    assert_eq!(world.ended_reason(tokens.session_id).await, None);
    for mine in [tokens, other] {
        world.refresh(&mine.refresh).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn access_and_refresh_tokens_are_not_interchangeable() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let tokens = world.log_in(&ada).await;

    world.refresh(&tokens.access).await.expect_problem(401, "session_ended");
    world.me(&tokens.refresh).await.expect_problem(401, "token_invalid");
    for token in [&tokens.refresh, &tokens.access] {
        let reply = world.confirm_reset(token, "a fresh passphrase it is").await;
        reply.expect_problem(400, "link_invalid");
    }

    world.refresh(&tokens.refresh).await.expect(200);
}
