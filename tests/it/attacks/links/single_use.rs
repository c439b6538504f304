use keyward_tests::{Account, Options, World, tally};
use reqwest::Method;
use serde_json::json;

use super::{FRESH, Kind};

const NOTICE: &str = "Your Keyward password was changed";

#[tokio::test(flavor = "multi_thread")]
async fn link_works_once_even_after_a_restart() {
    let mut world = World::new().await;
    let mut used = Vec::new();
    for (nth, kind) in Kind::ALL.into_iter().enumerate() {
        let link = kind.mailed(&world, &format!("ada{nth}")).await;
        link.works(&world).await;
        link.is_dead(&world).await;
        used.push(link);
    }

    // Another process, which shares no memory with the first.
    world.url = world.another_api().await;

    for link in used {
        link.is_dead(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_one_of_fifty_concurrent_uses_of_a_link_succeeds() {
    let world = World::with(Options::burst()).await;

    for (nth, kind) in Kind::ALL.into_iter().enumerate() {
        let link = kind.mailed(&world, &format!("ada{nth}")).await;
        let replies = world.post_at_once(50, kind.path(), |_| kind.body(&link.token)).await;
        assert_eq!(tally(&replies), [(204, 1), (400, 49)], "{kind:?}");
        let losers = replies.iter().filter(|reply| reply.status == 400);
        assert!(losers.map(keyward_tests::Reply::code).all(|code| code == "link_invalid"));
    }

    for event in ["email_verified", "password_changed", "email_changed", "email_change_undone"] {
        let made_true = world.envelopes(&format!("user.{event}")).await.len();
        // All but one kind need a verified address first.
        let proofs = if event == "email_verified" { 4 } else { 1 };
        assert_eq!(made_true, proofs, "{event}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_concurrent_resets_set_one_password_and_send_one_notice() {
    let world = World::with(Options::burst()).await;
    let link = Kind::Reset.mailed(&world, "ada").await;
    let password = |nth: usize| format!("the passphrase of racer {nth}");
    let body = |nth: usize| json!({"token": link.token, "password": password(nth)});

    let replies = world.post_at_once(50, Kind::Reset.path(), body).await;

    assert_eq!(tally(&replies), [(204, 1), (400, 49)]);
    let winner = replies.iter().position(|reply| reply.status == 204).unwrap();
    let with = |nth| Account { password: password(nth), ..link.account.clone() };
    world.log_in(&with(winner)).await;
    world.try_log_in(&with((winner + 1) % 50)).await.expect_problem(401, "bad_credentials");
    world.settle().await;
    let mails = world.mail.messages_to(&link.account.email);
    assert_eq!(mails.iter().filter(|mail| mail.subject == NOTICE).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn get_head_and_options_do_not_use_a_link() {
    let world = World::new().await;

    for (nth, kind) in Kind::ALL.into_iter().enumerate() {
        let link = kind.mailed(&world, &format!("ada{nth}")).await;
        let query = format!("?token={}&password={FRESH}", link.token);
        for path in [kind.page(), kind.path()] {
            for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
                for query in ["", &query] {
                    let request = world.request(method.clone(), &format!("{path}{query}"));
                    let status = world.send(request).await.status;
                    assert!(status != 204 && !status.is_server_error(), "{method} {path}");
                }
            }
        }
        link.works(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_password_keeps_the_link() {
    let world = World::new().await;
    let link = Kind::Reset.mailed(&world, "ada").await;
    let session = world.log_in(&link.account).await;

    for (password, code) in [
        ("", "required"),
        ("short", "too_short"),
        ("aaaaaaaaaaaaaaaaaaaa", "too_guessable"),
        ("ada@example.org ada@example.org", "too_guessable"),
        ("passwordpassword", "too_common"),
        (&"x".repeat(129), "too_long"),
    ] {
        let body = json!({"token": link.token, "password": password});
        let reply = world.post(Kind::Reset.path(), body).await;
        let flaw = reply.expect_problem(422, "invalid").json()["errors"][0].clone();
        assert_eq!((&flaw["pointer"], &flaw["code"]), (&json!("/password"), &json!(code)));
    }
    let body = json!({"token": link.token});
    world.post(Kind::Reset.path(), body).await.expect_problem(422, "invalid");

    world.me(&session.access).await.expect(200);
    world.log_in(&link.account).await;
    link.works(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reset_ends_every_session_and_starts_none() {
    let world = World::new().await;
    let link = Kind::Reset.mailed(&world, "ada").await;
    let sessions = [world.log_in(&link.account).await, world.log_in(&link.account).await];
    for session in &sessions {
        world.me(&session.access).await.expect(200);
    }

    link.works(&world).await;

    for session in &sessions {
        world.me(&session.access).await.expect_problem(401, "session_ended");
        world.rename(&session.access, "Eve").await.expect_problem(401, "session_ended");
        world.refresh(&session.refresh).await.expect_problem(401, "session_ended");
    }
    world.try_log_in(&link.account).await.expect_problem(401, "bad_credentials");
    assert_eq!(world.count("sessions where ended_at is null").await, 0);
    world.log_in(&link.account.with_password(FRESH)).await;
    world.nth_mail(&link.account.email, NOTICE, 1).await;
    let subjects = world.settle().await;
    let expected = ["session.ended", "session.ended", "user.password_changed", "session.started"];
    assert_eq!(subjects[subjects.len() - 4..], expected);
    let ended = world.envelopes("session.ended").await;
    assert!(ended.iter().all(|event| event["data"]["reason"] == "password_reset"), "{ended:?}");
}
