//! `keyward-api` as a separate process, built with our profile.

use std::{net::TcpListener, time::Duration};

use keyward_stack::process::{Launch, Process};
use keyward_tests::{Account, Reply, World, memory_mib, until};

/// The process.
pub(crate) struct Api {
    process: Process,
    /// Its address.
    pub(crate) url: String,
    /// Its HTTP client.
    pub(crate) client: reqwest::Client,
}

impl Api {
    /// Starts it beside the API of the world, with the same settings.
    pub(crate) async fn start(world: &World) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        // We are in `target/<profile>/deps`.
        let here = std::env::current_exe().unwrap();
        let program = here.ancestors().nth(2).unwrap().join("keyward-api");
        let settings = world.settings().iter();
        let launch = settings.fold(Launch::new(program), |launch, (name, value)| {
            launch.env(name.clone(), value.clone())
        });
        let launch = launch.env("API_ADDR", free.to_string()).env("DATABASE_POOL_SIZE", "16");
        let launch = launch.env("API_OPS_ADDR", "127.0.0.1:0");
        let process = launch.env("LOG_FILTER", "warn").spawn().unwrap();
        let client = reqwest::Client::builder().pool_max_idle_per_host(200).build().unwrap();
        let api = Self { process, url: format!("http://{free}"), client };
        until("the API is ready", async || {
            let ready = api.client.get(format!("{}/health/ready", api.url)).send().await.ok()?;
            ready.text().await.ok()?.contains("\"degraded\":[]").then_some(())
        })
        .await;
        api
    }

    pub(crate) fn log_in_request(&self, account: &Account) -> reqwest::RequestBuilder {
        self.client.post(format!("{}/v1/sessions", self.url)).json(&account.credentials())
    }

    pub(crate) async fn log_in(&self, account: &Account) -> Reply {
        let response = self.log_in_request(account).send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Reply { status, headers, text: response.text().await.unwrap() }
    }

    /// Its resident memory.
    pub(crate) fn rss_mib(&self) -> u64 {
        memory_mib(self.process.pid(), "VmRSS").unwrap()
    }

    /// Stops it.
    pub(crate) async fn stop(self) {
        self.process.end(Duration::from_secs(15)).await;
    }
}
