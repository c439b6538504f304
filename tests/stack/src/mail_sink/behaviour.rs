//! How the sink misbehaves: the faults of real mail servers, on request.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A moment of an SMTP conversation at which something can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The greeting.
    Connect,
    /// `MAIL FROM`.
    Mail,
    /// `RCPT TO`.
    Rcpt,
    /// `DATA`, before the content.
    Data,
    /// After the dot that ends the content.
    Final,
}

/// What happens to a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// It is taken.
    Accept,
    /// It is refused with a reply line such as `451 4.3.0 try later`. At the greeting that also
    /// ends the connection.
    Reply(Stage, String),
    /// No answer, ever; the connection stays open until the client gives up. At
    /// [`Stage::Final`] the mail may have been taken all the same.
    Silent(Stage, Stored),
    /// The connection is closed after the final dot, without an answer: the client cannot know.
    DropAfterDot(Stored),
    /// It is taken, but a connection on which nothing happens for this long is closed.
    CloseIdle(Duration),
}

/// Whether the sink kept a mail that it did not confirm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// The mail is there.
    Yes,
    /// The mail is lost.
    No,
}

/// An [`Action`], for whom, and how often.
///
/// As JSON: `{"action": "reply", "reply": "451 4.3.0 try later", "stage": "rcpt", "times": 2,
/// "recipient": "ada@example.org"}`. The actions are `accept`, `reply` (which may be left out where
/// there is a `reply`), `silent`, `drop_after_dot` (both with `stored`) and `close_idle` (with
/// `after_ms`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Behaviour {
    /// What happens.
    pub action: Action,
    /// How often, before the sink is well-behaved again; for ever if nothing is said.
    pub times: Option<u32>,
    /// Only mail to this address; all mail if nothing is said. At the greeting and at `MAIL FROM`
    /// nobody knows the recipient yet: there, such a rule never fires.
    pub recipient: Option<String>,
}

impl Behaviour {
    /// For all mail, for ever.
    pub fn new(action: Action) -> Self {
        Self { action, times: None, recipient: None }
    }

    /// The sink as it is at first.
    pub fn accept() -> Self {
        Self::new(Action::Accept)
    }

    /// Refuses every recipient with a reply line, code first.
    pub fn reply(line: impl Into<String>) -> Self {
        Self::reply_at(Stage::Rcpt, line)
    }

    /// Refuses at a stage of the conversation with a reply line, code first.
    pub fn reply_at(stage: Stage, line: impl Into<String>) -> Self {
        Self::new(Action::Reply(stage, line.into()))
    }

    /// So many times only.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// For mail to one address only: what tests that share a sink need.
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
    Silent,
    DropAfterDot,
    CloseIdle,
}

/// A behaviour as JSON has it: flat, most of it optional.
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
                    return Err("`reply` starts with a code from 400 to 599");
                }
                Action::Reply(written.stage.unwrap_or(Stage::Rcpt), line)
            }
            (Some(Word::Accept), _) => Action::Accept,
            (Some(Word::Silent), _) => {
                Action::Silent(written.stage.unwrap_or(Stage::Connect), stored)
            }
            (Some(Word::DropAfterDot), _) => Action::DropAfterDot(stored),
            (Some(Word::CloseIdle), _) => {
                let after_ms = written.after_ms.ok_or("`close_idle` needs `after_ms`")?;
                Action::CloseIdle(Duration::from_millis(after_ms))
            }
            (Some(Word::Reply) | None, None) => return Err("an `action` or a `reply` is needed"),
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
            Action::Silent(stage, stored) => {
                (written.stage, written.stored) = (Some(stage), Some(stored == Stored::Yes));
                Word::Silent
            }
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
