//! `.dev/urls.env`: addresses and process ids of everything that runs.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use anyhow::Result;
use keyward_stack::{console::note, secret};

use super::Running;

/// Replaced atomically whenever a process id changes; readable by its owner only.
#[derive(Debug)]
pub(crate) struct UrlsFile {
    file: PathBuf,
    urls: Vec<(&'static str, String)>,
    pids: Mutex<BTreeMap<String, Option<u32>>>,
}

impl UrlsFile {
    /// Takes the addresses and ids of everything that runs.
    pub(crate) fn new(file: PathBuf, running: &Running) -> Self {
        let urls = running.stack.urls();
        let stack = &running.stack;
        let pids = [
            ("api", running.api.process().pid()),
            ("worker", running.worker.process().pid()),
            ("postgres", stack.postgres.pid()),
            ("redis", stack.redis.pid()),
            ("nats", stack.nats.pid()),
        ];
        Self {
            file,
            urls: vec![
                ("API_URL", format!("http://{}", running.addresses.api)),
                ("PUBLIC_URL", running.addresses.public_url.clone()),
                ("MAIL_URL", running.mail.http_url()),
                ("OPS_URL", format!("http://{}", running.addresses.ops)),
                ("API_OPS_URL", format!("http://{}", running.addresses.api_ops)),
                ("SMTP_URL", running.mail.smtp_url()),
                ("DATABASE_URL", urls.database),
                ("REDIS_URL", urls.redis),
                ("NATS_URL", urls.nats),
                ("NATS_MONITORING_URL", urls.nats_monitoring),
            ],
            pids: Mutex::new(pids.map(|(name, pid)| (name.to_owned(), Some(pid))).into()),
        }
    }

    /// Records the new process id of a program, or that it does not run.
    pub(crate) fn set_pid(&self, name: &str, pid: Option<u32>) {
        self.lock().insert(name.to_owned(), pid);
        if let Err(error) = self.write() {
            note(format!("{error:#}"));
        }
    }

    /// The processes that run now.
    pub(crate) fn pids(&self) -> Vec<u32> {
        self.lock().values().copied().flatten().collect()
    }

    /// Writes the file.
    pub(crate) fn write(&self) -> Result<()> {
        let pids = self.lock();
        let mut text = String::new();
        for (name, url) in &self.urls {
            text += &format!("{name}={url}\n");
        }
        for (name, pid) in pids.iter() {
            let pid = pid.map(|pid| pid.to_string()).unwrap_or_default();
            text += &format!("{}_PID={pid}\n", name.to_uppercase());
        }
        text += &format!("STACK_PID={}\n", std::process::id());
        secret::write(&self.file, &text)
    }

    /// Removes the file.
    pub(crate) fn remove(&self) {
        let _ = fs::remove_file(&self.file);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Option<u32>>> {
        self.pids.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
