//! Short codes: what they open, and what uses them up.

use keyward_tests::{Account, Options, Reply, World, tally};
use serde_json::json;

use super::{FRESH, Kind, Mailed};

const WRONG: &str = "BBBB-BBBB";

fn answer(reply: &Reply) -> (u16, String) {
    (reply.status.as_u16(), reply.code())
}

fn invalid() -> (u16, String) {
    (400, "link_invalid".to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_work_once_in_any_spelling() {
    let world = World::new().await;

    for (nth, kind) in Kind::ALL.into_iter().enumerate() {
        let link = kind.mailed(&world, &format!("ada{nth}")).await;
        let code = link.code(&world);
        let typed = format!(" {} ", code.to_lowercase().replace('-', "\u{2013} "));
        let reply = link.enter(&world, &typed).await;
        assert_eq!((reply.status.as_u16(), reply.text.as_str()), (204, ""), "{kind:?}");
        link.is_dead(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_fit_only_their_own_purpose_and_address() {
    let world = World::new().await;
    let eve = world.account("evelyn").await;

    for (nth, kind) in Kind::ALL.into_iter().enumerate() {
        let link = kind.mailed(&world, &format!("ada{nth}")).await;
        let code = link.code(&world);
        for other in Kind::ALL.into_iter().filter(|other| *other != kind) {
            let body = other.body_with_code(&link.to(), &code);
            let reply = world.post(other.path(), body).await;
            assert_eq!(answer(&reply), invalid(), "{kind:?} as {other:?}");
        }
        let reply = world.post(kind.path(), kind.body_with_code(&eve.email, &code)).await;
        assert_eq!(answer(&reply), invalid(), "{kind:?}");
        link.enter(&world, &code).await.expect(204);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_one_of_fifty_concurrent_uses_of_a_code_succeeds() {
    let world = World::with(Options::burst()).await;

    for (nth, kind) in Kind::ALL.into_iter().enumerate() {
        let link = kind.mailed(&world, &format!("ada{nth}")).await;
        let code = link.code(&world);
        let replies = world.post_at_once(50, kind.path(), |_| link.body_with_code(&code)).await;
        assert_eq!(tally(&replies), [(204, 1), (400, 49)], "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn code_and_token_of_a_link_have_one_winner() {
    let world = World::with(Options::burst()).await;
    let link = Kind::Reset.mailed(&world, "ada").await;
    let code = link.code(&world);
    let password = |nth: usize| format!("the passphrase of racer {nth}");

    let body = |nth: usize| {
        let is_code = nth.is_multiple_of(2);
        let mut body =
            if is_code { link.body_with_code(&code) } else { link.kind.body(&link.token) };
        body["password"] = json!(password(nth));
        body
    };
    let replies = world.post_at_once(20, link.kind.path(), body).await;

    assert_eq!(tally(&replies), [(204, 1), (400, 19)]);
    let winner = replies.iter().position(|reply| reply.status == 204).unwrap();
    world.log_in(&link.account.with_password(&password(winner))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn new_request_kills_the_older_code() {
    let world = World::new().await;

    for (nth, kind) in [Kind::Verify, Kind::Reset, Kind::ConfirmChange].into_iter().enumerate() {
        let old = kind.mailed(&world, &format!("ada{nth}")).await;
        let token = kind.again(&world, &old.account).await;
        let new = Mailed { token, kind, account: old.account.clone() };

        assert_eq!(answer(&old.enter(&world, &old.code(&world)).await), invalid(), "{kind:?}");
        new.enter(&world, &new.code(&world)).await.expect(204);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_codes_of_all_open_links_work() {
    let world = World::new().await;
    let undo = Kind::UndoChange.mailed(&world, "ada").await;
    Kind::UndoChange.again(&world, &undo.account).await;
    let verify = Kind::Verify.mailed(&world, "bobby").await;
    let again = json!({"email": verify.account.email, "password": verify.account.password,
                       "display_name": "bobby"});
    world.post("/v1/users", again).await.expect(202);
    world.settle().await;

    for older in [undo, verify] {
        older.enter(&world, &older.code(&world)).await.expect(204);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_password_does_not_use_up_a_code() {
    let world = World::new().await;
    let link = Kind::Reset.mailed(&world, "ada").await;
    let code = link.code(&world);

    for _ in 0..8 {
        let body = json!({"email": link.account.email, "code": code, "password": "short"});
        world.post(link.kind.path(), body).await.expect_invalid("/password");
        let body =
            json!({"email": link.account.email, "code": code, "password": "123456789012345"});
        world.post(link.kind.path(), body).await.expect_invalid("/password");
    }

    link.enter(&world, &code).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_use_up_the_code_and_not_the_link() {
    let world = World::new().await;

    for (nth, kind) in Kind::ALL.into_iter().enumerate() {
        let link = kind.mailed(&world, &format!("ada{nth}")).await;
        for _ in 0..5 {
            assert_eq!(answer(&link.enter(&world, WRONG).await), invalid(), "{kind:?}");
        }
        let right = link.enter(&world, &link.code(&world)).await;
        assert_eq!(answer(&right), invalid(), "{kind:?}");
        link.works(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_code_gets_the_same_response() {
    let world = World::new().await;
    let open = Kind::Reset.mailed(&world, "ada").await;
    let exhausted = Kind::Reset.mailed(&world, "bobby").await;
    for _ in 0..5 {
        exhausted.enter(&world, WRONG).await;
    }
    let used = Kind::Reset.mailed(&world, "clara").await;
    let used_code = used.code(&world);
    used.works(&world).await;
    let disabled = Kind::Reset.mailed(&world, "daniel").await;
    let disabled_code = disabled.code(&world);
    world.disable(&disabled.account).await;
    let without = world.account("evelyn").await;
    let enter = async |account: &Account, code: &str| {
        world.confirm_reset_by_code(&account.email, code, FRESH).await
    };

    let wrong = enter(&open.account, WRONG).await.expect_problem(400, "link_invalid");
    for other in [
        enter(&exhausted.account, &exhausted.code(&world)).await,
        enter(&used.account, &used_code).await,
        enter(&disabled.account, &disabled_code).await,
        enter(&without, WRONG).await,
        enter(&without.with_email("unknown@example.org"), WRONG).await,
        world.confirm_reset(&"A".repeat(64), FRESH).await,
    ] {
        assert_eq!(other.without_id(), wrong.without_id());
        assert_eq!(other.text.len(), wrong.text.len());
    }
}
