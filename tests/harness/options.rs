use std::collections::HashMap;

/// How a world differs from the usual one.
#[derive(Debug, Clone)]
pub struct Options {
    pub(crate) settings: HashMap<String, String>,
    pub(crate) worker: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { settings: HashMap::new(), worker: true }
    }
}

impl Options {
    /// Sets a variable of `.env`.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl ToString) -> Self {
        self.settings.insert(name.into(), value.to_string());
        self
    }

    /// Starts no worker: events stay in the outbox.
    #[must_use]
    pub fn without_worker(mut self) -> Self {
        self.worker = false;
        self
    }
}
