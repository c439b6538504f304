//! Rules for email that a single variable cannot break.

use super::{Dkim, Mail, reader::Reader};

impl Mail {
    /// What signs emails; `None` if `DKIM_KEY` is not set.
    #[must_use]
    pub fn dkim(&self) -> Option<Dkim> {
        let key = self.dkim_key.clone()?;
        Some(Dkim { selector: self.dkim_selector.clone(), key })
    }

    pub(super) fn cross_check(&self, env: &mut Reader<'_>) {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let is_label = |label: &str| !label.is_empty() && label.chars().all(is_plain);
        let is_selector = self.dkim_selector.split('.').all(is_label);
        env.require(is_selector, &["DKIM_SELECTOR"], "must be letters, digits, '-' and '.'");
        let has_domain = self.bounce_listen.is_none() || self.bounce_domain.is_some();
        env.require(has_domain, &["BOUNCE_LISTEN"], "needs BOUNCE_DOMAIN");
    }
}
