//! `keyward-worker`: runs a worker until SIGTERM or Ctrl-C, or an operator command.

use std::{process::ExitCode, time::Duration};

use anyhow::Context as _;
use async_nats::{Client, ConnectOptions};
use keyward_core::{
    App,
    infra::{clock::Clock, telemetry},
    settings::Settings,
};
use keyward_worker::ops::cli::{Cli, WorkerCommand};
use tokio::{net::TcpListener, signal::unix};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let command = match Cli::of_process().command {
        None | Some(WorkerCommand::Work) => {
            return work(Settings::load()?).await.map(|()| ExitCode::SUCCESS);
        }
        Some(command) => command,
    };
    match operate(command).await {
        Ok(is_well) => Ok(ExitCode::from(u8::from(!is_well))),
        Err(error) => {
            // A message for the operator, without a stack trace.
            eprintln!("error: {error:#}");
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Runs one command. Returns whether it found no problem.
async fn operate(command: WorkerCommand) -> anyhow::Result<bool> {
    let app = App::new(Settings::load()?, Clock::default())?;
    let nats = async |options| connect(&app, options).await;
    command.run(&app, nats, &mut std::io::stdout()).await
}

async fn connect(app: &App, options: ConnectOptions) -> anyhow::Result<Client> {
    let (server, user) = app.settings.servers.nats();
    // Detects a hanging server within seconds.
    let mut options = options.name("keyward-worker").ping_interval(Duration::from_secs(2));
    if let Some((user, password)) = user {
        options = options.user_and_password(user, password);
    }
    options.connect(server).await.context("NATS_URL")
}

async fn work(settings: Settings) -> anyhow::Result<()> {
    let _telemetry = telemetry::start("keyward-worker", &settings.log, settings.otlp.as_ref())?;
    let ops = TcpListener::bind(settings.listen.ops).await.context("OPS_ADDR")?;
    let app = App::new(settings, Clock::default())?;
    let nats = connect(&app, ConnectOptions::new().retry_on_initial_connect()).await?;
    let stop = CancellationToken::new();
    let worker = keyward_worker::run(app, nats, Some(ops), stop.clone());
    tokio::pin!(worker);
    let mut terminate = unix::signal(unix::SignalKind::terminate())?;
    tracing::info!("keyward-worker is running");
    tokio::select! {
        result = &mut worker => return result,
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    tracing::info!("keyward-worker completes what has begun");
    stop.cancel();
    worker.await
}
