//! Restarts processes that crash. Processes that were stopped on request stay stopped.

use std::{
    future::Future,
    process::ExitStatus,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;
use keyward_stack::{
    console::note,
    process::Process,
    servers::{Recipe, Server},
};
use tokio::{sync::watch, task::JoinSet, time::timeout};

use super::{app::App, urls_file::UrlsFile};

/// Delay before the first restart; it doubles with every further crash.
const RESTART_DELAY: Duration = Duration::from_secs(1);
/// Maximum delay between restarts.
const MAX_RESTART_DELAY: Duration = Duration::from_secs(10);
/// After this time without a crash the delay is reset.
const STABLE_AFTER: Duration = Duration::from_secs(30);
/// Maximum time for a program to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(15);

/// A process that can be restarted.
pub(crate) trait Unit: Send + Sync + 'static {
    fn name(&self) -> &'static str;
    fn process(&self) -> &Process;
    fn stopped_on_request(&self, status: ExitStatus) -> bool;
    fn restart(&mut self) -> impl Future<Output = Result<()>> + Send;
    fn stop(&mut self) -> impl Future<Output = ()> + Send;
}

impl Unit for App {
    fn name(&self) -> &'static str {
        self.name
    }

    fn process(&self) -> &Process {
        self.process()
    }

    fn stopped_on_request(&self, status: ExitStatus) -> bool {
        status.success()
    }

    async fn restart(&mut self) -> Result<()> {
        self.restart()
    }

    async fn stop(&mut self) {
        self.process().end(STOP_TIMEOUT).await;
    }
}

impl<R: Recipe + 'static> Unit for Server<R> {
    fn name(&self) -> &'static str {
        R::NAME
    }

    fn process(&self) -> &Process {
        self.process()
    }

    fn stopped_on_request(&self, status: ExitStatus) -> bool {
        self.stopped_on_request(status)
    }

    async fn restart(&mut self) -> Result<()> {
        self.restart().await
    }

    async fn stop(&mut self) {
        self.stop().await;
    }
}

/// A unit under supervision.
pub(crate) struct Supervised {
    stopping: watch::Sender<bool>,
    task: JoinSet<()>,
}

impl Supervised {
    /// Supervises `unit` until [`stop`](Self::stop).
    pub(crate) fn new(unit: impl Unit, urls: &Arc<UrlsFile>) -> Self {
        let (stopping, is_stopping) = watch::channel(false);
        let mut task = JoinSet::new();
        task.spawn(supervise(unit, urls.clone(), is_stopping));
        Self { stopping, task }
    }

    /// Stops the unit, and waits until it has ended.
    pub(crate) async fn stop(self) {
        self.stopping.send_replace(true);
        self.task.join_all().await;
    }
}

async fn supervise(mut unit: impl Unit, urls: Arc<UrlsFile>, mut stopping: watch::Receiver<bool>) {
    let name = unit.name();
    let mut delay = RESTART_DELAY;
    loop {
        let since = Instant::now();
        let status = tokio::select! {
            status = unit.process().exited() => status,
            () = stop_requested(&mut stopping) => return unit.stop().await,
        };
        if status.as_ref().is_ok_and(|status| unit.stopped_on_request(*status)) {
            note(format!("{name} was stopped; the next `make up` starts it"));
            urls.set_pid(name, None);
            return stop_requested(&mut stopping).await;
        }
        delay = match since.elapsed() > STABLE_AFTER {
            true => RESTART_DELAY,
            false => delay,
        };
        let how = status.map_or_else(|error| error.to_string(), |status| status.to_string());
        note(format!("{name} ended ({how}); restarting it in {delay:?}"));
        loop {
            if timeout(delay, stop_requested(&mut stopping)).await.is_ok() {
                return;
            }
            delay = (delay * 2).min(MAX_RESTART_DELAY);
            match unit.restart().await {
                Ok(()) => break,
                Err(error) => note(format!("{error:#}\n{name}: next try in {delay:?}")),
            }
        }
        urls.set_pid(name, Some(unit.process().pid()));
        note(format!("{name} is running again"));
    }
}

async fn stop_requested(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stopping| *stopping).await;
}
