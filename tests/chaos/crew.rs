//! Two APIs, two workers and their servers.

use keyward_tests::{House, Program};

/// The house with everybody in it.
pub(crate) struct Crew {
    pub(crate) house: House,
    pub(crate) apis: [Option<Program>; 2],
    pub(crate) workers: [Option<Program>; 2],
    urls: Vec<String>,
}

impl Crew {
    pub(crate) async fn new() -> Self {
        let settings = [
            ("DATABASE_POOL_SIZE", "8"),
            ("SMTP_TIMEOUT_S", "2"),
            ("LOG_FILTER", "info,keyward_api=debug,keyward_core=debug,keyward_worker=debug"),
        ];
        let house = House::solid(&settings).await;
        let apis = [Some(house.start_api().await), Some(house.start_another_api().await)];
        let urls = apis.iter().flatten().map(|api| api.url.clone()).collect();
        let mut workers = [None, None];
        for (number, worker) in workers.iter_mut().enumerate() {
            *worker = Some(house.start_worker_at(&format!("ops{number}")).await);
        }
        Self { house, apis, workers, urls }
    }

    /// Where the APIs listen, whether they run or not.
    pub(crate) fn urls(&self) -> &[String] {
        &self.urls
    }

    pub(crate) async fn kill_api(&mut self, number: usize) {
        self.apis[number].take().unwrap().kill().await;
    }

    pub(crate) async fn start_api(&mut self, number: usize) {
        self.apis[number] = Some(match number {
            0 => self.house.start_api().await,
            _ => self.house.start_another_api().await,
        });
    }

    pub(crate) async fn kill_worker(&mut self, number: usize) {
        self.workers[number].take().unwrap().kill().await;
    }

    pub(crate) async fn start_worker(&mut self, number: usize) {
        self.workers[number] = Some(self.house.start_worker_at(&format!("ops{number}")).await);
    }

    /// Resident memory of the programs, in MiB, the largest.
    pub(crate) fn rss_mib(&self) -> u64 {
        let pids = self.apis.iter().chain(&self.workers).flatten().map(|one| one.process.pid());
        let rss = pids.filter_map(|pid| {
            let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
            line.trim().trim_end_matches(" kB").parse::<u64>().ok()
        });
        rss.max().unwrap_or_default() / 1024
    }
}
