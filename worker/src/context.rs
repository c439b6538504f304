//! What the jobs share.

use std::sync::Arc;

use keyward_core::App;
use tokio::sync::Semaphore;

use crate::{mail::Mailer, webhooks::WebhookClient};

/// What the jobs share. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct JobContext {
    pub(crate) app: App,
    pub(crate) mailer: Mailer,
    pub(crate) webhooks: WebhookClient,
    /// One permit per core, for CPU-bound work.
    pub(crate) cores: Arc<Semaphore>,
}

impl JobContext {
    /// Fails if `SMTP_URL` or `MAIL_FROM` is malformed. Connects to nothing.
    pub(crate) fn new(app: App) -> anyhow::Result<Self> {
        let mailer = Mailer::new(&app.settings)?;
        let webhooks = WebhookClient::new(app.settings.webhook_addresses.clone())?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self { app, mailer, webhooks, cores: Arc::new(Semaphore::new(cores)) })
    }
}
