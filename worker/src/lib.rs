//! Events -> jobs -> effects.
//!
//! ```text
//! outbox --relay--> JetStream --consumer--> inbox + jobs --queue--> jobs/*: SMTP, Redis, webhooks
//! ```
//!
//! | what | where |
//! |---|---|
//! | how events get from commits to jobs | [`pipeline`] |
//! | which jobs an event triggers | [`pipeline::reactions`] |
//! | what each job does | [`jobs`] |
//! | how jobs are stored, retried and rescued | `queue` (the only folder that imports apalis) |
//! | how emails are rendered and sent | `mail`, `templates/` |
//! | how webhooks are called | `webhooks` |
//! | how images are decoded, cropped and scaled | [`images`] |
//! | what operators see and do: board, command line, metrics | [`ops`] |

mod context;
pub mod images;
pub mod jobs;
mod mail;
pub mod ops;
pub mod pipeline;
mod queue;
mod webhooks;

use std::time::Duration;

use keyward_core::{
    App,
    commands::internal::{CollectBlobs, RemoveExpired},
    operations::minutes,
    origin::Origin,
    pipeline::outbox,
};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

pub use context::JobContext;
pub use mail::{Facts, Mailer, Rendered, Sent};
pub use ops::http::guarded_paths;

/// For so long published events and done jobs are kept: a stream can be filled again from them.
const KEEP: Duration = Duration::from_secs(7 * 24 * 3600);
/// How often what is older is removed.
const PRUNE_EVERY: Duration = Duration::from_secs(600);

/// Runs a worker until it is told to stop; then ends what it has begun and returns.
///
/// Any number of workers may run beside each other. None of what they depend on has to be there:
/// each part waits for it and goes on by itself.
///
/// # Errors
///
/// If a setting cannot be used.
pub async fn run(
    app: App,
    nats: async_nats::Client,
    ops: Option<TcpListener>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let context = JobContext::new(app.clone())?;
    app.metrics.show_work(jobs::Job::QUEUES);
    let client = nats.clone();
    let is_connected =
        move || client.connection_state() == async_nats::connection::State::Connected;
    app.metrics.show_dependency("nats", is_connected);
    let mut parts = JoinSet::new();
    let mut watch = JoinSet::new();
    watch.spawn(app.clone().watch());
    parts.spawn(pipeline::broker::warn_of_promises_it_cannot_keep(app.clone(), stop.clone()));
    parts.spawn(pipeline::relay::run(app.clone(), nats.clone(), stop.clone()));
    parts.spawn(pipeline::consumer::run(app.clone(), nats.clone(), stop.clone()));
    parts.spawn(ops::board::write_down(app.clone(), context.tally.clone(), stop.clone()));
    parts.spawn(queue::run(context, stop.clone()));
    parts.spawn(housekeeping(app.clone(), stop.clone()));
    if let Some(listener) = ops {
        let (lookout, looking) = ops::board::keep(app.clone(), nats.clone(), stop.clone());
        parts.spawn(looking);
        parts.spawn(ops::http::run(app, nats, lookout, listener, stop));
    }
    parts.join_all().await;
    Ok(())
}

/// Removes what nobody needs any more.
async fn housekeeping(app: App, stop: CancellationToken) {
    let mut tick = tokio::time::interval(PRUNE_EVERY);
    while stop.run_until_cancelled(tick.tick()).await.is_some() {
        if let Err(error) = prune(&app).await {
            tracing::warn!(error = format!("{error:#}"), "housekeeping is put off");
        }
    }
}

async fn prune(app: &App) -> anyhow::Result<()> {
    let mut sql = app.write.acquire().await?;
    let events = outbox::prune(&mut sql, app.clock.now() - KEEP).await?;
    minutes::prune(&mut sql, app.clock.now() - KEEP).await?;
    drop(sql);
    queue::prune(&app.write, KEEP).await?;
    let rows = app.execute(RemoveExpired, &Origin::default()).await?;
    let objects = app.execute(CollectBlobs, &Origin::default()).await?;
    tracing::debug!(
        events,
        rows,
        objects,
        "housekeeping removed {events} events, {rows} rows, {objects} objects"
    );
    Ok(())
}
