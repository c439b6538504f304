//! Faults of real mail servers, on request.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

/// A stage of an SMTP conversation at which a fault can occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The greeting.
    Connect,
    /// `EHLO` and `HELO`.
    Ehlo,
    /// `AUTH`.
    Auth,
    /// `MAIL FROM`.
    Mail,
    /// `RCPT TO`.
    Rcpt,
    /// `DATA`, before the content.
    Data,
    /// After the dot that ends the content.
    Final,
}

/// What the sink does with a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// It accepts the mail.
    Accept,
    /// It refuses it with a reply line such as `451 4.3.0 try later`. At the greeting it also closes
    /// the connection.
    Reply(Stage, String),
    /// It replies with these bytes, which need not be a reply. If their last line starts with 2 or 3, it
    /// continues as if it had accepted.
    Bytes(Stage, Bytes),
    /// It never replies; the connection stays open until the client closes it. At
    /// [`Stage::Final`] the mail may have been stored.
    Silent(Stage, Stored),
    /// It closes the connection after the final dot without a reply: the client cannot know the outcome.
    DropAfterDot(Stored),
    /// It resets the connection (RST) in place of a reply.
    Reset(Stage, Stored),
    /// It refuses an `EHLO` whose name is not fully qualified with 504, and address literals unless
    /// they are allowed.
    StrictHelo {
        /// Whether `[192.0.2.1]` is a name.
        literals: bool,
    },
    /// It refuses every `MAIL FROM` with 530, as a relay that requires TLS does without it.
    TlsRequired,
    /// It accepts the mail, but closes a connection that is idle for this long.
    CloseIdle(Duration),
}

/// The bytes of an [`Action::Bytes`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bytes {
    /// All of the reply, line ends included.
    pub bytes: Vec<u8>,
    /// Whether each byte is sent alone.
    pub one_by_one: bool,
    /// Whether the mail is stored: at [`Stage::Final`].
    pub stored: Stored,
}

/// Whether the sink stores a mail that it does not confirm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// The mail is stored.
    Yes,
    /// The mail is lost.
    No,
}

/// An [`Action`], its recipient, and how often it applies.
///
/// As JSON: `{"action": "reply", "reply": "451 4.3.0 try later", "stage": "rcpt", "times": 2,
/// "recipient": "ada@example.org"}`. The actions are `accept`, `reply` (the default if `reply` is
/// given), `bytes` (with `bytes` in base64, `one_by_one` and `stored`), `silent`, `reset` and
/// `drop_after_dot` (all with `stored`), `strict_helo` (with `literals`), `tls_required`, and `close_idle`
/// (with `after_ms`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Behaviour {
    /// What the sink does.
    pub action: Action,
    /// How often; unlimited if none.
    pub times: Option<u32>,
    /// Only mail to this address; all mail if none. Before `RCPT TO` the recipient is not known yet:
    /// such a rule never applies there.
    pub recipient: Option<String>,
}

impl Behaviour {
    /// For all mail, without a limit.
    pub fn new(action: Action) -> Self {
        Self { action, times: None, recipient: None }
    }

    /// Accepts all mail: the initial behaviour.
    pub fn accept() -> Self {
        Self::new(Action::Accept)
    }

    /// Refuses every recipient with a reply line that starts with its code.
    pub fn reply(line: impl Into<String>) -> Self {
        Self::reply_at(Stage::Rcpt, line)
    }

    /// Refuses at a stage with a reply line that starts with its code.
    pub fn reply_at(stage: Stage, line: impl Into<String>) -> Self {
        Self::new(Action::Reply(stage, line.into()))
    }

    /// Replies with any bytes at a stage. If they accept a mail, it is stored.
    pub fn bytes(stage: Stage, bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        let stored = if bytes.starts_with(b"2") { Stored::Yes } else { Stored::No };
        Self::new(Action::Bytes(stage, Bytes { bytes, one_by_one: false, stored }))
    }

    /// Applies this number of times only.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Applies to mail for one address only: for tests that share a sink.
    #[must_use]
    pub fn to(mut self, recipient: impl Into<String>) -> Self {
        self.recipient = Some(recipient.into());
        self
    }
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Accept,
    Reply,
    Bytes,
    Silent,
    DropAfterDot,
    Reset,
    StrictHelo,
    TlsRequired,
    CloseIdle,
}

/// A behaviour as flat JSON, most members optional.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    action: Option<Word>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<Stage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stored: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    one_by_one: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    literals: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<String>,
}

impl TryFrom<Written> for Behaviour {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let stored = match written.stored {
            Some(true) => Stored::Yes,
            _ => Stored::No,
        };
        let action = match (written.action, written.reply) {
            (Some(Word::Reply) | None, Some(line)) => {
                if !(line.starts_with(['4', '5']) && line.len() >= 3 && line.is_ascii()) {
                    return Err("`reply` must start with a code from 400 to 599");
                }
                Action::Reply(written.stage.unwrap_or(Stage::Rcpt), line)
            }
            (Some(Word::Bytes), _) => {
                let bytes = STANDARD.decode(written.bytes.unwrap_or_default());
                let bytes = bytes.map_err(|_| "`bytes` must be base64")?;
                let one_by_one = written.one_by_one.unwrap_or_default();
                let stage = written.stage.unwrap_or(Stage::Final);
                Action::Bytes(stage, Bytes { bytes, one_by_one, stored })
            }
            (Some(Word::Accept), _) => Action::Accept,
            (Some(Word::Reset), _) => Action::Reset(written.stage.unwrap_or(Stage::Final), stored),
            (Some(Word::StrictHelo), _) => {
                Action::StrictHelo { literals: written.literals.unwrap_or_default() }
            }
            (Some(Word::TlsRequired), _) => Action::TlsRequired,
            (Some(Word::Silent), _) => {
                Action::Silent(written.stage.unwrap_or(Stage::Connect), stored)
            }
            (Some(Word::DropAfterDot), _) => Action::DropAfterDot(stored),
            (Some(Word::CloseIdle), _) => {
                let after_ms = written.after_ms.ok_or("`close_idle` needs `after_ms`")?;
                Action::CloseIdle(Duration::from_millis(after_ms))
            }
            (Some(Word::Reply) | None, None) => return Err("`action` or `reply` is needed"),
        };
        Ok(Self { action, times: written.times, recipient: written.recipient })
    }
}

impl From<Behaviour> for Written {
    fn from(behaviour: Behaviour) -> Self {
        let mut written =
            Self { times: behaviour.times, recipient: behaviour.recipient, ..Self::default() };
        written.action = Some(match behaviour.action {
            Action::Accept => Word::Accept,
            Action::Reply(stage, line) => {
                (written.stage, written.reply) = (Some(stage), Some(line));
                Word::Reply
            }
            Action::Bytes(stage, Bytes { bytes, one_by_one, stored }) => {
                (written.stage, written.stored) = (Some(stage), Some(stored == Stored::Yes));
                (written.bytes, written.one_by_one) =
                    (Some(STANDARD.encode(bytes)), Some(one_by_one));
                Word::Bytes
            }
            Action::Silent(stage, stored) => {
                (written.stage, written.stored) = (Some(stage), Some(stored == Stored::Yes));
                Word::Silent
            }
            Action::Reset(stage, stored) => {
                (written.stage, written.stored) = (Some(stage), Some(stored == Stored::Yes));
                Word::Reset
            }
            Action::StrictHelo { literals } => {
                written.literals = Some(literals);
                Word::StrictHelo
            }
            Action::TlsRequired => Word::TlsRequired,
            Action::DropAfterDot(stored) => {
                written.stored = Some(stored == Stored::Yes);
                Word::DropAfterDot
            }
            Action::CloseIdle(after) => {
                written.after_ms = u64::try_from(after.as_millis()).ok();
                Word::CloseIdle
            }
        });
        written
    }
}
