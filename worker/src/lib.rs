//! Events -> jobs -> effects.
//!
//! ```text
//! outbox --relay--> JetStream --consumer--> jobs --queue--> jobs/*: SMTP, Redis, webhooks
//! ```
//!
//! | what | where |
//! |---|---|
//! | how events get from commits to jobs | [`mod@pipeline`] |
//! | which jobs an event triggers | `pipeline::reactions` |
//! | what each job does | `jobs` |
//! | how jobs are stored, retried and rescued | `queue` (the only folder that imports apalis) |
//! | how emails are rendered and sent | `jobs::emails`, `mail`, `templates/emails` |
//! | how bounces and complaints arrive | `bounces`, `mail::reports` |
//! | how webhooks are called | `webhooks` |
//! | how images are decoded, cropped and scaled | [`images`] |
//! | what operators see and do: board, command line, metrics | [`ops`] |

mod bounces;
mod context;
pub mod images;
mod jobs;
mod mail;
pub mod ops;
pub mod pipeline;
mod queue;
mod supervise;
mod webhooks;

use std::time::Duration;

use keyward_core::App;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use context::JobContext;
pub use ops::http::guarded_paths;
use ops::{counters, sampler::Sampler};

use supervise::supervise;

/// Runs a worker until `stop` is cancelled, completes what has begun, and returns.
///
/// Any number of workers may run concurrently. A worker starts without Postgres, NATS and Redis: each
/// part retries until they are available.
///
/// # Errors
///
/// If a setting is invalid.
pub async fn run(
    app: App,
    nats: async_nats::Client,
    ops: Option<TcpListener>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let context = JobContext::new(app.clone())?;
    app.metrics.show_work(jobs::kinds());
    let mut watch = JoinSet::new();
    watch.spawn(app.clone().watch());
    let mut parts = JoinSet::new();
    parts.spawn(pipeline(app.clone(), nats.clone(), stop.clone()));
    parts.spawn(counters::run(app.clone(), stop.clone()));
    parts.spawn(jobs::run(context, stop.clone()));
    parts.spawn(bounces::listen(app.clone(), stop.clone()));
    if let Some(listener) = ops {
        let (sampler, sampling) = Sampler::start(app.clone(), nats.clone(), stop.clone());
        parts.spawn(sampling);
        parts.spawn(ops::http::run(app, nats, sampler, listener, stop));
    }
    parts.join_all().await;
    Ok(())
}

/// Runs the event pipeline and its maintenance.
async fn pipeline(app: App, nats: async_nats::Client, stop: CancellationToken) {
    let (app, nats, stop) = (&app, &nats, &stop);
    let relay = || async {
        let result = pipeline::relay::run(app, nats, stop).await;
        app.metrics.work.leads(false);
        result.map(|()| Duration::ZERO)
    };
    tokio::join!(
        supervise("relay", stop, relay),
        supervise("consumer", stop, || pipeline::consumer::run(app, nats, stop)),
        supervise("NATS check", stop, || pipeline::broker::log_durability(app)),
        supervise("parked events", stop, || pipeline::consumer::take_parked(app)),
        supervise("maintenance", stop, || ops::maintenance::run(app)),
    );
}
