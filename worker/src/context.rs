//! What the jobs share.

use std::sync::Arc;

use keyward_core::App;
use tokio::sync::Semaphore;

use crate::{
    mail::{Deliveries, EmailRenderer, Mailer, preview},
    webhooks::WebhookClient,
};

/// What the jobs share. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct JobContext {
    pub(crate) app: App,
    pub(crate) renderer: EmailRenderer,
    pub(crate) mailer: Mailer,
    pub(crate) deliveries: Deliveries,
    pub(crate) webhooks: WebhookClient,
    /// One permit per core, for CPU-bound work.
    pub(crate) cores: Arc<Semaphore>,
}

impl JobContext {
    /// Fails if `SMTP_URL`, a message or a layout is malformed. Connects to nothing.
    pub(crate) fn new(app: App) -> anyhow::Result<Self> {
        let brand = &app.settings.brand;
        let renderer = EmailRenderer::new(brand)?;
        if brand.is_own {
            preview::verify(&renderer, &app.settings, app.clock.now())?;
        }
        for (locale, lacks) in brand.languages.incomplete() {
            let (language, messages) = (locale.as_str(), lacks.len());
            tracing::warn!(language, messages, "English stands in for messages that are missing");
        }
        let mailer = Mailer::new(&app.settings)?;
        let webhooks = WebhookClient::new(app.settings.webhook_addresses.clone())?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let (deliveries, cores) = (Deliveries::default(), Arc::new(Semaphore::new(cores)));
        Ok(Self { app, renderer, mailer, deliveries, webhooks, cores })
    }
}
