//! SMTP replies.

use smtp_proto::Error;

/// What the session does after a command.
pub(super) enum Next {
    /// Replies.
    Say(String),
    /// Replies and closes the connection.
    SayAndClose(String),
    /// Never replies.
    Hang,
    /// Closes the connection without a reply.
    Close,
}

impl Next {
    /// Whether the client may continue with its mail.
    pub(super) fn is_yes(&self) -> bool {
        matches!(self, Self::Say(line) if line.starts_with(['2', '3']))
    }
}

pub(super) const TOO_LARGE: &str = "552 5.3.4 too large";
pub(super) const ONLY_ASCII: &str = "553 5.6.7 only ASCII addresses are accepted";

/// The reply to a line that is not a command.
pub(super) fn syntax_error(error: &Error) -> String {
    match error {
        Error::UnknownCommand => "500 5.5.1 unknown command".into(),
        Error::InvalidSenderAddress => "501 5.1.7 invalid sender address".into(),
        Error::InvalidRecipientAddress => "501 5.1.3 invalid recipient address".into(),
        Error::ResponseTooLong => "500 5.5.2 line too long".into(),
        Error::UnsupportedParameter { param } => format!("555 5.5.4 {param} is not supported"),
        Error::InvalidParameter { param } => format!("501 5.5.4 invalid {param}"),
        _ => "501 5.5.2 syntax error".into(),
    }
}
