use keyward_tests::World;
use serde_json::json;

use super::{Kind, Mailed};
use crate::altered::altered;

#[tokio::test(flavor = "multi_thread")]
async fn link_tokens_fit_only_their_own_purpose() {
    let world = World::new().await;

    for (nth, kind) in Kind::ALL.into_iter().enumerate() {
        let link = kind.mailed(&world, &format!("ada{nth}")).await;
        for other in Kind::ALL.into_iter().filter(|other| *other != kind) {
            let reply = world.post(other.path(), other.body(&link.token)).await;
            let answer = (reply.status.as_u16(), reply.code());
            assert_eq!(answer, (400, "link_invalid".to_owned()), "{kind:?} as {other:?}");
        }
        let refresh = world.refresh(&link.token).await;
        refresh.expect_problem(401, "session_ended");
        world.me(&link.token).await.expect_problem(401, "token_invalid");
        link.works(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn altered_token_is_invalid_and_keeps_the_real_one() {
    let world = World::new().await;

    for (nth, kind) in Kind::ALL.into_iter().enumerate() {
        let link = kind.mailed(&world, &format!("ada{nth}")).await;
        // Blanks around it come along when people copy.
        for bad in altered(&link.token).into_iter().filter(|bad| bad.trim() != link.token) {
            let reply = world.post(kind.path(), kind.body(&bad)).await;
            let answer = (reply.status.as_u16(), reply.code());
            assert_eq!(answer, (400, "link_invalid".to_owned()), "{kind:?} {bad:?}");
        }
        link.works(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_token_identifies_the_account() {
    let world = World::new().await;
    let eve = world.account("evelyn").await;
    let eve_id = world.user_id(&eve.email).await.to_string();
    let before = world.count("users where version = 2 and email = 'evelyn@example.org'").await;

    for (nth, kind) in Kind::ALL.into_iter().enumerate() {
        let link = kind.mailed(&world, &format!("ada{nth}")).await;
        for (member, value) in [("user_id", &eve_id), ("email", &eve.email), ("id", &eve_id)] {
            let mut body = kind.body(&link.token);
            body[member] = json!(value);
            world.post(kind.path(), body).await.expect_problem(422, "invalid");
        }
        let path = format!("{}?user_id={eve_id}&email={}", kind.path(), eve.email);
        let reply = world.post(&path, kind.body(&link.token)).await;
        reply.expect_problem(400, "parameter_invalid");
        link.works(&world).await;
    }

    let after = world.count("users where version = 2 and email = 'evelyn@example.org'").await;
    assert_eq!((before, after), (1, 1), "the other account is unchanged");
    world.log_in(&eve).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn link_of_one_account_does_not_affect_another() {
    let world = World::new().await;
    let own = Kind::ConfirmChange.mailed(&world, "ada").await;
    let other = Kind::ConfirmChange.mailed(&world, "evelyn").await;

    // The id of one link with the signature of another.
    let forged = format!("{}{}", &other.token[..22], &own.token[22..]);
    Mailed { token: forged, ..own }.is_dead(&world).await;

    other.works(&world).await;
}
