//! Identities. Each kind is a type of its own, so that one cannot be passed for another.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new identity: UUIDv7 (RFC 9562), sortable by the time it was made.
            #[must_use]
            #[expect(clippy::new_without_default, reason = "a default identity makes no sense")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// An account.
    UserId
    /// One login of an account on one device.
    SessionId
    /// A link that was mailed. Not a secret: the token is derived from it with a key.
    LinkId
    /// A change of address that was asked for.
    EmailChangeId
    /// A mail in the ledger; also the left part of its `Message-ID`.
    MailId
    /// A picture that an administrator uploaded.
    AvatarUploadId
    /// An endpoint that events are sent to.
    WebhookId
    /// An event on its way to an endpoint.
    WebhookDeliveryId
    /// Something that happened; sent as `Nats-Msg-Id` and kept in the inbox.
    EventId
}

impl EventId {
    /// When it was made; nothing if it is none of ours.
    #[must_use]
    pub fn made_at(&self) -> Option<DateTime<Utc>> {
        let (seconds, nanoseconds) = self.0.get_timestamp()?.to_unix();
        DateTime::from_timestamp(seconds.try_into().ok()?, nanoseconds)
    }
}
