//! The states of deliveries and webhooks.

use super::words::words;

words! {
    /// The state of a delivery.
    DeliveryState {
        /// An attempt runs or will follow.
        Pending = "pending"
        /// The endpoint answered with a success status (2xx).
        Delivered = "delivered"
        /// No attempt will follow.
        Failed = "failed"
    }
}

words! {
    /// Why a webhook was disabled.
    DisableReason {
        /// An administrator disabled it.
        ByAdmin = "by_admin"
        /// Its endpoint answered 410: it wants no more deliveries.
        Gone = "gone"
        /// Its endpoint has accepted nothing for days.
        Failing = "failing"
    }
}
