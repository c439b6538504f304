//! Accounts that lose changes in known ways.

use keyward_tests::{Account, Tokens, token_in};
use reqwest::Method;
use serde_json::{Value, json};

use crate::actors::Actors;

/// More transactions than the restored database has lost.
const TRANSACTIONS: &str =
    "do $$ begin for n in 1..5000 loop perform pg_current_xact_id(); commit; end loop; end $$";

/// What the owners of the accounts hold.
pub(super) struct Witnesses {
    root: String,
    ada: Account,
    /// Ada's sessions: one that is refreshed, and one that is ended, after the backup.
    sessions: [Tokens; 2],
    bob: Account,
    /// Bob's link, which is used after the backup.
    reset_link: String,
    lost: Option<Lost>,
}

/// What they got after the backup.
struct Lost {
    refresh: String,
    carol: Account,
    carols: Tokens,
    confirmation_link: String,
    cursor: String,
}

impl Witnesses {
    pub(super) async fn of(actors: &Actors) -> Self {
        let cluster = &actors.cluster;
        let root = cluster.account("root").await;
        cluster.promote(&root).await;
        let (ada, bob) = (cluster.account("ada").await, cluster.account("bobby").await);
        let sessions = [log_in(actors, &ada).await, log_in(actors, &ada).await];
        cluster.post("/v1/password-resets", json!({"email": bob.email})).await.expect(202);
        let mail = cluster.nth_mail(&bob.email, "Reset", 1).await;
        let reset_link = cluster.token(&mail, "/reset-password");
        let root = cluster.log_in(&root).await.0;
        Self { root, ada, sessions, bob, reset_link, lost: None }
    }

    pub(super) async fn make_changes_that_are_lost(&mut self, actors: &Actors) {
        let cluster = &actors.cluster;
        let [refreshed, ended] = &self.sessions;
        for nth in 0..6 {
            rename(actors, &refreshed.access, nth, &format!("lost name {nth}")).await;
        }
        let mut refresh = refreshed.refresh.clone();
        for _ in 0..2 {
            let body = json!({"refresh_token": refresh});
            let reply = cluster.post("/v1/sessions/refresh", body).await.expect(200);
            refresh = Tokens::of(&reply).refresh;
        }
        cluster.log_out(&ended.access).await.expect(204);
        reset(actors, &self.reset_link).await;
        let carol = cluster.account("carol").await;
        let carols = log_in(actors, &carol).await;
        for url in actors.urls() {
            cluster.me_at(url, &carols.access).await.expect(200);
        }
        let mail = cluster.nth_mail(&carol.email, "Confirm", 1).await;
        let confirmation_link = token_in(&mail.text, "/verify-email#").unwrap();
        let cursor = self.end_of_the_log(actors).await;
        self.lost = Some(Lost { refresh, carol, carols, confirmation_link, cursor });
    }

    /// Nothing of the lost changes is served, no owner is locked out, and changes are seen at once.
    pub(super) async fn check(&self, actors: &Actors) {
        let cluster = &actors.cluster;
        let lost = self.lost.as_ref().unwrap();
        let [refreshed, ended] = &self.sessions;
        for url in actors.urls() {
            for session in &self.sessions {
                let me = cluster.me_at(url, &session.access).await.expect(200).json();
                assert_eq!(me["display_name"], "ada", "a name from before the backup");
            }
            let reply = cluster.me_at(url, &lost.carols.access).await;
            reply.expect_problem(401, "session_ended");
        }
        // As many as were lost, so that the versions are the same.
        for nth in 0..8 {
            rename(actors, &refreshed.access, nth, &format!("new name {nth}")).await;
        }
        cluster.log_out(&ended.access).await.expect(204);
        for url in actors.urls() {
            cluster.me_at(url, &ended.access).await.expect_problem(401, "session_ended");
        }

        let refresh = async |token: &str| {
            cluster.post("/v1/sessions/refresh", json!({"refresh_token": token})).await
        };
        // The database takes an older token for current, so the session ends.
        for token in [&lost.refresh, &refreshed.refresh] {
            refresh(token).await.expect_problem(401, "session_ended");
        }
        log_in(actors, &self.ada).await;
        refresh(&lost.carols.refresh).await.expect_problem(401, "session_ended");

        let new = self.bob.with_password(NEW_PASSWORD);
        cluster.try_log_in(&new).await.expect_problem(401, "bad_credentials");
        log_in(actors, &self.bob).await;
        reset(actors, &self.reset_link).await;
        log_in(actors, &new).await;

        cluster.try_log_in(&lost.carol).await.expect_problem(401, "bad_credentials");
        let body = json!({"token": lost.confirmation_link});
        let reply = cluster.post("/v1/email-verifications/confirm", body).await;
        reply.expect_problem(400, "link_invalid");
        cluster.register("carol").await;
        let mail = cluster.nth_mail(&lost.carol.email, "Confirm", 2).await;
        let body = json!({"token": cluster.token(&mail, "/verify-email")});
        cluster.post("/v1/email-verifications/confirm", body).await.expect(204);
        log_in(actors, &lost.carol).await;

        sqlx::query(TRANSACTIONS).execute(&cluster.db).await.unwrap();
        let reply = self.log(actors, &lost.cursor).await;
        reply.expect_problem(400, "cursor_expired");
        let alarms: i64 =
            sqlx::query_scalar("select count(*) from mails where kind = 'reuse_detected'")
                .fetch_one(&cluster.db)
                .await
                .unwrap();
        assert_eq!(alarms, 0, "a refresh token of a lost change is no alarm");
    }

    async fn log(&self, actors: &Actors, cursor: &str) -> keyward_tests::Reply {
        let path = format!("/v1/events?limit=100&cursor={cursor}");
        let path = path.trim_end_matches("&cursor=");
        actors.cluster.send_as(&self.root, Method::GET, path, Value::Null).await
    }

    async fn end_of_the_log(&self, actors: &Actors) -> String {
        let mut cursor = String::new();
        loop {
            let page = self.log(actors, &cursor).await.expect(200).json();
            page["next_cursor"].as_str().unwrap().clone_into(&mut cursor);
            if page["items"].as_array().unwrap().len() < 100 {
                return cursor;
            }
        }
    }
}

const NEW_PASSWORD: &str = "a passphrase after the backup";

async fn log_in(actors: &Actors, account: &Account) -> Tokens {
    Tokens::of(&actors.cluster.try_log_in(account).await.expect(201))
}

async fn reset(actors: &Actors, link: &str) {
    let body = json!({"token": link, "password": NEW_PASSWORD});
    actors.cluster.post("/v1/password-resets/confirm", body).await.expect(204);
}

/// Changes the name through one API; the other shows it at once.
async fn rename(actors: &Actors, token: &str, nth: usize, name: &str) {
    let [one, other] = [&actors.urls()[nth % 2], &actors.urls()[(nth + 1) % 2]];
    let request = actors.cluster.client.patch(format!("{one}/v1/users/me")).bearer_auth(token);
    let request = request.json(&json!({"display_name": name}));
    actors.cluster.send(request).await.expect(200);
    for url in [other, one] {
        let me = actors.cluster.me_at(url, token).await.expect(200).json();
        assert_eq!(me["display_name"], name);
    }
}
