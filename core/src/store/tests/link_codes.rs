use super::*;
use crate::{
    administrator::Administrator,
    domain::{LinkCode, LinkId, LinkProof, MailKind, Purpose, SessionId},
    store::{Recipient, email_changes, invitations, links, mails},
};

const PURPOSE: Purpose = Purpose::VerifyEmail;
const ADA: &str = "ada@example.org";

/// Adds a link of an account and plans its email.
async fn mailed(app: &App, purpose: Purpose, owner: UserId) -> LinkId {
    let mut tx = begin(app).await;
    let link = links::add(&mut tx, purpose, Some(owner), None).await.unwrap();
    plan(&mut tx, link, Some(ADA)).await;
    tx.commit().await.unwrap();
    link
}

async fn plan(tx: &mut Tx, link: LinkId, to: Option<&str>) {
    let to = to.map(|email| Recipient { email, locale: "en" });
    mails::plan_at(tx, MailKind::Verification, None, to, Some(link)).await.unwrap();
}

async fn open(app: &App, purpose: Purpose, address: &str, code: LinkCode) -> Result<LinkId> {
    let proof = LinkProof::Code { email: email(address), code };
    links::open(app, &Origin::default(), purpose, &proof).await
}

/// Opens a link by its code.
async fn open_by_code(app: &App, purpose: Purpose, link: LinkId) -> Result<LinkId> {
    open(app, purpose, ADA, app.links.code(purpose, link)).await
}

/// A code that no link in these tests has.
fn wrong() -> LinkCode {
    LinkCode::parse("BBBB-BBBB").unwrap()
}

async fn tries(app: &App) -> i64 {
    value(app, "select sum(code_tries) from links").await
}

#[tokio::test]
async fn concurrent_wrong_tries_are_judged_five_times() {
    let app = app().await;
    let owner = user(&app, ADA).await;
    let link = mailed(&app, PURPOSE, owner).await;

    let guesses = (0..50).map(|_| open(&app, PURPOSE, ADA, wrong()));
    let results = futures_util::future::join_all(guesses).await;

    for result in results {
        assert_eq!(refusal(result), Refusal::LinkInvalid);
    }
    assert_eq!(tries(&app).await, 5);
    assert_eq!(refusal(open_by_code(&app, PURPOSE, link).await), Refusal::LinkInvalid);
    let token = LinkProof::Token(app.links.token(PURPOSE, link).expose().to_owned());
    let by_token = links::open(&app, &Origin::default(), PURPOSE, &token).await.unwrap();
    links::redeem(&app, &Origin::default(), PURPOSE, by_token).await.unwrap();
}

#[tokio::test]
async fn the_right_code_is_not_counted() {
    let app = app().await;
    let owner = user(&app, ADA).await;
    let link = mailed(&app, PURPOSE, owner).await;
    for _ in 0..4 {
        assert!(open(&app, PURPOSE, ADA, wrong()).await.is_err());
    }
    for _ in 0..3 {
        assert_eq!(open_by_code(&app, PURPOSE, link).await.unwrap(), link);
    }
    assert_eq!(tries(&app).await, 4);
}

#[tokio::test]
async fn the_codes_of_the_newest_open_links_work() {
    let app = app().await;
    let owner = user(&app, ADA).await;
    let mut all = Vec::new();
    for _ in 0..33 {
        all.push(mailed(&app, PURPOSE, owner).await);
    }
    for link in [all[32], all[16], all[1]] {
        assert_eq!(open_by_code(&app, PURPOSE, link).await.unwrap(), link);
    }
    assert_eq!(refusal(open_by_code(&app, PURPOSE, all[0]).await), Refusal::LinkInvalid);
}

#[tokio::test]
async fn a_code_fits_one_address_and_one_purpose() {
    let app = app().await;
    let owner = user(&app, ADA).await;
    user(&app, "bob@example.org").await;
    let link = mailed(&app, PURPOSE, owner).await;
    mailed(&app, Purpose::ResetPassword, owner).await;
    let code = || app.links.code(PURPOSE, link);
    for (purpose, address) in [
        (Purpose::ResetPassword, ADA),
        (PURPOSE, "bob@example.org"),
        (PURPOSE, "unknown@example.org"),
    ] {
        let refused = open(&app, purpose, address, code()).await;
        assert_eq!(refusal(refused), Refusal::LinkInvalid, "{address}");
    }
    assert_eq!(open(&app, PURPOSE, "ADA@Example.org", code()).await.unwrap(), link);
}

#[tokio::test]
async fn a_code_dies_with_its_link() {
    let app = app().await;
    let owner = user(&app, ADA).await;
    for sql in [
        "update links set used_at = now()",
        "update links set revoked_at = now()",
        "update links set expires_at = now() - interval '1 minute'",
        "delete from users",
    ] {
        let link = mailed(&app, PURPOSE, owner).await;
        run(&app, sql).await;
        assert_eq!(refusal(open_by_code(&app, PURPOSE, link).await), Refusal::LinkInvalid, "{sql}");
    }
    assert_eq!(value::<i64>(&app, "select count(*) from links").await, 0);
}

#[tokio::test]
async fn a_link_that_was_never_emailed_has_no_code() {
    let app = app().await;
    let owner = user(&app, ADA).await;
    let mut tx = begin(&app).await;
    let link = links::add(&mut tx, PURPOSE, Some(owner), None).await.unwrap();
    plan(&mut tx, link, None).await;
    tx.commit().await.unwrap();
    assert_eq!(refusal(open_by_code(&app, PURPOSE, link).await), Refusal::LinkInvalid);
    assert_eq!(tries(&app).await, 0);
}

#[tokio::test]
async fn codes_of_a_change_of_address_belong_to_the_address_they_were_sent_to() {
    let app = app().await;
    let owner = user(&app, ADA).await;
    let new = "new@example.org";
    let mut tx = begin(&app).await;
    let change = email_changes::insert(&mut tx, owner, SessionId::new(), &email(new)).await;
    let change = Some(change.unwrap());
    let mut links = Vec::new();
    for (purpose, to) in [(Purpose::ConfirmEmailChange, new), (Purpose::UndoEmailChange, ADA)] {
        let link = links::issue(&mut tx, purpose, Some(owner), change).await.unwrap();
        plan(&mut tx, link, Some(to)).await;
        links.push((purpose, to, link));
    }
    tx.commit().await.unwrap();
    for (purpose, to, link) in links {
        let other = if to == ADA { new } else { ADA };
        let code = || app.links.code(purpose, link);
        assert_eq!(refusal(open(&app, purpose, other, code()).await), Refusal::LinkInvalid);
        assert_eq!(open(&app, purpose, to, code()).await.unwrap(), link);
    }
}

#[tokio::test]
async fn the_code_of_an_invitation_belongs_to_the_invited_address() {
    let (app, mut tx) = begin_empty().await;
    let (purpose, bob) = (Purpose::AcceptInvitation, "bob@example.org");
    let link = links::issue(&mut tx, purpose, None, None).await.unwrap();
    let by = Administrator::CommandLine;
    invitations::insert(&mut tx, by, &email(bob), Role::User, link).await.unwrap();
    plan(&mut tx, link, Some(bob)).await;
    tx.commit().await.unwrap();
    let code = app.links.code(purpose, link);
    assert_eq!(open(&app, purpose, bob, code).await.unwrap(), link);
}
