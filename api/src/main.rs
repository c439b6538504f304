//! `keyward-api`: serves the API until SIGTERM or Ctrl-C, or runs a command.

use std::{process::ExitCode, time::Duration};

use anyhow::Context as _;
use clap::Parser as _;
use keyward_api::cli::{AdminCommand, ApiCommand, Cli};
use keyward_core::{
    App,
    infra::{clock::Clock, telemetry},
    settings::Settings,
};
use tokio::{net::TcpListener, signal::unix};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let done = match Cli::parse().command {
        None | Some(ApiCommand::Serve) => {
            return serve(Settings::load()?).await.map(|()| ExitCode::SUCCESS);
        }
        Some(ApiCommand::Admin(command)) => administer(command).await,
        Some(ApiCommand::Keys(command)) => command.run(),
    };
    if let Err(error) = done {
        // The causes without a backtrace, because people read this.
        eprintln!("error: {error:#}");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

async fn administer(command: AdminCommand) -> anyhow::Result<()> {
    let app = App::new(Settings::load()?, Clock::default())?;
    command.run(&app, &mut std::io::stdout()).await
}

async fn serve(settings: Settings) -> anyhow::Result<()> {
    let _telemetry = telemetry::start("keyward-api", &settings.log, settings.otlp.as_ref())?;
    let listener = TcpListener::bind(settings.listen.api).await.context("API_ADDR")?;
    let ops = TcpListener::bind(settings.listen.api_ops).await.context("API_OPS_ADDR")?;
    let app = App::new(settings, Clock::default())?;
    let (server, user) = app.settings.servers.nats();
    let mut options = async_nats::ConnectOptions::new()
        .name("keyward-api")
        .retry_on_initial_connect()
        // Detects a hanging server within seconds.
        .ping_interval(Duration::from_secs(2));
    if let Some((user, password)) = user {
        options = options.user_and_password(user, password);
    }
    let nats = options.connect(server).await.context("NATS_URL")?;
    let stop = CancellationToken::new();
    let api = keyward_api::run(app, nats, listener, Some(ops), stop.clone());
    tokio::pin!(api);
    let mut terminate = unix::signal(unix::SignalKind::terminate())?;
    let mut interrupt = unix::signal(unix::SignalKind::interrupt())?;
    tracing::info!("keyward-api has started");
    tokio::select! {
        result = &mut api => return result,
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("keyward-api is completing the requests in progress");
    stop.cancel();
    api.await
}
