//! Two APIs, two workers and their servers.

use keyward_stack::faketime;
use keyward_tests::{Cluster, Program, Proxy, Rng, Traffic, memory_mib};

use crate::{faults::Fault, helpers::sleep_below};

/// Default limit of open files and connections of a program.
const DEFAULT_DESCRIPTORS: usize = 1024;

/// Enough for the data and logs of a run without a fault.
const DISK_MIB: u32 = 500;

/// The cluster with its programs.
pub(crate) struct Actors {
    pub(crate) cluster: Cluster,
    pub(crate) apis: [Option<Program>; 2],
    pub(crate) workers: [Option<Program>; 2],
    /// Connections of the first API and the first worker to the servers; the others connect directly.
    pub(crate) proxies: Proxies,
    urls: Vec<String>,
}

/// Proxies before the servers.
pub(crate) struct Proxies {
    pub(crate) postgres: Proxy,
    pub(crate) redis: Proxy,
    pub(crate) nats: Proxy,
}

impl Proxies {
    async fn to(cluster: &Cluster) -> Self {
        Self {
            postgres: Proxy::to_server(cluster.setting("DATABASE_URL")).await,
            redis: Proxy::to_server(cluster.setting("REDIS_URL")).await,
            nats: Proxy::to_server(cluster.setting("NATS_URL")).await,
        }
    }

    /// The settings of a program that uses them.
    fn settings(&self, cluster: &Cluster) -> [(&'static str, String); 3] {
        [("DATABASE_URL", &self.postgres), ("REDIS_URL", &self.redis), ("NATS_URL", &self.nats)]
            .map(|(name, proxy)| (name, proxy.url(cluster.setting(name))))
    }
}

impl Actors {
    /// Starts the servers and programs. Some faults need a small disk or adjustable clocks.
    pub(crate) async fn new(fault: Fault) -> Self {
        let mut settings = vec![
            ("SMTP_TIMEOUT_S", "2"),
            ("LOG_FILTER", "info,keyward_api=debug,keyward_core=debug,keyward_worker=debug"),
        ];
        if fault != Fault::Starved && fault != Fault::Failover {
            settings.push(("DATABASE_POOL_SIZE", "8"));
        }
        let faketime;
        if fault == Fault::ClocksOff {
            faketime = faketime::find_or_install().await.unwrap();
            settings.extend([
                ("LD_PRELOAD", faketime.to_str().unwrap()),
                ("FAKETIME_CACHE_DURATION", "1"),
                ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ]);
        }
        let cluster = match fault {
            Fault::DiskFull => Cluster::on_disk(DISK_MIB, &settings).await,
            _ => Cluster::durable(&settings).await,
        };
        let proxies = Proxies::to(&cluster).await;
        let (apis, workers) = ([None, None], [None, None]);
        let mut actors = Self { cluster, apis, workers, proxies, urls: Vec::new() };
        for number in 0..2 {
            actors.start_api(number).await;
            actors.start_worker(number).await;
        }
        actors.urls = actors.apis.iter().flatten().map(|api| api.url.clone()).collect();
        actors
    }

    /// Addresses of the APIs, whether they run or not.
    pub(crate) fn urls(&self) -> &[String] {
        &self.urls
    }

    pub(crate) async fn kill_api(&mut self, number: usize) {
        self.apis[number].take().unwrap().kill().await;
    }

    pub(crate) async fn start_api(&mut self, number: usize) {
        self.apis[number] = Some(match number {
            0 => self.cluster.start_api_with(&self.proxies.settings(&self.cluster)).await,
            // The clients know its address.
            _ => match self.urls.get(number) {
                Some(url) => self.cluster.start_api_at(url).await,
                None => self.cluster.start_another_api().await,
            },
        });
    }

    pub(crate) async fn kill_worker(&mut self, number: usize) {
        self.workers[number].take().unwrap().kill().await;
    }

    pub(crate) async fn start_worker(&mut self, number: usize) {
        self.workers[number] = Some(match number {
            0 => {
                self.cluster.start_worker_with("ops0", &self.proxies.settings(&self.cluster)).await
            }
            _ => self.cluster.start_worker_at("ops1").await,
        });
    }

    /// Restarts an API, then a worker; both must shut down gracefully.
    pub(crate) async fn replace(&mut self, number: usize) {
        let api = self.apis[number].take().unwrap();
        api.stop().await;
        self.start_api(number).await;
        let worker = self.workers[number].take().unwrap();
        worker.stop().await;
        self.start_worker(number).await;
    }

    /// Blocks some traffic between the first API and worker and a server, four times.
    pub(crate) async fn disturb(
        &self,
        proxy: impl Fn(&Proxies) -> &Proxy,
        traffic: Traffic,
        rng: &mut Rng,
    ) {
        for _ in 0..4 {
            proxy(&self.proxies).set(traffic);
            sleep_below(rng, 2_500).await;
            // Held traffic is lost with its connection.
            proxy(&self.proxies).set(Traffic::Cut);
            proxy(&self.proxies).set(Traffic::Open);
            sleep_below(rng, 1_000).await;
        }
    }

    /// Restarts everything that has ended, as a supervisor would.
    pub(crate) async fn supervise(&mut self) {
        let stack = &mut self.cluster.stack;
        if stack.postgres.process().status().is_some() {
            stack.postgres.restart().await.unwrap();
        }
        if stack.nats.process().status().is_some() {
            stack.nats.restart().await.unwrap();
        }
        if stack.redis.process().status().is_some() {
            stack.redis.restart().await.unwrap();
        }
        for number in 0..2 {
            if self.apis[number].is_none() {
                self.start_api(number).await;
            }
            if self.workers[number].is_none() {
                self.start_worker(number).await;
            }
        }
    }

    /// Limits the files and connections that our programs may open in addition to those that are open;
    /// none restores the default.
    pub(crate) fn limit_descriptors(&self, more: Option<usize>) {
        for pid in self.pids() {
            let open = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count();
            let limit = more.map_or(DEFAULT_DESCRIPTORS, |more| open + more);
            let mut prlimit = std::process::Command::new("prlimit");
            prlimit.arg(format!("--pid={pid}")).arg(format!("--nofile={limit}:"));
            assert!(prlimit.output().unwrap().status.success(), "{prlimit:?}");
        }
    }

    fn pids(&self) -> impl Iterator<Item = u32> {
        self.apis.iter().chain(&self.workers).flatten().map(|one| one.process.pid())
    }

    /// The largest resident memory of a program, in MiB.
    pub(crate) fn rss_mib(&self) -> u64 {
        self.pids().filter_map(|pid| memory_mib(pid, "VmRSS")).max().unwrap_or_default()
    }
}
