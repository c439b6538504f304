//! `/metrics`. What waits (outbox, stream, queues, mails) is asked of Postgres and NATS when somebody
//! looks, and not again for a few seconds, however often somebody looks.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_nats::jetstream;
use keyward_core::{
    App,
    metrics::{Metrics, QueueState, Snapshot},
};
use poem::{
    Endpoint, EndpointExt as _, Request, Response, get, handler,
    http::{StatusCode, header},
    web::Data,
};
use tokio::{sync::Mutex, time::timeout};

use crate::{jobs::Job, queue, stream};

/// How long an answer is good enough.
const GOOD_FOR: Duration = Duration::from_secs(5);
/// How long Postgres and NATS may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Looks at what waits.
struct Watch {
    app: App,
    nats: async_nats::Client,
    looked_at: Mutex<Option<Instant>>,
}

/// Answers with all numbers.
pub(crate) fn endpoint(app: App, nats: async_nats::Client) -> impl Endpoint {
    get(metrics).data(Arc::new(Watch { app, nats, looked_at: Mutex::default() }))
}

/// All numbers, for operators and viewers (RFC 7617, Basic).
#[handler]
async fn metrics(watch: Data<&Arc<Watch>>, request: &Request) -> Response {
    let app = &watch.app;
    if app.settings.operations.admit(request.header(header::AUTHORIZATION)).is_none() {
        return Response::builder()
            .status(StatusCode::UNAUTHORIZED)
            .header(header::WWW_AUTHENTICATE, "Basic realm=\"Keyward operations\"")
            .finish();
    }
    watch.refresh().await;
    Response::builder().content_type(Metrics::CONTENT_TYPE).body(app.metrics.render())
}

impl Watch {
    /// Brings the metrics up to date, if they are not good enough. What cannot be had is not shown.
    async fn refresh(&self) {
        let mut looked_at = self.looked_at.lock().await;
        if looked_at.is_some_and(|at| at.elapsed() < GOOD_FOR) {
            return;
        }
        let (known, stream) = tokio::join!(
            timeout(PATIENCE, in_postgres(&self.app)),
            timeout(PATIENCE, in_stream(&self.app, &self.nats)),
        );
        *looked_at = Some(Instant::now());
        let snapshot = match known.map_err(anyhow::Error::from).flatten() {
            Ok(snapshot) => {
                let stream = stream.map_err(anyhow::Error::from).flatten().ok();
                Some(Snapshot {
                    consumer_pending: stream.map(|(pending, _)| pending),
                    consumer_unacknowledged: stream.map(|(_, unacknowledged)| unacknowledged),
                    ..snapshot
                })
            }
            Err(error) => {
                tracing::debug!(error = format!("{error:#}"), "what waits is not known");
                None
            }
        };
        self.app.metrics.work.show_snapshot(snapshot);
    }
}

async fn in_postgres(app: &App) -> anyhow::Result<Snapshot> {
    let lines: Vec<(String, String, i64, f64)> = queue::not_done(&app.read, Job::QUEUES).await?;
    let (outbox_waiting, outbox_oldest_s, unreadable_events): (i64, f64, i64) = sqlx::query_as(
        "select count(*), coalesce(extract(epoch from now() - min(occurred_at)), 0)::float8,
                (select count(*) from dead_letters)
         from outbox where published_at is null",
    )
    .fetch_one(&app.read)
    .await?;
    let mails = sqlx::query_as(
        "select state, (select count(*) from mails where mails.state = known.state)
         from unnest(array['planned', 'sending', 'deferred']) as known (state)",
    )
    .fetch_all(&app.read)
    .await?;
    let line = |(queue, state, jobs, oldest_s)| QueueState { queue, state, jobs, oldest_s };
    Ok(Snapshot {
        queues: lines.into_iter().map(line).collect(),
        outbox_waiting,
        outbox_oldest_s: outbox_oldest_s.max(0.0),
        mails,
        unreadable_events,
        ..Snapshot::default()
    })
}

/// Events that the consumer has not been given, and has not answered for.
async fn in_stream(app: &App, nats: &async_nats::Client) -> anyhow::Result<(i64, i64)> {
    let jetstream = jetstream::new(nats.clone());
    let stream = jetstream.get_stream(stream::name(&app.settings.namespace)).await?;
    let info = stream.consumer_info(stream::CONSUMER).await?;
    Ok((i64::try_from(info.num_pending)?, i64::try_from(info.num_ack_pending)?))
}
