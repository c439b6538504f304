use async_nats::jetstream::{
    self,
    message::{PublishMessage, StreamMessage},
    stream::Stream,
};
use uuid::Uuid;

use crate::World;

/// A row of the email ledger.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct LedgerMail {
    pub mail_id: Uuid,
    pub state: String,
    pub attempts: i32,
    pub reply: Option<String>,
}

impl World {
    /// Waits until the newest email of a kind is in a state.
    pub async fn mail_in(&self, kind: &str, state: &str) -> LedgerMail {
        let what = format!("an email `{kind}` is `{state}`");
        let condition = async || {
            sqlx::query_as(
                "select mail_id, state, attempts, reply from mails
                 where kind = $1 and state = $2 order by mail_id desc limit 1",
            )
            .bind(kind)
            .bind(state)
            .fetch_optional(&self.db)
            .await
            .unwrap()
        };
        crate::until(&what, condition).await
    }

    /// Waits until a job of a kind is scheduled for a retry. Returns the number of its attempts and its
    /// delay in seconds.
    pub async fn postponed(&self, kind: &str) -> (i32, f64) {
        let condition = async || {
            sqlx::query_as(
                "select attempts, extract(epoch from run_at - failed_at)::float8
                 from apalis.jobs join job_attempts on job_id = id and attempt = attempts
                 where job_attempts.kind = $1 and status = 'Failed' order by position desc limit 1",
            )
            .bind(kind)
            .fetch_optional(&self.db)
            .await
            .unwrap()
        };
        crate::until(&format!("a job of `{kind}` is postponed"), condition).await
    }

    /// Waits until every event has become jobs and no job of a kind is open, and returns how they
    /// ended.
    pub async fn ended(&self, kind: &str) -> Vec<String> {
        let condition = async || {
            if self.pending_events().await > 0 {
                return None;
            }
            let jobs = self.jobs(kind).await;
            let ended = |status: &String| status == "Done" || status == "Killed";
            let all: Vec<String> = jobs.into_iter().map(|(status, ..)| status).collect();
            (!all.is_empty() && all.iter().all(ended)).then_some(all)
        };
        crate::until(&format!("the jobs of `{kind}` have ended"), condition).await
    }

    /// Inserts every job of a kind a second time, as if it had never run.
    pub async fn run_again(&self, kind: &str) {
        sqlx::query(
            "insert into apalis.jobs (id, job_type, job, status, attempts, max_attempts, run_at,
                                      priority, idempotency_key, metadata)
             select apalis.generate_ulid(), job_type, job, 'Pending', 0, max_attempts, now(), 0,
                    idempotency_key || ' again', slice(metadata, array['kind'])
             from apalis.jobs where coalesce(metadata -> 'kind', job_type) = $1",
        )
        .bind(kind)
        .execute(&self.db)
        .await
        .unwrap();
    }

    /// The event stream.
    pub async fn stream(&self) -> Stream {
        let name = format!("{}-events", self.name());
        jetstream::new(self.nats.clone()).get_stream(name).await.unwrap()
    }

    /// Every message of the stream, in order.
    pub async fn messages(&self) -> Vec<StreamMessage> {
        let stream = self.stream().await;
        let state = &stream.cached_info().state;
        let mut messages = Vec::new();
        for sequence in state.first_sequence..=state.last_sequence {
            messages.push(stream.get_raw_message(sequence).await.unwrap());
        }
        messages
    }

    /// Publishes a message with this id to the stream, bypassing the outbox.
    pub async fn publish(&self, subject: &str, id: &str, payload: impl Into<Vec<u8>>) {
        let message = PublishMessage::build().payload(payload.into().into()).message_id(id);
        let subject = format!("{}.events.{subject}", self.name());
        let sent = jetstream::new(self.nats.clone()).send_publish(subject, message).await;
        sent.unwrap().await.unwrap();
    }

    /// Waits until the worker has acknowledged every message of the stream.
    pub async fn consumed(&self) {
        let condition = async || {
            let stream = self.stream().await;
            let consumer = stream.consumer_info("worker").await.ok()?;
            let last = stream.cached_info().state.last_sequence;
            let is_done = consumer.num_pending == 0
                && consumer.num_ack_pending == 0
                && consumer.delivered.stream_sequence == last;
            is_done.then_some(())
        };
        crate::until("the worker has acknowledged every message", condition).await;
    }

    /// Messages that the worker could not read: subject and reason.
    pub async fn dead_letters(&self) -> Vec<(String, String)> {
        sqlx::query_as("select subject, reason from dead_letters order by dead_letter_id")
            .fetch_all(&self.db)
            .await
            .unwrap()
    }
}
