//! Documented effects of a fault.

use std::time::Duration;

use crate::faults::{Fault, POISON};

/// Maximum time that a change made through an API without Redis takes to reach the other APIs: the
/// worker's invalidation job, which a worker without Redis may attempt first, several times.
const INVALIDATION_BOUND: Duration = Duration::from_secs(15);

/// Documented effects on clients.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tolerance {
    /// Requests in flight may get no response: their process was killed.
    pub(crate) no_response: bool,
    /// An email may be delivered twice with the same link: its confirmation was lost.
    pub(crate) twice: bool,
    /// The stream was created again: its order is that of the refill.
    pub(crate) refilled: bool,
    /// The relay may refuse emails permanently.
    pub(crate) refused: bool,
    /// Number of messages in the stream that do not come from Keyward.
    pub(crate) poison: usize,
    /// Another API may return stale state for less than this after the response to a change.
    pub(crate) stale_for: Duration,
}

impl Fault {
    /// The documented effects of this fault.
    pub(crate) fn tolerance(self) -> Tolerance {
        let none = Tolerance::default();
        match self {
            Self::Everything => Tolerance { no_response: true, twice: true, ..none },
            Self::PostgresRepliesLost => Tolerance { twice: true, ..none },
            Self::ApiKilled => Tolerance { no_response: true, ..none },
            Self::WorkerKilled | Self::WorkerPaused => Tolerance { twice: true, ..none },
            // Events that were pending in the backup follow the lost ones.
            Self::NatsWiped | Self::BigStream | Self::NatsSetBack | Self::Restore => {
                Tolerance { refilled: true, ..none }
            }
            // Emails accepted while Postgres was unavailable could not be recorded.
            Self::PostgresKilled
            | Self::PostgresPaused
            | Self::PostgresDropsConnections
            | Self::Starved
            | Self::Failover => Tolerance { twice: true, ..none },
            // As above: no space or no connection was left to record them.
            Self::DiskFull => Tolerance { twice: true, refilled: true, ..none },
            Self::FewDescriptors => Tolerance { twice: true, ..none },
            Self::MailSilent | Self::MailRepliesLost => Tolerance { twice: true, ..none },
            Self::MailRefused => Tolerance { refused: true, ..none },
            Self::RedisOutOfReach => Tolerance { stale_for: INVALIDATION_BOUND, ..none },
            Self::Poison => Tolerance { poison: POISON, ..none },
            _ => none,
        }
    }
}
