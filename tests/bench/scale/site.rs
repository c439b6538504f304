//! A world with many accounts.

use std::time::Instant;

use keyward_tests::{Account, Options, Tokens, World, until};

use crate::fill::fill;

/// Number of sessions that refresh.
const SESSIONS: usize = 16;

/// A world with many accounts, and the sessions that send requests to it.
pub(crate) struct Site {
    pub(crate) world: World,
    pub(crate) accounts: u64,
    administrator: Account,
    person: Account,
    /// The access token of an administrator.
    pub(crate) admin: String,
    /// Sessions of one user.
    pub(crate) sessions: Vec<Tokens>,
    pub(crate) webhook: String,
    pub(crate) event: String,
    pub(crate) job: String,
    /// The path of a page far behind the first one, for each list.
    pub(crate) far_users: String,
    pub(crate) far_events: String,
}

impl Site {
    pub(crate) async fn new(accounts: u64) -> Self {
        let began_at = Instant::now();
        let mut world = World::with(Options::operated().without_worker()).await;
        let administrator = world.register("admin").await;
        world.sql("update users set email_verified_at = now(), role = 'admin'").await;
        let person = world.register("person").await;
        world.sql("update users set email_verified_at = now()").await;
        fill(&world, accounts).await;
        let one = async |statement: &str| -> String {
            let statement = sqlx::AssertSqlSafe(statement.to_owned());
            sqlx::query_scalar(statement).fetch_one(&world.db).await.unwrap()
        };
        let webhook = one("select webhook_id::text from webhooks limit 1").await;
        let event =
            one("select event_id::text from outbox order by event_id offset 1000 limit 1").await;
        let job = one("select id from apalis.jobs order by id offset 1000 limit 1").await;
        let admin = world.log_in(&administrator).await.access;
        let far_users = far(&world, &admin, "/v1/users?limit=100").await;
        let far_events = far(&world, &admin, "/v1/events?limit=100").await;
        world.start_worker().await;
        let known = async || world.look("/").await.text.contains("data-sentence").then_some(());
        until("there is a snapshot", known).await;
        println!("{accounts} accounts, filled in {:.0} s", began_at.elapsed().as_secs_f64());
        let sessions = Vec::new();
        Self {
            world,
            accounts,
            administrator,
            person,
            admin,
            sessions,
            webhook,
            event,
            job,
            far_users,
            far_events,
        }
    }

    /// Begins the sessions of a row. Those of the rows before may have expired.
    pub(crate) async fn log_in(&mut self) {
        self.admin = self.world.log_in(&self.administrator).await.access;
        self.sessions.clear();
        for _ in 0..SESSIONS {
            self.sessions.push(self.world.log_in(&self.person).await);
        }
    }

    /// The number of an active account, another one for each `nth`, all over the table.
    pub(crate) fn number(&self, nth: u64) -> u64 {
        let number = 1 + nth.wrapping_mul(0x9e37_79b9_7f4a_7c15) % self.accounts;
        if number.is_multiple_of(50) { number - 1 } else { number }
    }

    /// The id of an account.
    pub(crate) fn user(&self, nth: u64) -> String {
        user(self.number(nth))
    }

    /// The id of an account that no other row uses.
    pub(crate) fn user_to_delete(&self, nth: u64) -> String {
        user(self.number(nth) / 100 * 100 + 50)
    }

    /// The address of an account.
    pub(crate) fn email(&self, nth: u64) -> String {
        format!("person-{}@example.org", self.number(nth))
    }
}

fn user(number: u64) -> String {
    format!("019a0000-0000-7000-8000-{number:012}")
}

/// The path of the twentieth page of a list.
async fn far(world: &World, token: &str, path: &str) -> String {
    let mut path = path.to_owned();
    for _ in 0..20 {
        path = world.get_as(token, &path).await.expect(200).next_page().to_owned();
    }
    path
}
