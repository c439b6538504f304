//! Starts again what crashed, and leaves alone what somebody stopped.

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

/// The pause before a first restart; it doubles with every crash that follows soon.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest pause between restarts.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Whoever ran this long is forgiven earlier crashes.
const STABLE: Duration = Duration::from_secs(30);
/// How long a program of ours may take to finish what it is doing.
const GOODBYE: Duration = Duration::from_secs(15);

/// Something that runs and can be started again.
pub(crate) trait Unit: Send + Sync + 'static {
    fn name(&self) -> &'static str;
    fn process(&self) -> &Process;
    fn is_goodbye(&self, status: ExitStatus) -> bool;
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

    fn is_goodbye(&self, status: ExitStatus) -> bool {
        status.success()
    }

    async fn restart(&mut self) -> Result<()> {
        self.restart()
    }

    async fn stop(&mut self) {
        self.process().end(GOODBYE).await;
    }
}

impl<R: Recipe + 'static> Unit for Server<R> {
    fn name(&self) -> &'static str {
        R::NAME
    }

    fn process(&self) -> &Process {
        self.process()
    }

    fn is_goodbye(&self, status: ExitStatus) -> bool {
        self.is_goodbye(status)
    }

    async fn restart(&mut self) -> Result<()> {
        self.restart().await
    }

    async fn stop(&mut self) {
        self.stop().await;
    }
}

/// A unit with somebody who looks after it.
pub(crate) struct Watched {
    over: watch::Sender<bool>,
    task: JoinSet<()>,
}

impl Watched {
    /// Looks after `unit` until [`stop`](Self::stop).
    pub(crate) fn new(unit: impl Unit, urls: &Arc<UrlsFile>) -> Self {
        let (over, is_over) = watch::channel(false);
        let mut task = JoinSet::new();
        task.spawn(look_after(unit, urls.clone(), is_over));
        Self { over, task }
    }

    /// Stops the unit, and waits until it has ended.
    pub(crate) async fn stop(self) {
        self.over.send_replace(true);
        self.task.join_all().await;
    }
}

async fn look_after(mut unit: impl Unit, urls: Arc<UrlsFile>, mut over: watch::Receiver<bool>) {
    let name = unit.name();
    let mut pause = PAUSE;
    loop {
        let since = Instant::now();
        let status = tokio::select! {
            status = unit.process().exited() => status,
            () = until(&mut over) => return unit.stop().await,
        };
        if status.as_ref().is_ok_and(|status| unit.is_goodbye(*status)) {
            note(format!("{name} was stopped and stays so until the next `make up`"));
            urls.set_pid(name, None);
            return until(&mut over).await;
        }
        pause = match since.elapsed() > STABLE {
            true => PAUSE,
            false => pause,
        };
        let how = status.map_or_else(|error| error.to_string(), |status| status.to_string());
        note(format!("{name} ended ({how}); starting it again in {pause:?}"));
        loop {
            if timeout(pause, until(&mut over)).await.is_ok() {
                return;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
            match unit.restart().await {
                Ok(()) => break,
                Err(error) => note(format!("{error:#}\n{name}: trying again in {pause:?}")),
            }
        }
        urls.set_pid(name, Some(unit.process().pid()));
        note(format!("{name} is back"));
    }
}

async fn until(over: &mut watch::Receiver<bool>) {
    let _ = over.wait_for(|over| *over).await;
}
