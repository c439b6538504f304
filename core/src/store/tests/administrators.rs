use super::*;
use crate::{
    administrator::Administrator,
    store::{
        administrators,
        sessions::{self, Ended},
        users::{self, UserPatch},
    },
};

async fn begin_as(app: &App, by: Administrator) -> Result<Tx> {
    administrators::begin(app, &Origin::default(), by).await
}

async fn begin_on(app: &App, by: Administrator, id: UserId) -> Result<(Tx, LockedUser)> {
    administrators::begin_on(app, &Origin::default(), by, id).await
}

#[tokio::test]
async fn only_administrators_with_a_live_session_may_begin() {
    let app = app().await;
    let by = administrator(&app, "ada@example.org").await;
    assert!(begin_as(&app, Administrator::Session(by)).await.is_ok());
    assert!(begin_as(&app, Administrator::CommandLine).await.is_ok());

    let mut tx = begin(&app).await;
    let user_id = insert(&mut tx, "bob@example.org", Role::User, true).await.unwrap().id;
    let session_id = session(&mut tx, user_id).await.login.session_id;
    tx.commit().await.unwrap();
    let bob = Administrator::Session(Actor { user_id, session_id });
    assert_eq!(refusal(begin_as(&app, bob).await), Refusal::Forbidden);

    let mut tx = begin(&app).await;
    let ada = users::lock(&mut tx, by.user_id).await.unwrap().unwrap();
    let reason = crate::domain::EndReason::LoggedOut;
    sessions::end(&mut tx, &ada, Ended::All, reason).await.unwrap();
    tx.commit().await.unwrap();
    let refused = begin_as(&app, Administrator::Session(by)).await;
    assert_eq!(refusal(refused), Refusal::SessionEnded);
}

#[tokio::test]
async fn a_user_learns_nothing_about_the_target() {
    let (app, mut tx) = begin_empty().await;
    let user_id = insert(&mut tx, "bob@example.org", Role::User, true).await.unwrap().id;
    let session_id = session(&mut tx, user_id).await.login.session_id;
    tx.commit().await.unwrap();
    let bob = Administrator::Session(Actor { user_id, session_id });
    for target in [user_id, UserId::new()] {
        assert_eq!(refusal(begin_on(&app, bob, target).await), Refusal::Forbidden);
    }
}

#[tokio::test]
async fn an_unknown_target_is_refused_and_a_known_one_locked() {
    let app = app().await;
    let by = Administrator::Session(administrator(&app, "ada@example.org").await);
    assert_eq!(refusal(begin_on(&app, by, UserId::new()).await), Refusal::UserNotFound);

    let bob = user(&app, "bob@example.org").await;
    let (_tx, locked) = begin_on(&app, by, bob).await.unwrap();
    assert_eq!(locked.id, bob);
    let mut other = begin_impatient(&app).await;
    assert!(users::lock(&mut other, bob).await.is_err());
}

async fn demote(app: &App, by: Actor, target: UserId) -> Result<()> {
    let (mut tx, mut user) = begin_on(app, Administrator::Session(by), target).await?;
    let patch = UserPatch { role: Some(Role::User), ..UserPatch::default() };
    users::update(&mut tx, &mut user, patch).await?;
    administrators::require_one(&mut tx, Role::Admin).await?;
    tx.commit().await
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let app = app().await;
    let ada = administrator(&app, "ada@example.org").await;
    assert_eq!(refusal(demote(&app, ada, ada.user_id).await), Refusal::LastAdmin);

    let bob = administrator(&app, "bob@example.org").await;
    demote(&app, ada, bob.user_id).await.unwrap();
    assert_eq!(refusal(demote(&app, ada, ada.user_id).await), Refusal::LastAdmin);
}

#[tokio::test]
async fn one_of_two_administrators_who_demote_each_other_stays() {
    let app = app().await;
    let ada = administrator(&app, "ada@example.org").await;
    let bob = administrator(&app, "bob@example.org").await;
    let (one, other) = tokio::join!(demote(&app, ada, bob.user_id), demote(&app, bob, ada.user_id));
    assert_ne!(one.is_ok(), other.is_ok(), "{one:?} {other:?}");
    let left = "select count(*) from users where role = 'admin'";
    assert_eq!(value::<i64>(&app, left).await, 1);
}

#[tokio::test]
async fn an_unverified_administrator_does_not_count() {
    let (_, mut tx) = begin_empty().await;
    insert(&mut tx, "ada@example.org", Role::Admin, false).await.unwrap();
    let refused = administrators::require_one(&mut tx, Role::Admin).await;
    assert_eq!(refusal(refused), Refusal::LastAdmin);
    administrators::require_one(&mut tx, Role::User).await.unwrap();
}
