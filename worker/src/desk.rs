//! What every job has at hand.

use keyward_core::App;

use crate::mail::Mailer;

/// What every job has at hand. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The product.
    pub app: App,
    /// The way to the relay.
    pub(crate) mailer: Mailer,
}

impl Desk {
    /// Sets a desk up. The relay need not be there yet.
    ///
    /// # Errors
    ///
    /// If `SMTP_URL` or `MAIL_FROM` is malformed.
    pub fn new(app: App) -> anyhow::Result<Self> {
        let mailer = Mailer::new(&app.settings)?;
        Ok(Self { app, mailer })
    }
}
