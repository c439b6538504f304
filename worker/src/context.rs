//! What every job has at hand.

use std::sync::Arc;

use keyward_core::App;
use tokio::sync::Semaphore;

use crate::{mail::Mailer, ops::board::Tally, webhooks::WebhookClient};

/// What every job has at hand. Cheap to clone.
#[derive(Debug, Clone)]
pub struct JobContext {
    /// The product.
    pub app: App,
    /// The way to the relay.
    pub(crate) mailer: Mailer,
    /// The way to endpoints of other services.
    pub(crate) webhooks: WebhookClient,
    /// What attempts come to.
    pub(crate) tally: Tally,
    /// One permit per core, for work that keeps one busy.
    pub(crate) cores: Arc<Semaphore>,
}

impl JobContext {
    /// Creates the context. The relay need not be there yet.
    ///
    /// # Errors
    ///
    /// If `SMTP_URL` or `MAIL_FROM` is malformed.
    pub fn new(app: App) -> anyhow::Result<Self> {
        let mailer = Mailer::new(&app.settings)?;
        let webhooks = WebhookClient::new(app.settings.webhooks.addresses.clone())?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let (tally, cores) = (Tally::default(), Arc::new(Semaphore::new(cores)));
        Ok(Self { app, mailer, webhooks, tally, cores })
    }
}
