use std::time::Duration;

use keyward_tests::{Account, Options, Reply, Timing, World};
use serde_json::json;
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
        status: u16,
        kinds: &[(&'static str, String)],
        send: impl AsyncFn(&World, String) -> Reply,
    ) {
        let mut nth = 0;
        let names: Vec<&str> = kinds.iter().map(|(name, _)| *name).collect();
        Timing::assert_alike(&names, Duration::from_secs(10), async |kind: usize| {
            nth += 1;
            // `*` makes an address that nobody has asked for before.
            let email = kinds[kind].1.replace('*', &nth.to_string());
            send(&self.world, email).await.expect(status);
        })
        .await;
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

/// An address that is another one each time: a login leaves nothing behind, all others do.
const NEW: &str = "nobody*@example.org";

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_a_refused_login_tells_nothing_about_an_address() {
    let people = People::new().await;

    let send = async |world: &World, email: String| {
        let body = json!({"email": email, "password": "the wrong passphrase"});
        world.post("/v1/sessions", body).await
    };
    people.ask(401, &people.kinds("nobody@example.org"), send).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_a_registration_tells_nothing_about_an_address() {
    let people = People::new().await;

    let send = async |world: &World, email: String| {
        let body =
            json!({"email": email, "password": "correct horse battery", "display_name": "Z"});
        world.post("/v1/users", body).await
    };
    people.ask(202, &people.kinds(NEW), send).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_a_reset_request_tells_nothing_about_an_address() {
    let people = People::new().await;

    let send = async |world: &World, email: String| {
        world.post("/v1/password-resets", json!({"email": email})).await
    };
    people.ask(202, &people.kinds(NEW), send).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_a_link_sent_again_tells_nothing_about_an_address() {
    let people = People::new().await;

    let send = async |world: &World, email: String| {
        world.post("/v1/email-verifications", json!({"email": email})).await
    };
    people.ask(202, &people.kinds(NEW), send).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_an_address_change_tells_nothing_about_the_new_address() {
    let people = People::new().await;
    let eve = people.world.register("evelyn").await;
    people
        .world
        .sql("update users set email_verified_at = now() where display_name = 'evelyn'")
        .await;
    let access = people.world.log_in(&eve).await.access;

    let send =
        async |world: &World, email: String| world.ask_for_address(&access, &eve, &email).await;
    people.ask(202, &people.kinds(NEW), send).await;
}
