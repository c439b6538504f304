//! What the SMTP side can say.

use smtp_proto::Error;

/// What to do after a command.
pub(super) enum Next {
    /// Answer.
    Say(String),
    /// Answer and close.
    SayAndClose(String),
    /// Never answer again.
    Hang,
    /// Close without an answer.
    Close,
}

impl Next {
    /// Whether the client may go on with its mail.
    pub(super) fn is_yes(&self) -> bool {
        matches!(self, Self::Say(line) if line.starts_with(['2', '3']))
    }
}

pub(super) const TOO_LARGE: &str = "552 5.3.4 too large";
pub(super) const ONLY_ASCII: &str = "553 5.6.7 addresses are plain ASCII here";

/// The reply to a line that is no command.
pub(super) fn complaint(error: &Error) -> String {
    match error {
        Error::UnknownCommand => "500 5.5.1 unknown command".into(),
        Error::InvalidSenderAddress => "501 5.1.7 that is no sender address".into(),
        Error::InvalidRecipientAddress => "501 5.1.3 that is no recipient address".into(),
        Error::ResponseTooLong => "500 5.5.2 line too long".into(),
        Error::UnsupportedParameter { param } => format!("555 5.5.4 {param} is not done here"),
        Error::InvalidParameter { param } => format!("501 5.5.4 bad {param}"),
        _ => "501 5.5.2 syntax error".into(),
    }
}
