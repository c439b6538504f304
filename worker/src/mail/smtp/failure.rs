//! Why a conversation with the relay failed.

use std::{fmt, time::Duration};

use super::reply::{NoReply, Reply};

/// A step of a conversation, in the order of the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::mail) enum Step {
    /// TCP, including the look-up of the name.
    Connect,
    Greeting,
    Ehlo,
    /// `STARTTLS`, or the handshake.
    Tls,
    Login,
    MailFrom,
    RcptTo,
    Data,
    /// The email and its final dot.
    Content,
}

/// A step that failed.
#[derive(Debug, thiserror::Error)]
#[error("{step}: {cause}")]
pub(in crate::mail) struct Failure {
    pub(in crate::mail) step: Step,
    pub(in crate::mail) cause: Cause,
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub(in crate::mail) enum Cause {
    /// A reply that says no.
    #[error("{0}")]
    Reply(Reply),
    #[error("{0}")]
    NoReply(#[from] NoReply),
    #[error("no answer within {} s", .0.as_secs_f32())]
    Timeout(Duration),
    /// The relay cannot do what this email or `SMTP_URL` needs.
    #[error("{0}")]
    Unsupported(&'static str),
}

impl Failure {
    pub(in crate::mail) fn new(step: Step, cause: impl Into<Cause>) -> Self {
        Self { step, cause: cause.into() }
    }

    /// Whether it concerns the relay and not the email: any other email would fail as well.
    pub(in crate::mail) fn is_of_relay(&self) -> bool {
        self.step < Step::RcptTo
    }

    /// Whether no other attempt can succeed: the relay has refused this email for good.
    pub(in crate::mail) fn is_final(&self) -> bool {
        let is_no = match &self.cause {
            Cause::Reply(reply) => reply.class() == 5,
            Cause::Unsupported(_) => true,
            Cause::NoReply(_) | Cause::Timeout(_) => false,
        };
        is_no && !self.is_of_relay()
    }

    /// Whether the conversation can go on with another email: the relay has answered, and has not
    /// announced that it closes the connection (421).
    pub(super) fn leaves_connection_usable(&self) -> bool {
        match &self.cause {
            Cause::Reply(reply) => {
                [4, 5].contains(&reply.class()) && reply.code != 421 && !reply.is_last
            }
            Cause::Unsupported(_) => true,
            Cause::NoReply(_) | Cause::Timeout(_) => false,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting to the relay",
            Self::Greeting => "greeting of the relay",
            Self::Ehlo => "EHLO",
            Self::Tls => "TLS",
            Self::Login => "AUTH",
            Self::MailFrom => "MAIL FROM",
            Self::RcptTo => "RCPT TO",
            Self::Data => "DATA",
            Self::Content => "end of the email",
        })
    }
}
