use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::World;

impl World {
    /// Why a session ended, or `None` while it is active.
    pub async fn ended_reason(&self, session: Uuid) -> Option<String> {
        sqlx::query_scalar("select ended_reason from sessions where session_id = $1")
            .bind(session)
            .fetch_one(&self.db)
            .await
            .unwrap()
    }

    /// Waits until every event that is not parked has had its effect, and no job is open. Returns the
    /// subjects of all events so far, in order.
    pub async fn settle(&self) -> Vec<String> {
        let settled = async || {
            if self.pending_events().await > 0 {
                return None;
            }
            let open: i64 = sqlx::query_scalar(
                "select count(*) from apalis.jobs where status in ('Pending', 'Queued', 'Running')
                     or (status = 'Failed' and attempts < max_attempts)",
            )
            .fetch_one(&self.db)
            .await
            .unwrap();
            (open == 0).then_some(())
        };
        crate::until("every event has taken effect", settled).await;
        self.subjects().await
    }

    /// The number of events that have not become jobs, without parked ones.
    pub async fn pending_events(&self) -> i64 {
        self.count("outbox_pending where parked_by is null").await
    }

    /// The subjects of all events so far, in order.
    pub async fn subjects(&self) -> Vec<String> {
        sqlx::query_scalar("select subject from outbox order by position")
            .fetch_all(&self.db)
            .await
            .unwrap()
    }

    /// The envelopes of all events with a subject, in order.
    pub async fn envelopes(&self, subject: &str) -> Vec<Value> {
        sqlx::query_scalar(
            "select envelope::jsonb from outbox where subject = $1 order by position",
        )
        .bind(subject)
        .fetch_all(&self.db)
        .await
        .unwrap()
    }

    /// The jobs of a kind: status, attempts and due time.
    pub async fn jobs(&self, kind: &str) -> Vec<(String, i32, DateTime<Utc>)> {
        sqlx::query_as(
            "select status, attempts, run_at from apalis.jobs
             where coalesce(metadata -> 'kind', job_type) = $1 order by id",
        )
        .bind(kind)
        .fetch_all(&self.db)
        .await
        .unwrap()
    }

    /// Makes every scheduled retry due now.
    pub async fn retry_now(&self) {
        sqlx::query("update apalis.jobs set run_at = now() where status = 'Failed'")
            .execute(&self.db)
            .await
            .unwrap();
    }

    /// The ledger of emails: kind, state, attempts and SMTP reply.
    pub async fn ledger(&self) -> Vec<(String, String, i32, Option<String>)> {
        sqlx::query_as("select kind, state, attempts, reply from mails order by mail_id")
            .fetch_all(&self.db)
            .await
            .unwrap()
    }
}
