//! `keyward-worker`: runs a worker until SIGTERM or Ctrl-C.

use anyhow::Context as _;
use keyward_core::{App, clock::Clock, settings::Settings, telemetry};
use secrecy::ExposeSecret as _;
use tokio::{net::TcpListener, signal::unix};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    dotenvy::dotenv().ok();
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    let settings = Settings::from_env(|name| std::env::var(name).ok())?;
    telemetry::start(&settings.log)?;
    let ops = TcpListener::bind(settings.listen.ops).await.context("OPS_ADDR")?;
    let app = App::new(settings, Clock::default())?;
    let nats = async_nats::ConnectOptions::new()
        .name("keyward-worker")
        .retry_on_initial_connect()
        .connect(app.settings.servers.nats_url.expose_secret())
        .await
        .context("NATS_URL")?;
    let stop = CancellationToken::new();
    let mut terminate = unix::signal(unix::SignalKind::terminate())?;
    let mut interrupt = unix::signal(unix::SignalKind::interrupt())?;
    tracing::info!("keyward-worker works");
    tokio::select! {
        result = keyward_worker::run(app, nats, Some(ops), stop.clone()) => return result,
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
