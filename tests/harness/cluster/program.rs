//! A process of ours, as it is shipped.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use keyward_stack::process::{Process, Signal};

/// A process of ours. Dropping it kills it.
pub struct Program {
    pub process: Process,
    /// Where it listens.
    pub url: String,
    /// Where its operators ask.
    pub ops: String,
    pub(super) log: PathBuf,
}

impl Program {
    /// Everything it has logged so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap()).into_owned()
    }

    /// Makes its clock wrong by so many seconds, within a second; only where `LD_PRELOAD` has
    /// libfaketime.
    pub fn turn_clock(&self, seconds: i64) {
        turn_clock(&self.log, seconds);
    }

    /// Kills it as a power cut would.
    pub async fn kill(self) {
        self.process.signal(Signal::SIGKILL);
        self.process.exited().await.unwrap();
    }

    /// Asks it to end, and says whether it ended well.
    pub async fn stop(&self) -> bool {
        self.process.signal(Signal::SIGTERM);
        let ended = tokio::time::timeout(Duration::from_secs(20), self.process.exited()).await;
        ended.unwrap().unwrap().success()
    }
}

/// Where a program with this log finds how wrong its clock is.
pub(super) fn clock_of(log: &Path) -> PathBuf {
    log.with_extension("clock")
}

pub(super) fn turn_clock(log: &Path, seconds: i64) {
    // Moved into place: half a number is a number, too.
    let draft = log.with_extension("draft");
    std::fs::write(&draft, format!("{seconds:+}")).unwrap();
    std::fs::rename(draft, clock_of(log)).unwrap();
}

impl Drop for Program {
    fn drop(&mut self) {
        self.process.signal(Signal::SIGKILL);
    }
}
