//! Webhooks.

use super::reader::Reader;
use crate::domain::AddressRule;

/// Webhooks.
#[derive(Debug, Clone)]
pub struct Webhooks {
    /// `WEBHOOK_ALLOWED_NETWORKS`: comma-separated networks (CIDR) that are not public and may be
    /// sent to all the same, also without TLS; default none.
    pub addresses: AddressRule,
}

impl Webhooks {
    pub(super) fn read(env: &mut Reader<'_>) -> Self {
        Self { addresses: AddressRule::new(env.parsed_list("WEBHOOK_ALLOWED_NETWORKS")) }
    }
}
