//! A process of Keyward.

use std::{
    fs::File,
    path::{Path, PathBuf},
    time::Duration,
};

use keyward_stack::process::{Launch, Process, Signal};

use super::CpuQuota;
use crate::until;

/// A process of Keyward. Dropping it kills it.
pub struct Program {
    pub process: Process,
    /// Its address.
    pub url: String,
    /// The address of its listener for operators.
    pub ops: String,
    log: PathBuf,
}

impl Program {
    /// Starts a program that logs into a folder, with a quota or without.
    pub(crate) fn launch(
        program: &Path,
        folder: &Path,
        settings: impl IntoIterator<Item = (String, String)>,
        url: &str,
        ops: &str,
        quota: Option<&CpuQuota>,
    ) -> Self {
        let name = program.file_name().unwrap().display();
        let log = folder.join(format!("{name}-{}.log", uuid::Uuid::new_v4().simple()));
        let launch =
            Launch::new(program).folder(folder).output(File::create(&log).unwrap()).unwrap();
        let launch =
            settings.into_iter().fold(launch, |launch, (name, value)| launch.env(name, value));
        set_clock_offset(&log, 0);
        let process = launch.env("FAKETIME_TIMESTAMP_FILE", clock_of(&log)).spawn().unwrap();
        if let Some(quota) = quota {
            quota.add(process.pid());
        }
        Self { process, url: url.to_owned(), ops: ops.to_owned(), log }
    }

    /// Waits until it is ready.
    pub(crate) async fn ready(self) -> Self {
        until("the process is ready", async || {
            assert_eq!(self.process.status(), None, "{}", self.log());
            let answer = reqwest::get(format!("{}/health/ready", self.url)).await.ok()?;
            let text = answer.status().is_success().then_some(answer.text().await.ok()?)?;
            // The worker's answer, or the API's without degraded dependencies.
            (text == "ready\n" || text.contains(r#""degraded":[]"#)).then_some(())
        })
        .await;
        self
    }

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
fn clock_of(log: &Path) -> PathBuf {
    log.with_extension("clock")
}

fn set_clock_offset(log: &Path, seconds: i64) {
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
