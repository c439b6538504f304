//! Ids. Each kind is its own type, so that one cannot be passed for another.

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
            /// Creates an id: UUIDv7 (RFC 9562), sortable by creation time.
            #[must_use]
            #[expect(clippy::new_without_default, reason = "a default id makes no sense")]
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
    /// A login of an account on a device.
    SessionId
    /// A credential of a service.
    ServiceTokenId
    /// An emailed link. Not a secret: its token is derived from it with a key.
    LinkId
    /// A requested change of address.
    EmailChangeId
    /// An email in the ledger; also the left part of its `Message-ID`.
    MailId
    /// A picture that an administrator uploaded.
    AvatarUploadId
    /// An endpoint that receives events.
    WebhookId
    /// The delivery of an event to an endpoint.
    WebhookDeliveryId
    /// An event; sent as `Nats-Msg-Id`.
    EventId
}

/// The administrator or the service token that acted. Ids of different kinds are never equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ActorId(pub Uuid);

impl From<UserId> for ActorId {
    fn from(id: UserId) -> Self {
        Self(id.0)
    }
}

impl From<ServiceTokenId> for ActorId {
    fn from(id: ServiceTokenId) -> Self {
        Self(id.0)
    }
}

/// The account that an email belongs to; `None` for an email to an address without one, such as an
/// invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MailOwner(pub Option<UserId>);

impl EventId {
    /// When the id was created; `None` if it is no UUIDv7.
    #[must_use]
    pub fn made_at(&self) -> Option<DateTime<Utc>> {
        let (seconds, nanoseconds) = self.0.get_timestamp()?.to_unix();
        DateTime::from_timestamp(seconds.try_into().ok()?, nanoseconds)
    }

    /// The smallest id that can be created at this time or later.
    #[must_use]
    pub fn first_at(at: DateTime<Utc>) -> Self {
        let ms = at.timestamp_millis().max(0).unsigned_abs();
        Self(Uuid::from_u128(u128::from(ms) << 80))
    }
}
