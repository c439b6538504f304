//! The rows of the table.

use std::time::{Duration, Instant};

use keyward_tests::{Reply, Tokens, World, registration, until};
use keyward_worker::ops::{maintenance, snapshot::QueueSnapshot};
use reqwest::Method;
use serde_json::json;

use crate::site::Site;

/// Added to the number of a sample: accounts without an earlier email of the same kind.
const ANOTHER: u64 = 1_000_000;

/// A row of the table: one request.
pub(crate) struct Probe {
    pub(crate) name: &'static str,
    what: What,
}

enum What {
    /// The path of a page that an administrator reads.
    Read(fn(&Site, u64) -> String),
    /// The path of a page of the board.
    Look(fn(&Site, u64) -> String),
    /// A request of a stranger, and its status.
    Post(&'static str, fn(&Site, u64) -> serde_json::Value, u16),
    /// The current user, read from the cache.
    Me,
    Rename,
    Refresh,
    EndSessions,
    Delete,
    /// From a request to the acceptance of its email: relay, consumer, queue and SMTP.
    Email,
    /// What the board knows of the queues.
    Snapshot,
    /// A round of maintenance that finds nothing old.
    Maintenance,
}

impl Probe {
    /// Every row.
    pub(crate) fn all() -> Vec<Self> {
        use What::{
            Delete, Email, EndSessions, Look, Maintenance, Me, Post, Read, Refresh, Rename,
            Snapshot,
        };
        [
            ("GET /v1/users/me", Me),
            ("GET /v1/users", Read(|_, _| "/v1/users?limit=100".into())),
            ("GET /v1/users, 20 pages on", Read(|site, _| site.far_users.clone())),
            (
                "GET /v1/users?query= of one account",
                Read(|site, nth| format!("/v1/users?query={}", site.email(nth))),
            ),
            ("GET /v1/users?query= of all accounts", Read(|_, _| "/v1/users?query=person".into())),
            (
                "GET /v1/users?query= of none",
                Read(|_, nth| format!("/v1/users?query=unknown{nth}")),
            ),
            ("GET /v1/users?role=admin", Read(|_, _| "/v1/users?role=admin".into())),
            ("GET /v1/users?status=disabled", Read(|_, _| "/v1/users?status=disabled".into())),
            ("GET /v1/users/{id}", Read(|site, nth| format!("/v1/users/{}", site.user(nth)))),
            (
                "GET /v1/users/{id}/mails",
                Read(|site, nth| format!("/v1/users/{}/mails", site.user(nth))),
            ),
            (
                "GET /v1/users/{id}/events",
                Read(|site, nth| format!("/v1/users/{}/events", site.user(nth))),
            ),
            ("GET /v1/sessions", Read(|_, _| "/v1/sessions".into())),
            ("GET /v1/events", Read(|_, _| "/v1/events?limit=100".into())),
            ("GET /v1/events, 20 pages on", Read(|site, _| site.far_events.clone())),
            ("GET /v1/events?type=", Read(|_, _| "/v1/events?type=user.registered".into())),
            ("GET /v1/events?type= of none", Read(|_, _| "/v1/events?type=user.deleted".into())),
            ("GET /v1/invitations", Read(|_, _| "/v1/invitations".into())),
            (
                "GET /v1/webhooks/{id}/deliveries",
                Read(|site, _| format!("/v1/webhooks/{}/deliveries", site.webhook)),
            ),
            ("POST /v1/sessions", Post("/v1/sessions", credentials, 201)),
            ("POST /v1/sessions, unknown address", Post("/v1/sessions", unknown, 401)),
            ("POST /v1/sessions/refresh", Refresh),
            (
                "POST /v1/users",
                Post("/v1/users", |_, nth| registration(&format!("new-{nth}@example.org")), 202),
            ),
            (
                "POST /v1/users, known address",
                Post("/v1/users", |site, nth| registration(&site.email(nth)), 202),
            ),
            ("POST /v1/password-resets", Post("/v1/password-resets", address, 202)),
            ("POST /v1/email-verifications", Post("/v1/email-verifications", address, 202)),
            ("PATCH /v1/users/me", Rename),
            ("DELETE /v1/users/{id}/sessions", EndSessions),
            ("DELETE /v1/users/{id}", Delete),
            ("a snapshot of the queues", Snapshot),
            ("maintenance", Maintenance),
            ("POST /v1/password-resets until its email is accepted", Email),
            ("board: overview", Look(|_, _| "/".into())),
            ("board: jobs completed", Look(|_, _| "/jobs?state=completed".into())),
            ("board: jobs dead", Look(|_, _| "/jobs?state=dead".into())),
            ("board: jobs available", Look(|_, _| "/jobs?state=available".into())),
            ("board: jobs by event", Look(|site, _| format!("/jobs?q={}", site.event))),
            ("board: one job", Look(|site, _| format!("/jobs/{}", site.job))),
            ("board: trace by event", Look(|site, _| format!("/trace?q={}", site.event))),
            (
                "board: trace by request",
                Look(|site, nth| format!("/trace?q=request-{}", site.number(nth))),
            ),
            ("board: trace by user", Look(|site, nth| format!("/trace?q={}", site.user(nth)))),
            ("board: audit", Look(|_, _| "/audit".into())),
        ]
        .into_iter()
        .map(|(name, what)| Self { name, what })
        .collect()
    }

    /// Sends the request, checks the status, and returns how long it took.
    pub(crate) async fn run(&self, site: &mut Site, nth: u64) -> Duration {
        let began_at = Instant::now();
        let world = &site.world;
        match &self.what {
            What::Read(path) => world.get_as(&site.admin, &path(site, nth)).await.expect(200),
            What::Look(path) => world.look(&path(site, nth)).await.expect(200),
            What::Post(path, body, status) => {
                world.post(path, body(site, nth)).await.expect(*status)
            }
            What::Me => world.me(&session(site, nth).access).await.expect(200),
            What::Rename => {
                world.rename(&session(site, nth).access, &format!("Name {nth}")).await.expect(200)
            }
            What::Refresh => refresh(site, nth).await,
            What::EndSessions => {
                let path = format!("/v1/users/{}/sessions", site.user(nth));
                world.delete_as(&site.admin, &path).await.expect(204)
            }
            What::Delete => {
                let path = format!("/v1/users/{}", site.user_to_delete(nth));
                world.send(world.request(Method::DELETE, &path).bearer_auth(&site.admin)).await
            }
            What::Snapshot => {
                return QueueSnapshot::take(&world.app, &world.nats).await.unwrap().took;
            }
            What::Maintenance => {
                maintenance::run(&world.app).await.unwrap();
                return began_at.elapsed();
            }
            What::Email => {
                return reset_email(world, &site.email(nth + ANOTHER)).await;
            }
        };
        began_at.elapsed()
    }
}

/// Requests a reset. Returns the time until the relay accepted the email, by the ledger.
async fn reset_email(world: &World, email: &str) -> Duration {
    world.request_reset(email).await.expect(202);
    let took = async || {
        sqlx::query_scalar::<_, f64>(
            "select extract(epoch from updated_at - asked_at)::float8 from mails
             where user_id = (select user_id from users where email_key = $1)
                   and state = 'accepted' and asked_at > now() - interval '1 minute'",
        )
        .bind(email)
        .fetch_optional(&world.db)
        .await
        .unwrap()
    };
    Duration::from_secs_f64(until("the email is accepted", took).await)
}

fn session(site: &Site, nth: u64) -> &Tokens {
    let count = site.sessions.len() as u64;
    &site.sessions[usize::try_from(nth % count).unwrap()]
}

async fn refresh(site: &mut Site, nth: u64) -> Reply {
    let reply = site.world.refresh(&session(site, nth).refresh).await.expect(200);
    let place = usize::try_from(nth).unwrap() % site.sessions.len();
    site.sessions[place] = Tokens::of(&reply);
    reply
}

fn credentials(site: &Site, nth: u64) -> serde_json::Value {
    json!({"email": site.email(nth), "password": "the passphrase of number 6"})
}

fn unknown(_: &Site, nth: u64) -> serde_json::Value {
    json!({"email": format!("unknown-{nth}@example.org"), "password": "the passphrase of number 6"})
}

fn address(site: &Site, nth: u64) -> serde_json::Value {
    json!({"email": site.email(nth)})
}
