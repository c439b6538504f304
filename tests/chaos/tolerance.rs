//! What may be seen while a fault lasts, and is documented.

use crate::faults::{Fault, POISON};

/// What may be seen while a fault lasts, and is documented.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tolerance {
    /// Requests under way may stay without an answer: their process was killed.
    pub(crate) no_answer: bool,
    /// A mail may come twice, with the same link: its acceptance was not heard.
    pub(crate) twice: bool,
    /// The stream was made anew, so its order is that of the refill.
    pub(crate) refilled: bool,
    /// Mails may be refused for good: the relay said so.
    pub(crate) refused: bool,
    /// So many messages in the stream are nobody's.
    pub(crate) poison: usize,
}

impl Fault {
    /// What is documented for it besides what is always.
    pub(crate) fn tolerance(self) -> Tolerance {
        let none = Tolerance::default();
        match self {
            Self::Everything => Tolerance { no_answer: true, twice: true, ..none },
            Self::PostgresUnheard => Tolerance { twice: true, ..none },
            Self::ApiKilled => Tolerance { no_answer: true, ..none },
            Self::WorkerKilled | Self::WorkerPaused => Tolerance { twice: true, ..none },
            Self::NatsWiped | Self::NatsSetBack => Tolerance { refilled: true, ..none },
            // What was accepted while Postgres was away could not be written down.
            Self::PostgresKilled | Self::PostgresPaused | Self::PostgresDropsConnections => {
                Tolerance { twice: true, ..none }
            }
            // The same: there was no room to write it down, or no connection.
            Self::DiskFull => Tolerance { twice: true, refilled: true, ..none },
            Self::FewDescriptors => Tolerance { twice: true, ..none },
            Self::MailSilent | Self::MailUnheard => Tolerance { twice: true, ..none },
            Self::MailRefused => Tolerance { refused: true, ..none },
            Self::Poison => Tolerance { poison: POISON, ..none },
            _ => none,
        }
    }
}
