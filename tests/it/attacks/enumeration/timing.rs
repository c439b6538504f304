use std::time::Duration;

use keyward_tests::{Account, Options, Reply, Timing, World, registration};
use serde_json::json;

/// An address of each kind, and one without an account.
struct People {
    world: World,
    known: Account,
    unverified: Account,
    disabled: Account,
}

impl People {
    async fn new() -> Self {
        // Neither a worker nor limits disturb the measurement.
        let options = Options::default().without_worker().set("RATE_LIMIT_ENABLED", false);
        let world = World::with(options).await;
        let (known, disabled) = (world.register("ada").await, world.register("daniel").await);
        world.sql("update users set email_verified_at = now()").await;
        world.disable(&disabled).await;
        let unverified = world.register("bobby").await;
        Self { world, known, unverified, disabled }
    }

    /// Sends requests for each kind of address in turn and compares how long they take.
    async fn ask(
        &self,
        status: u16,
        kinds: &[(&'static str, String)],
        send: impl AsyncFn(&World, String) -> Reply,
    ) {
        let mut nth = 0;
        let names: Vec<&str> = kinds.iter().map(|(name, _)| *name).collect();
        Timing::assert_alike(&names, Duration::from_secs(10), async |kind: usize| {
            nth += 1;
            // `*` makes an address that no earlier request used.
            let email = kinds[kind].1.replace('*', &nth.to_string());
            send(&self.world, email).await.expect(status);
        })
        .await;
    }

    fn kinds(&self, unknown: &str) -> Vec<(&'static str, String)> {
        vec![
            ("unknown", unknown.to_owned()),
            ("known", self.known.email.clone()),
            ("unverified", self.unverified.email.clone()),
            ("disabled", self.disabled.email.clone()),
        ]
    }
}

/// A new address for each request: unlike a login, these requests leave rows.
const NEW: &str = "unknown*@example.org";

#[tokio::test(flavor = "multi_thread")]
async fn login_time_reveals_nothing_about_an_address() {
    let people = People::new().await;

    let send = async |world: &World, email: String| {
        let body = json!({"email": email, "password": "the wrong passphrase"});
        world.post("/v1/sessions", body).await
    };
    people.ask(401, &people.kinds("unknown@example.org"), send).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn registration_time_reveals_nothing_about_an_address() {
    let people = People::new().await;

    let send = async |world: &World, email: String| {
        let body = registration(&email);
        world.post("/v1/users", body).await
    };
    people.ask(202, &people.kinds(NEW), send).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reset_request_time_reveals_nothing_about_an_address() {
    let people = People::new().await;

    let send = async |world: &World, email: String| world.request_reset(&email).await;
    people.ask(202, &people.kinds(NEW), send).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn resend_time_reveals_nothing_about_an_address() {
    let people = People::new().await;

    let send = async |world: &World, email: String| {
        world.post("/v1/email-verifications", json!({"email": email})).await
    };
    people.ask(202, &people.kinds(NEW), send).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn email_change_time_reveals_nothing_about_an_address() {
    let people = People::new().await;
    let eve = people.world.register("evelyn").await;
    people
        .world
        .sql("update users set email_verified_at = now() where display_name = 'evelyn'")
        .await;
    let access = people.world.log_in(&eve).await.access;

    let send = async |world: &World, email: String| {
        world.request_email_change(&access, &eve, &email).await
    };
    people.ask(202, &people.kinds(NEW), send).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn time_of_a_wrong_code_reveals_nothing_about_an_address() {
    let People { world, known, unverified, .. } = People::new().await;
    let (open, used_up) = (world.register("clara").await, world.register("edward").await);
    for account in [&open, &used_up] {
        world.request_reset(&account.email).await.expect(202);
    }
    let kinds = [
        ("unknown", "unknown@example.org"),
        ("no code", known.email.as_str()),
        ("unverified", unverified.email.as_str()),
        ("wrong", open.email.as_str()),
        ("used up", used_up.email.as_str()),
    ];
    // Before every request, so that all have the same tries left.
    let tries = "update links set code_tries = case user_id when
                   (select user_id from users where display_name = 'clara') then 0 else 5 end";

    Timing::assert_alike(
        &kinds.map(|(name, _)| name),
        Duration::from_secs(10),
        async |kind: usize| {
            world.sql(tries).await;
            let reply =
                world.confirm_reset_by_code(kinds[kind].1, "BBBB-BBBB", "a new passphrase").await;
            reply.expect(400);
        },
    )
    .await;
}
