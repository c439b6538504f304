//! SMTP replies.

use smtp_proto::Error;

use super::behaviour::Bytes;

/// What the session does after a command.
pub(super) enum Next {
    /// Replies.
    Say(String),
    /// Replies and closes the connection.
    SayAndClose(String),
    /// Replies with any bytes.
    Write(Bytes),
    /// Never replies.
    Hang,
    /// Closes the connection without a reply.
    Close,
    /// Resets the connection.
    Reset,
}

impl Next {
    /// Whether the client may continue with its mail.
    pub(super) fn is_yes(&self) -> bool {
        match self {
            Self::Say(line) => line.starts_with(['2', '3']),
            Self::Write(Bytes { bytes, .. }) => {
                let last = bytes.trim_ascii_end().rsplit(|byte| *byte == b'\n').next();
                last.is_some_and(|line| matches!(line.first(), Some(b'2' | b'3')))
            }
            _ => false,
        }
    }

    /// The reply as text; empty if there is none.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Say(line) | Self::SayAndClose(line) => line.clone(),
            Self::Write(Bytes { bytes, .. }) => String::from_utf8_lossy(bytes).into_owned(),
            Self::Hang | Self::Close | Self::Reset => String::new(),
        }
    }
}

pub(super) const TOO_LARGE: &str = "552 5.3.4 too large";
pub(super) const NOT_QUALIFIED: &str =
    "504 5.5.2 Helo command rejected: need fully-qualified hostname";
pub(super) const TLS_REQUIRED: &str = "530 5.7.0 Must issue a STARTTLS command first";
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
