//! A process of Keyward.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use keyward_stack::process::{Process, Signal};

/// A process of Keyward. Dropping it kills it.
pub struct Program {
    pub process: Process,
    /// Its address.
    pub url: String,
    /// The address of its listener for operators.
    pub ops: String,
    pub(super) log: PathBuf,
}

impl Program {
    /// Its log so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap()).into_owned()
    }

    /// Sets the offset of its clock in seconds, effective within a second. Needs libfaketime in
    /// `LD_PRELOAD`.
    pub fn set_clock_offset(&self, seconds: i64) {
        set_clock_offset(&self.log, seconds);
    }

    /// Kills it with SIGKILL.
    pub async fn kill(self) {
        self.process.signal(Signal::SIGKILL);
        self.process.exited().await.unwrap();
    }

    /// Stops it with SIGTERM. Fails unless it exits successfully.
    pub async fn stop(&self) {
        self.process.signal(Signal::SIGTERM);
        self.stopped().await;
    }

    /// Waits until it exits. Fails unless it does so successfully within 20 s.
    pub async fn stopped(&self) {
        let exited = tokio::time::timeout(Duration::from_secs(20), self.process.exited()).await;
        assert!(exited.is_ok_and(|status| status.unwrap().success()), "{}", self.log());
    }

    /// Its resident memory in MiB: `VmRSS` for the current value, `VmHWM` for the peak.
    pub fn memory_mib(&self, field: &str) -> u64 {
        crate::memory_mib(self.process.pid(), field).unwrap_or_default()
    }
}

/// The file with the clock offset of a process with this log.
pub(super) fn clock_of(log: &Path) -> PathBuf {
    log.with_extension("clock")
}

pub(super) fn set_clock_offset(log: &Path, seconds: i64) {
    // Renamed into place, so that the process never reads an incomplete number.
    let draft = log.with_extension("draft");
    std::fs::write(&draft, format!("{seconds:+}")).unwrap();
    std::fs::rename(draft, clock_of(log)).unwrap();
}

impl Drop for Program {
    fn drop(&mut self) {
        self.process.signal(Signal::SIGKILL);
    }
}
