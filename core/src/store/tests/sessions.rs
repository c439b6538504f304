use super::*;
use crate::{
    domain::{EndReason, SessionId, Status},
    store::{
        sessions::{self, Ended},
        users::{self, UserPatch},
    },
};

#[tokio::test]
async fn a_session_starts_only_with_the_current_password() {
    let (app, mut tx) = begin_empty().await;
    let mut user = insert(&mut tx, "ada@example.org", Role::User, true).await.unwrap();
    let expires_at = tx.now + Duration::days(1);
    let started = sessions::start(&mut tx, user.id, &hash("hash"), expires_at).await.unwrap();
    let started = started.unwrap();
    assert_eq!((started.login.user_id, started.generation), (user.id, 1));
    assert!(sessions::start(&mut tx, user.id, &hash("old"), expires_at).await.unwrap().is_none());

    let patch = UserPatch { status: Some(Status::Disabled), ..UserPatch::default() };
    users::update(&mut tx, &mut user, patch).await.unwrap();
    assert!(sessions::start(&mut tx, user.id, &hash("hash"), expires_at).await.unwrap().is_none());
    tx.commit().await.unwrap();
    assert_eq!(events(&app).await, ["session.started"]);
}

#[tokio::test]
async fn logins_to_one_account_do_not_wait_for_each_other() {
    let app = app().await;
    let owner = user(&app, "ada@example.org").await;
    let mut tx = begin(&app).await;
    session(&mut tx, owner).await;
    session(&mut begin_impatient(&app).await, owner).await;
}

#[tokio::test]
async fn every_session_has_a_secret_of_its_own() {
    let app = app().await;
    let owner = user(&app, "ada@example.org").await;
    let mut tx = begin(&app).await;
    let (one, other) = (session(&mut tx, owner).await, session(&mut tx, owner).await);
    assert_ne!(one.secret.0, other.secret.0);
    let now = tx.now;
    let [first, second] = [(); 2].map(|()| app.tokens_of(&one, now).unwrap());
    use secrecy::ExposeSecret as _;
    assert_eq!(first.refresh_token.expose_secret(), second.refresh_token.expose_secret());
    let others = app.tokens_of(&other, now).unwrap();
    assert_ne!(first.refresh_token.expose_secret(), others.refresh_token.expose_secret());
}

#[tokio::test]
async fn the_right_sessions_end_once() {
    let app = app().await;
    for (which, expected) in [(0, 3), (1, 2), (2, 1)] {
        let mut tx = begin(&app).await;
        let user = insert(&mut tx, "ada@example.org", Role::User, true).await.unwrap();
        let bob = insert(&mut tx, "bob@example.org", Role::User, true).await.unwrap();
        let mine = session(&mut tx, user.id).await.login.session_id;
        session(&mut tx, user.id).await;
        session(&mut tx, user.id).await;
        let others = session(&mut tx, bob.id).await.login.session_id;
        let which = [Ended::All, Ended::AllBut(mine), Ended::Only(mine)][which];
        for expected in [expected, 0] {
            let ended = sessions::end(&mut tx, &user, which, EndReason::Ended).await.unwrap();
            assert_eq!(ended, expected, "{which:?}");
        }
        let foreign = sessions::end(&mut tx, &user, Ended::Only(others), EndReason::Ended).await;
        assert_eq!(foreign.unwrap(), 0, "not the session of another account");
    }
}

#[tokio::test]
async fn every_end_is_an_event() {
    let (app, mut tx) = begin_empty().await;
    let user = insert(&mut tx, "ada@example.org", Role::User, true).await.unwrap();
    session(&mut tx, user.id).await;
    session(&mut tx, user.id).await;
    sessions::end(&mut tx, &user, Ended::All, EndReason::PasswordReset).await.unwrap();
    tx.commit().await.unwrap();
    let ended = events(&app).await.into_iter().filter(|subject| subject == "session.ended");
    assert_eq!(ended.count(), 2);
    let reason: String = value(&app, "select distinct ended_reason from sessions").await;
    assert_eq!(reason, "password_reset");
}

#[tokio::test]
async fn only_a_live_session_of_an_active_account_is_authorized() {
    let app = app().await;
    let actor = administrator(&app, "ada@example.org").await;
    let origin = Origin::default();
    let (mut tx, user) = sessions::begin(&app, &origin, actor).await.unwrap();
    assert_eq!(user.id, actor.user_id);
    let mut other = begin_impatient(&app).await;
    assert!(users::lock(&mut other, user.id).await.is_err(), "the account is locked");

    for session_id in [SessionId::new(), actor.session_id] {
        let refused = sessions::authorize(&mut tx, Actor { session_id, ..actor }).await;
        assert_eq!(refused.is_ok(), session_id == actor.session_id);
    }
    let bob = insert(&mut tx, "bob@example.org", Role::User, true).await.unwrap().id;
    let stolen = sessions::authorize(&mut tx, Actor { user_id: bob, ..actor }).await;
    assert_eq!(refusal(stolen), Refusal::SessionEnded);
    tx.sql().execute("update users set status = 'disabled'").await.unwrap();
    assert_eq!(refusal(sessions::authorize(&mut tx, actor).await), Refusal::SessionEnded);
    tx.sql().execute("update users set status = 'active'").await.unwrap();
    sessions::end(&mut tx, &user, Ended::All, EndReason::LoggedOut).await.unwrap();
    assert_eq!(refusal(sessions::authorize(&mut tx, actor).await), Refusal::SessionEnded);
    assert!(sessions::exists(&mut tx, actor.session_id, user.id).await.unwrap());
    assert!(!sessions::exists(&mut tx, actor.session_id, bob).await.unwrap());
}
