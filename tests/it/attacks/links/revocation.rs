use std::time::Duration;

use keyward_tests::World;
use serde_json::json;

use super::{FRESH, Kind, Mailed};

const MINUTE: Duration = Duration::from_secs(60);

/// One link of each of these kinds, each for its own account.
async fn mailed(world: &World, kinds: &[Kind]) -> Vec<Mailed> {
    let mut links = Vec::new();
    for (nth, kind) in kinds.iter().enumerate() {
        links.push(kind.mailed(world, &format!("ada{nth}")).await);
    }
    links
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_link_has_its_own_lifetime() {
    for kind in Kind::ALL {
        let world = World::new().await;
        let [good, late] = [kind.mailed(&world, "ada").await, kind.mailed(&world, "bob").await];

        world.clock.advance(kind.life() - MINUTE);
        good.works(&world).await;
        world.clock.advance(MINUTE);

        late.is_dead(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn new_request_revokes_older_links() {
    let world = World::new().await;

    // Undo links stay: otherwise an attacker could revoke them with another request.
    for (nth, kind) in [Kind::Verify, Kind::Reset, Kind::ConfirmChange].into_iter().enumerate() {
        let old = kind.mailed(&world, &format!("ada{nth}")).await;
        let token = kind.again(&world, &old.account).await;
        assert_ne!(token, old.token);

        old.is_dead(&world).await;
        Mailed { token, ..old }.works(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn new_request_keeps_undo_links() {
    let world = World::new().await;
    let old = Kind::UndoChange.mailed(&world, "ada").await;

    Kind::UndoChange.again(&world, &old.account).await;

    old.works(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_requests_leave_one_link() {
    let world = World::with(keyward_tests::Options::burst()).await;
    let ada = world.account("ada").await;
    let body = |_| json!({"email": ada.email});

    let replies = world.post_at_once(20, "/v1/password-resets", body).await;

    assert!(replies.iter().all(|reply| reply.status == 202));
    world.settle().await;
    let open = "links where purpose = 'reset_password' and used_at is null and revoked_at is null";
    assert_eq!(world.count(open).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn password_change_revokes_links_except_undo_links() {
    let world = World::new().await;
    let links = mailed(&world, &[Kind::Reset, Kind::ConfirmChange, Kind::UndoChange]).await;

    for link in links {
        let access = world.log_in(&link.account).await.access;
        world.change_password(&access, &link.account.password, FRESH).await.expect(204);
        match link.kind {
            Kind::UndoChange => link.works(&world).await,
            _ => link.is_dead(&world).await,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn password_reset_revokes_links_except_undo_links() {
    let world = World::new().await;
    let links = mailed(&world, &[Kind::Verify, Kind::ConfirmChange, Kind::UndoChange]).await;

    for link in links {
        let token = world.reset_token(&link.account.email).await;
        let body = json!({"token": token, "password": FRESH});
        world.post(Kind::Reset.path(), body).await.expect(204);
        match link.kind {
            Kind::UndoChange => link.works(&world).await,
            _ => link.is_dead(&world).await,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn email_change_revokes_links() {
    let world = World::new().await;
    let reset = Kind::Reset.mailed(&world, "ada").await;
    let token = Kind::ConfirmChange.again(&world, &reset.account).await;
    let change = Mailed { kind: Kind::ConfirmChange, token, account: reset.account.clone() };

    change.works(&world).await;

    reset.is_dead(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn undoing_an_email_change_revokes_links() {
    let world = World::new().await;
    let reset = Kind::Reset.mailed(&world, "ada").await;
    let token = Kind::UndoChange.again(&world, &reset.account).await;
    let undo = Mailed { kind: Kind::UndoChange, token, account: reset.account.clone() };
    let token = world.link_token("new.ada@example.org", Kind::ConfirmChange.page()).await;
    let confirm = Mailed { kind: Kind::ConfirmChange, token, account: reset.account.clone() };

    undo.works(&world).await;

    reset.is_dead(&world).await;
    confirm.is_dead(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn links_of_a_disabled_account_are_invalid() {
    let world = World::new().await;

    for link in mailed(&world, &Kind::ALL).await {
        world.disable(&link.account).await;
        link.is_dead(&world).await;
    }

    world.settle().await;
    let notices = world.mail.messages().into_iter().filter(|mail| mail.subject.contains("changed"));
    assert_eq!(notices.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn links_of_a_deleted_account_are_invalid() {
    let world = World::new().await;
    let unverified = Kind::Verify.mailed(&world, "ada").await;
    let verified = [Kind::Reset, Kind::ConfirmChange, Kind::UndoChange];
    let mut links = Vec::new();

    for kind in verified {
        let link = kind.mailed(&world, &format!("{kind:?}").to_lowercase()).await;
        let access = world.log_in(&link.account).await.access;
        world.delete_account(&access, &link.account).await.expect(204);
        links.push(link);
    }
    for link in links {
        link.is_dead(&world).await;
    }

    world.sql("delete from users").await;
    unverified.is_dead(&world).await;
}
