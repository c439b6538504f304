use std::time::Duration;

use keyward_tests::{Account, Options, Timing, World};
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard};

/// Measurements do not disturb each other.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Somebody of each kind, and nobody.
struct People {
    world: World,
    known: Account,
    unproven: Account,
    disabled: Account,
    _alone: MutexGuard<'static, ()>,
}

impl People {
    async fn new() -> Self {
        let alone = ALONE.lock().await;
        // No worker: what it does later does not disturb, and no limit is in the way.
        let options = Options::default().without_worker().set("RATE_LIMIT_ENABLED", false);
        let world = World::with(options).await;
        let (known, disabled) = (world.register("ada").await, world.register("daniel").await);
        world.sql("update users set email_verified_at = now()").await;
        world.disable(&disabled).await;
        let unproven = world.register("bobby").await;
        Self { world, known, unproven, disabled, _alone: alone }
    }

    /// Sends a request for one kind of address after another, and compares how long they took.
    async fn ask(
        &self,
        path: &str,
        status: u16,
        kinds: &[(&'static str, String)],
        body: fn(&str) -> Value,
    ) {
        let mut nth = 0;
        let names: Vec<&str> = kinds.iter().map(|(name, _)| *name).collect();
        let timing = Timing::measure(&names, Duration::from_secs(10), async |kind: usize| {
            nth += 1;
            // `*` makes an address that nobody has asked for before.
            let email = kinds[kind].1.replace('*', &nth.to_string());
            self.world.post(path, body(&email)).await.expect(status);
        })
        .await;
        timing.assert_alike();
    }

    fn kinds(&self, unknown: &str) -> Vec<(&'static str, String)> {
        vec![
            ("unknown", unknown.to_owned()),
            ("known", self.known.email.clone()),
            ("unproven", self.unproven.email.clone()),
            ("disabled", self.disabled.email.clone()),
        ]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_a_refused_login_tells_nothing_about_an_address() {
    let people = People::new().await;

    let body = |email: &str| json!({"email": email, "password": "the wrong passphrase"});
    people.ask("/v1/sessions", 401, &people.kinds("nobody@example.org"), body).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_a_registration_tells_nothing_about_an_address() {
    let people = People::new().await;

    let body = |email: &str| json!({"email": email, "password": "correct horse battery", "display_name": "Zoe"});
    people.ask("/v1/users", 202, &people.kinds("nobody*@example.org"), body).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_a_reset_request_tells_nothing_about_an_address() {
    let people = People::new().await;

    let body = |email: &str| json!({"email": email});
    people.ask("/v1/password-resets", 202, &people.kinds("nobody*@example.org"), body).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_a_link_sent_again_tells_nothing_about_an_address() {
    let people = People::new().await;

    let body = |email: &str| json!({"email": email});
    people.ask("/v1/email-verifications", 202, &people.kinds("nobody*@example.org"), body).await;
}
