use std::time::Duration;

use keyward_core::{commands::internal::RemoveExpired, origin::Origin};
use keyward_stack::mail_sink::Behaviour;
use keyward_tests::{Account, World};
use serde_json::json;

const GOODBYE: &str = "Your Keyward account was deleted";
const FORMER_GOODBYE: &str = "The Keyward account that had this address was deleted";

/// Every row in Postgres, as text.
async fn everything(world: &World) -> String {
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_schema || '.' || table_name from information_schema.tables
         where table_schema in ('public', 'apalis') and table_type = 'BASE TABLE'",
    )
    .fetch_all(&world.db)
    .await
    .unwrap();
    let mut dump = String::new();
    for table in tables {
        let rows = format!("select coalesce(string_agg(r::text, e'\\n'), '') from {table} r");
        let rows: String =
            sqlx::query_scalar(sqlx::AssertSqlSafe(rows)).fetch_one(&world.db).await.unwrap();
        dump.push_str(&format!("{table}\n{rows}\n"));
    }
    dump
}

/// The rows that hold a user's name, address, network or browser, as text or as hexadecimal `bytea`.
async fn traces(world: &World, who: &str) -> Vec<String> {
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let dump = everything(world).await.to_lowercase();
    let words = [who.to_lowercase(), hex(who), "127.0.0.1".into(), hex("127.0.0.1")];
    dump.lines()
        .filter(|line| words.iter().any(|word| line.contains(word)))
        .map(Into::into)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_ids_remain_of_a_deleted_account() {
    let world = World::new().await;
    let ada = world.account("adalovelace").await;
    let (session, other) = (world.log_in(&ada).await, world.log_in(&ada).await);
    world.me(&session.access).await.expect(200);
    world.reset_token(&ada.email).await;
    world.request_email_change(&session.access, &ada, "lovelace@example.org").await.expect(202);
    world.settle().await;
    assert!(!traces(&world, "lovelace").await.is_empty(), "the search finds existing data");

    let reply = world.delete_account(&session.access, &ada).await.expect(204);

    assert_eq!(reply.text, "");
    for session in [&session, &other] {
        world.me(&session.access).await.expect_problem(401, "session_ended");
        world.refresh(&session.refresh).await.expect_problem(401, "session_ended");
    }
    world.try_log_in(&ada).await.expect_problem(401, "bad_credentials");
    world.nth_mail(&ada.email, GOODBYE, 1).await;
    assert_eq!(world.settle().await.last().unwrap(), "user.deleted");
    world.mail_in("account_deleted", "accepted").await;
    assert_eq!(traces(&world, "lovelace").await, [""; 0]);
    for table in ["users", "sessions", "links", "email_changes"] {
        assert_eq!(world.count(table).await, 0, "{table}");
    }
    for message in world.messages().await {
        let text = String::from_utf8_lossy(&message.payload).to_lowercase();
        assert!(!text.contains("lovelace") && !text.contains("127.0.0.1"), "{text}");
    }
    let user_id = world.envelopes("user.deleted").await[0]["data"]["user_id"].clone();
    let cached = world.cached(format!("user:{}", user_id.as_str().unwrap())).await;
    assert!(!cached.unwrap_or_default().contains("lovelace"));
}

#[tokio::test(flavor = "multi_thread")]
async fn reused_address_inherits_nothing() {
    let world = World::new().await;
    let (ada, other) = (world.account("ada").await, world.account("other").await);
    let old = world.log_in(&ada).await;
    let old_id = world.user_id(&ada.email).await;
    world.promote(&ada).await;
    world.promote(&other).await;
    let reset = world.reset_token(&ada.email).await;
    world.delete_account(&old.access, &ada).await.expect(204);

    let ada = ada.with_password("a wholly new beginning");
    let body = json!({"email": ada.email, "password": ada.password, "display_name": "Someone"});
    world.post("/v1/users", body).await.expect(202);
    world.settle().await;
    let token = world.link_token(&ada.email, "/verify-email").await;
    world.confirm_email(&token).await.expect(204);

    let me = world.me(&world.log_in(&ada).await.access).await.json();
    assert_ne!(me["id"], json!(old_id));
    assert_eq!((&me["role"], &me["display_name"]), (&json!("user"), &json!("Someone")));
    world.me(&old.access).await.expect_problem(401, "session_ended");
    world.refresh(&old.refresh).await.expect_problem(401, "session_ended");
    world
        .confirm_reset(&reset, "the former owner was here")
        .await
        .expect_problem(400, "link_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_address_with_an_undo_link_gets_one_notice() {
    let world = World::new().await;
    let ada = world.account("adalovelace").await;
    let move_to = async |account: &Account, to: &str| {
        let access = world.log_in(account).await.access;
        world.request_email_change(&access, account, to).await.expect(202);
        let token = world.link_token(to, "/confirm-email").await;
        world.post("/v1/email-changes/confirm", json!({"token": token})).await.expect(204);
        (access, account.with_email(to))
    };
    let (_, attacker) = move_to(&ada, "thief.lovelace@example.org").await;
    let (_, back) = move_to(&attacker, &ada.email.to_uppercase()).await;
    let (_, attacker) = move_to(&back, "robber.lovelace@example.org").await;
    world.settle().await;
    world.mail.behave(Behaviour::reply("451 4.3.0 try later").to(&attacker.email));
    let (access, attacker) = move_to(&attacker, "den.lovelace@example.org").await;
    // The pending notice of the last change is deleted with the account.
    world.postponed("email-changed-email").await;
    world.mail.behave_well();

    world.delete_account(&access, &attacker).await.expect(204);
    world.retry_now().await;
    world.settle().await;

    let goodbyes = |email: &str| -> Vec<String> {
        let mails = world.mail.messages_to(email);
        let subjects = mails.iter().map(|mail| mail.subject.clone());
        subjects.filter(|subject| subject.contains("deleted")).collect()
    };
    assert_eq!(goodbyes("den.lovelace@example.org"), [GOODBYE]);
    let late = world.mail.messages_to("robber.lovelace@example.org");
    assert!(!late.iter().any(|mail| mail.subject.contains("was changed")), "the notice arrives");
    for former in ["thief.lovelace@example.org", "robber.lovelace@example.org"] {
        assert_eq!(goodbyes(former), [FORMER_GOODBYE]);
    }
    assert_eq!(goodbyes(&ada.email), [FORMER_GOODBYE], "one mailbox in any spelling");
    assert_eq!(traces(&world, "lovelace").await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn address_with_an_expired_undo_link_gets_no_notice() {
    let world = World::new().await;
    let (ada, access) = world.logged_in("ada").await;
    world.change_email(&access, &ada, "byron@example.org").await;
    let byron = ada.with_email("byron@example.org");
    world.clock.advance(Duration::from_secs(72 * 3_600));
    let access = world.log_in(&byron).await.access;

    world.delete_account(&access, &byron).await.expect(204);
    world.settle().await;

    assert_eq!(
        world.envelopes("user.deleted").await[0]["data"]["mail_ids"].as_array().unwrap().len(),
        1
    );
    world.nth_mail(&byron.email, GOODBYE, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_password_deletes_nothing() {
    let world = World::new().await;
    let (ada, access) = world.logged_in("ada").await;
    let wrong = ada.with_password("not the passphrase");

    world.delete_account(&access, &wrong).await.expect_problem(403, "wrong_password");
    let reply = world.delete_as(&access, "/v1/users/me").await;
    assert!(reply.status.is_client_error(), "{}", reply.text);

    world.me(&access).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_deletions_delete_once() {
    let world = World::new().await;
    let (ada, access) = world.logged_in("ada").await;

    let (one, two) = futures_util::future::join(
        world.delete_account(&access, &ada),
        world.delete_account(&access, &ada),
    )
    .await;

    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 401]);
    assert_eq!(world.envelopes("user.deleted").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_deletion_notice_leaves_no_address() {
    let world = World::new().await;
    let (ada, access) = world.logged_in("adalovelace").await;
    world.settle().await;
    world.mail.behave(Behaviour::reply("550 5.1.1 <adalovelace@example.org> is unknown").times(1));

    world.delete_account(&access, &ada).await.expect(204);

    let failed = world.mail_in("account_deleted", "failed").await;
    assert!(failed.reply.unwrap().contains("<[address]> is unknown"));
    assert_eq!(world.ended("account-deleted-email").await, ["Killed"]);
    assert_eq!(traces(&world, "lovelace").await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn emails_and_jobs_of_a_deleted_account_end_without_error() {
    let world = World::new().await;
    let (ada, access) = world.logged_in("ada").await;
    world.settle().await;
    world.mail.behave(Behaviour::reply("451 4.3.0 try later").times(1));
    world.request_reset(&ada.email).await.expect(202);
    world.postponed("password-reset-email").await;

    world.delete_account(&access, &ada).await.expect(204);
    world.retry_now().await;
    world.settle().await;

    assert_eq!(world.ended("password-reset-email").await, ["Done"]);
    let subjects: Vec<_> =
        world.mail.messages_to(&ada.email).iter().map(|mail| mail.subject.clone()).collect();
    assert_eq!(subjects.last().map(String::as_str), Some(GOODBYE));
    assert!(subjects.iter().all(|subject| !subject.contains("Reset")), "{subjects:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn undeliverable_deletion_notice_expires_after_two_days() {
    let world = World::new().await;
    let (ada, access) = world.logged_in("adalovelace").await;
    world.settle().await;
    world.mail.behave(Behaviour::reply("451 4.3.0 try later"));
    world.delete_account(&access, &ada).await.expect(204);
    world.postponed("account-deleted-email").await;
    assert!(!traces(&world, "lovelace").await.is_empty(), "the notice is still retried");

    world.clock.advance(Duration::from_secs(49 * 3_600));
    world.app.execute(RemoveExpired, &Origin::default()).await.unwrap();
    world.retry_now().await;

    assert_eq!(world.ended("account-deleted-email").await, ["Done"]);
    assert_eq!(world.count("mails where kind = 'account_deleted'").await, 0);
    assert_eq!(traces(&world, "lovelace").await, [""; 0]);
}
