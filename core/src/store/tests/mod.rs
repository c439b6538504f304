//! Tests of the store's functions against a real Postgres, one file per module. Each test has a
//! database of its own.

#![expect(clippy::disallowed_methods, reason = "tests read rows with SQL of their own")]

mod account_deletion;
mod administrators;
mod avatars;
mod blobs;
mod email_changes;
mod invitations;
mod link_codes;
mod links;
mod mails;
mod sessions;
mod users;
mod webhooks;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::Duration;
use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, PgConnection, PgPool, Postgres, Type, decode,
    migrate::Migrator,
};

use super::{
    sessions::Session,
    users::{LockedUser, NewUser},
};
use crate::{
    App, Error, Refusal, Result,
    app::{Actor, Tx},
    domain::{DisplayName, EmailAddress, Role, UserId},
    infra::{clock::Clock, passwords::PasswordHash},
    languages::Locale,
    origin::Origin,
    settings::Settings,
};

static MIGRATIONS: Migrator = sqlx::migrate!("../migrations/sql");

/// An app with an empty database of its own, on the server that `make test` starts. Redis is
/// unreachable.
///
/// # Panics
///
/// If `KEYWARD_TEST_DATABASE_URL` is not set: the tests need Postgres.
async fn app() -> App {
    let server = std::env::var("KEYWARD_TEST_DATABASE_URL").expect(
        "KEYWARD_TEST_DATABASE_URL is not set: run `make test`, or put `keyward-stack run --` \
         before your command",
    );
    let name = format!("store_{}", uuid::Uuid::now_v7().simple());
    let mut admin = PgConnection::connect(&server).await.unwrap();
    admin.execute(AssertSqlSafe(format!("create database {name}"))).await.unwrap();
    admin.close().await.unwrap();
    let mut url: url::Url = server.parse().unwrap();
    url.set_path(&name);
    let pool = PgPool::connect(url.as_str()).await.unwrap();
    MIGRATIONS.run(&pool).await.unwrap();
    pool.close().await;

    let key = |first: u8| STANDARD.encode((first..first + 32).collect::<Vec<u8>>());
    let settings = Settings::from_env(|name| {
        Some(match name {
            "DATABASE_URL" => url.to_string(),
            "REDIS_URL" => "redis://127.0.0.1:1".into(),
            "NATS_URL" => "nats://127.0.0.1:1".into(),
            "SMTP_URL" => "smtp://127.0.0.1:1".into(),
            "BLOB_URL" => format!("file:{}", std::env::temp_dir().display()),
            "RATE_LIMIT_ENABLED" => "false".into(),
            "LINK_KEY" => key(1),
            "SESSION_KEY" => key(2),
            "SIGNING_KEYS" => key(3),
            "WEBHOOK_KEY" => key(4),
            "OPS_OPERATORS" => "ada:the long password of ada".into(),
            "OPS_VIEWERS" => "the long password".into(),
            _ => return None,
        })
    });
    App::new(settings.unwrap(), Clock::default()).unwrap()
}

async fn begin(app: &App) -> Tx {
    app.begin(&Origin::default()).await.unwrap()
}

/// An app with an empty database of its own, and a unit of work in it.
async fn begin_empty() -> (App, Tx) {
    let app = app().await;
    let tx = begin(&app).await;
    (app, tx)
}

/// A unit of work whose statements fail if they wait for a lock.
async fn begin_impatient(app: &App) -> Tx {
    let mut tx = begin(app).await;
    tx.sql().execute("set local lock_timeout = '200ms'").await.unwrap();
    tx
}

/// The single value that a statement returns.
async fn value<T>(app: &App, sql: &'static str) -> T
where
    T: for<'r> decode::Decode<'r, Postgres> + Type<Postgres> + Send + Unpin,
{
    sqlx::query_scalar(sql).fetch_one(&app.write).await.unwrap()
}

async fn run(app: &App, sql: &'static str) {
    app.write.execute(sql).await.unwrap();
}

/// The types of all events, in order.
async fn events(app: &App) -> Vec<String> {
    sqlx::query_scalar("select subject from outbox order by position")
        .fetch_all(&app.write)
        .await
        .unwrap()
}

#[track_caller]
fn refusal<T>(result: Result<T>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("not refused"),
    }
}

fn email(address: &str) -> EmailAddress {
    EmailAddress::parse(address).unwrap()
}

fn hash(text: &str) -> PasswordHash {
    PasswordHash(text.into())
}

/// Inserts an account with the password hash `hash`.
async fn insert(tx: &mut Tx, address: &str, role: Role, verified: bool) -> Option<LockedUser> {
    let user = NewUser {
        email: &email(address),
        display_name: &DisplayName::parse("Ada").unwrap(),
        locale: Locale::ENGLISH,
        password_hash: Some(&hash("hash")),
        role,
        verified_at: verified.then_some(tx.now),
    };
    super::users::insert(tx, user).await.unwrap()
}

/// Commits a verified account.
async fn user(app: &App, address: &str) -> UserId {
    let mut tx = begin(app).await;
    let user = insert(&mut tx, address, Role::User, true).await.unwrap();
    tx.commit().await.unwrap();
    user.id
}

/// Commits an administrator with a session.
async fn administrator(app: &App, address: &str) -> Actor {
    let mut tx = begin(app).await;
    let user_id = insert(&mut tx, address, Role::Admin, true).await.unwrap().id;
    let session_id = session(&mut tx, user_id).await.login.session_id;
    tx.commit().await.unwrap();
    Actor { user_id, session_id }
}

/// Starts a session of an account with the password hash `hash`.
async fn session(tx: &mut Tx, owner: UserId) -> Session {
    let expires_at = tx.now + Duration::days(1);
    super::sessions::start(tx, owner, &hash("hash"), expires_at).await.unwrap().unwrap()
}
