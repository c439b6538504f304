use super::*;
use crate::{
    domain::{EmailChangeId, LinkId, LinkProof, Purpose, SessionId, Status},
    store::{
        email_changes,
        links::{self, Revoked},
        users::{self, UserPatch},
    },
};

async fn is_open(tx: &mut Tx, link: LinkId) -> bool {
    sqlx::query_scalar(
        "select used_at is null and revoked_at is null from links where link_id = $1",
    )
    .bind(link.0)
    .fetch_one(tx.sql())
    .await
    .unwrap()
}

async fn issue(tx: &mut Tx, purpose: Purpose, owner: UserId) -> LinkId {
    links::issue(tx, purpose, Some(owner), None).await.unwrap()
}

/// Issues a link that undoes a change, and returns the change.
async fn issue_undo(tx: &mut Tx, owner: UserId) -> (LinkId, EmailChangeId) {
    let new = email("new@example.org");
    let change = email_changes::insert(tx, owner, SessionId::new(), &new).await.unwrap();
    let purpose = Purpose::UndoEmailChange;
    (links::issue(tx, purpose, Some(owner), Some(change)).await.unwrap(), change)
}

#[tokio::test]
async fn a_link_revokes_older_ones_of_its_purpose_only() {
    let app = app().await;
    let owner = user(&app, "ada@example.org").await;
    let mut tx = begin(&app).await;
    let old = issue(&mut tx, Purpose::ResetPassword, owner).await;
    let verification = issue(&mut tx, Purpose::VerifyEmail, owner).await;
    let new = issue(&mut tx, Purpose::ResetPassword, owner).await;
    for (link, expected) in [(old, false), (verification, true), (new, true)] {
        assert_eq!(is_open(&mut tx, link).await, expected);
    }
    let (first, _) = issue_undo(&mut tx, owner).await;
    issue_undo(&mut tx, owner).await;
    assert!(is_open(&mut tx, first).await, "a stolen session cannot revoke it");
}

#[tokio::test]
async fn revocation_spares_the_links_it_should() {
    let app = app().await;
    let owner = user(&app, "ada@example.org").await;
    let other = user(&app, "bob@example.org").await;
    for (which, expected) in [
        (Revoked::All, [false, false, false, false]),
        (Revoked::Of(Purpose::ResetPassword), [false, true, true, true]),
        (Revoked::AllButUndo, [false, false, true, true]),
        (Revoked::AllButUndoBefore(0), [false, false, true, false]),
    ] {
        let mut tx = begin(&app).await;
        let reset = issue(&mut tx, Purpose::ResetPassword, owner).await;
        let verification = issue(&mut tx, Purpose::VerifyEmail, owner).await;
        let of_other = issue(&mut tx, Purpose::ResetPassword, other).await;
        let (earlier, _) = issue_undo(&mut tx, owner).await;
        let (later, _) = issue_undo(&mut tx, owner).await;
        let which = match which {
            Revoked::AllButUndoBefore(_) => {
                let change = email_changes::of_link(&mut tx, later).await.unwrap();
                Revoked::AllButUndoBefore(change.position)
            }
            which => which,
        };
        links::revoke(&mut tx, Some(owner), which).await.unwrap();
        for (link, expected) in [reset, verification, earlier, later].into_iter().zip(expected) {
            assert_eq!(is_open(&mut tx, link).await, expected, "{which:?}");
        }
        assert!(is_open(&mut tx, of_other).await, "{which:?}");
    }
}

#[tokio::test]
async fn one_link_is_revoked_alone() {
    let (_, mut tx) = begin_empty().await;
    let purpose = Purpose::AcceptInvitation;
    let one = links::issue(&mut tx, purpose, None, None).await.unwrap();
    let other = links::issue(&mut tx, purpose, None, None).await.unwrap();
    links::revoke_one(&mut tx, one).await.unwrap();
    assert!(!is_open(&mut tx, one).await);
    assert!(is_open(&mut tx, other).await);
}

#[tokio::test]
async fn one_of_many_concurrent_callers_redeems_a_link() {
    let app = app().await;
    let owner = user(&app, "ada@example.org").await;
    let mut tx = begin(&app).await;
    let link = issue(&mut tx, Purpose::ResetPassword, owner).await;
    tx.commit().await.unwrap();

    let redeem = async || {
        let origin = Origin::default();
        let redeemed = links::redeem(&app, &origin, Purpose::ResetPassword, link).await;
        match redeemed {
            Ok((tx, user)) => {
                assert_eq!(user.id, owner);
                tx.commit().await.unwrap();
                true
            }
            refused => {
                assert_eq!(refusal(refused), Refusal::LinkInvalid);
                false
            }
        }
    };
    let results = tokio::join!(redeem(), redeem(), redeem(), redeem(), redeem());
    let results: [bool; 5] = results.into();
    assert_eq!(results.into_iter().filter(|redeemed| *redeemed).count(), 1);
}

#[tokio::test]
async fn a_link_that_is_not_committed_stays_usable() {
    let app = app().await;
    let owner = user(&app, "ada@example.org").await;
    let mut tx = begin(&app).await;
    let link = issue(&mut tx, Purpose::VerifyEmail, owner).await;
    tx.commit().await.unwrap();
    let (origin, purpose) = (Origin::default(), Purpose::VerifyEmail);
    let proof = LinkProof::Token(app.links.token(purpose, link).expose().to_owned());
    for _ in 0..2 {
        let id = links::open(&app, &origin, purpose, &proof).await.unwrap();
        let found = links::owner(&app, &origin, purpose, id).await.unwrap();
        assert_eq!((id, found.id), (link, owner));
        drop(links::redeem(&app, &origin, purpose, id).await.unwrap());
    }
}

#[tokio::test]
async fn a_link_is_refused_after_its_end_and_for_another_purpose() {
    let app = app().await;
    let owner = user(&app, "ada@example.org").await;
    let mut tx = begin(&app).await;
    let link = issue(&mut tx, Purpose::VerifyEmail, owner).await;
    tx.commit().await.unwrap();
    let (origin, purpose) = (Origin::default(), Purpose::VerifyEmail);
    let proof = LinkProof::Token(app.links.token(purpose, link).expose().to_owned());
    let wrong = links::open(&app, &origin, Purpose::ResetPassword, &proof).await;
    assert_eq!(refusal(wrong), Refusal::LinkInvalid);
    let wrong = links::redeem(&app, &origin, Purpose::ResetPassword, link).await;
    assert_eq!(refusal(wrong), Refusal::LinkInvalid);
    let mut tx = begin(&app).await;
    let wrong = links::consume(&mut tx, Purpose::ResetPassword, link).await;
    assert_eq!(refusal(wrong), Refusal::LinkInvalid);

    run(&app, "update links set expires_at = now() - interval '1 minute'").await;
    let late = links::redeem(&app, &origin, purpose, link).await;
    assert_eq!(refusal(late), Refusal::LinkInvalid);
    let late = links::owner(&app, &origin, purpose, link).await;
    assert_eq!(refusal(late), Refusal::LinkInvalid);
}

#[tokio::test]
async fn a_link_of_a_disabled_account_or_of_no_account_is_refused() {
    let (app, mut tx) = begin_empty().await;
    let mut user = insert(&mut tx, "ada@example.org", Role::User, true).await.unwrap();
    let purpose = Purpose::ResetPassword;
    let link = issue(&mut tx, purpose, user.id).await;
    let dummy = links::issue(&mut tx, purpose, None, None).await.unwrap();
    let patch = UserPatch { status: Some(Status::Disabled), ..UserPatch::default() };
    users::update(&mut tx, &mut user, patch).await.unwrap();
    tx.commit().await.unwrap();
    for link in [link, dummy] {
        let refused = links::redeem(&app, &Origin::default(), purpose, link).await;
        assert_eq!(refusal(refused), Refusal::LinkInvalid);
    }
}

#[tokio::test]
async fn an_open_link_that_undoes_a_change_gets_a_new_lifetime() {
    let app = app().await;
    let owner = user(&app, "ada@example.org").await;
    let mut tx = begin(&app).await;
    let (link, change) = issue_undo(&mut tx, owner).await;
    tx.sql().execute("update links set expires_at = now() - interval '1 minute'").await.unwrap();
    assert_eq!(links::renew_undo(&mut tx, change).await.unwrap(), Some(link));
    links::consume(&mut tx, Purpose::UndoEmailChange, link).await.unwrap();
    assert_eq!(links::renew_undo(&mut tx, change).await.unwrap(), None, "it was used");
}
