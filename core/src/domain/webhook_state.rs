//! What becomes of deliveries, and of endpoints that take none.

use super::words::words;

words! {
    /// What became of a delivery.
    DeliveryState {
        /// It is tried, or will be tried again.
        Pending = "pending"
        /// The endpoint has answered with a status that means success (2xx).
        Delivered = "delivered"
        /// Given up.
        Failed = "failed"
    }
}

words! {
    /// Why we send nothing to an endpoint.
    DisableReason {
        /// An administrator wants it so.
        ByAdmin = "by_admin"
        /// It has answered 410: it wants nothing more.
        Gone = "gone"
        /// It has taken nothing for days.
        Failing = "failing"
    }
}
