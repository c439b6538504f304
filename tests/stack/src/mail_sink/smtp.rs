//! The SMTP server (RFC 5321, with PIPELINING): one session per connection.

use std::{io, sync::Arc};

use smtp_proto::{
    AUTH_PLAIN, Error, MAIL_SMTPUTF8, Request,
    request::receiver::{DataReceiver, LineReceiver, RequestReceiver},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::timeout,
};

use super::{
    behaviour::{Action, Bytes, Stage},
    mailbox::Mailbox,
    replies::{self, Next},
};

/// Maximum size of a mail, announced as `SIZE`.
pub(super) const LARGEST_BYTES: usize = 25 * 1024 * 1024;
/// Maximum number of recipients of a mail.
const MAX_RECIPIENTS: usize = 100;

/// Accepts connections until it is dropped.
pub(super) async fn serve(listener: TcpListener, mailbox: Arc<Mailbox>, smtputf8: bool) {
    let mut sessions = JoinSet::new();
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            // A client that closes its connection is no error.
            sessions.spawn(Session::new(stream, mailbox.clone(), smtputf8).run());
        }
        while sessions.try_join_next().is_some() {}
    }
}

enum Reading {
    Commands(RequestReceiver),
    Password(LineReceiver<()>),
    Content(DataReceiver, Vec<u8>),
}

pub(super) struct Session {
    stream: TcpStream,
    pub(super) mailbox: Arc<Mailbox>,
    smtputf8: bool,
    reading: Reading,
    /// The client's name in `EHLO`.
    pub(super) helo: String,
    /// Whether the client has asked for SMTPUTF8 with `MAIL FROM`.
    is_utf8: bool,
    pub(super) from: Option<String>,
    pub(super) to: Vec<String>,
    /// Every recipient that this connection tried: a `close_idle` rule may be about one of them.
    known: Vec<String>,
}

impl Session {
    fn new(stream: TcpStream, mailbox: Arc<Mailbox>, smtputf8: bool) -> Self {
        Self {
            stream,
            mailbox,
            smtputf8,
            reading: Reading::Commands(RequestReceiver::default()),
            helo: String::new(),
            is_utf8: false,
            from: None,
            to: Vec::new(),
            known: Vec::new(),
        }
    }

    async fn run(mut self) -> io::Result<()> {
        self.stream.set_nodelay(true)?;
        let greeting = self.at(Stage::Connect, || "220 localhost ESMTP, storing mail".into());
        let greeting = match greeting {
            Next::Say(line) if !line.starts_with("220") => Next::SayAndClose(line),
            other => other,
        };
        if !self.respond(greeting).await? {
            return Ok(());
        }
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = self.stream.read(&mut buffer);
            let count = match self.mailbox.idle_limit(&self.known) {
                None => read.await?,
                Some(limit) => match timeout(limit, read).await {
                    Ok(count) => count?,
                    Err(_) => {
                        let is_idle = |action: &Action| matches!(action, Action::CloseIdle(_));
                        self.mailbox.due(&self.known, is_idle);
                        return Ok(());
                    }
                },
            };
            if count == 0 {
                return Ok(());
            }
            let mut bytes = buffer[..count].iter();
            while let Some(next) = self.take(&mut bytes) {
                if !self.respond(next).await? {
                    return Ok(());
                }
            }
        }
    }

    /// The next command in `bytes`, or the end of a mail; none while bytes are missing.
    fn take(&mut self, bytes: &mut std::slice::Iter<'_, u8>) -> Option<Next> {
        match &mut self.reading {
            Reading::Commands(receiver) => match receiver.ingest(bytes) {
                Ok(request) => {
                    let request = request.into_owned();
                    Some(self.handle(request))
                }
                Err(Error::NeedsMoreData { .. }) => None,
                Err(error) => Some(Next::Say(replies::syntax_error(&error))),
            },
            Reading::Password(line) => {
                if !line.ingest(bytes) {
                    return None;
                }
                self.reading = Reading::Commands(RequestReceiver::default());
                Some(Next::Say("235 2.7.0 accepted without a check".into()))
            }
            Reading::Content(receiver, content) => {
                if !receiver.ingest(bytes, content) {
                    return None;
                }
                let content = std::mem::take(content);
                self.reading = Reading::Commands(RequestReceiver::default());
                Some(self.finish(content))
            }
        }
    }

    fn handle(&mut self, request: Request<String>) -> Next {
        match request {
            Request::Ehlo { host } | Request::Helo { host } if !self.takes(&host) => {
                Next::Say(replies::NOT_QUALIFIED.into())
            }
            Request::Ehlo { host } => {
                self.reset();
                self.helo = host;
                let smtputf8 = if self.smtputf8 { "250-SMTPUTF8\r\n" } else { "" };
                self.at(Stage::Ehlo, || {
                    format!(
                        "250-localhost\r\n250-PIPELINING\r\n250-8BITMIME\r\n{smtputf8}\
                         250-SIZE {LARGEST_BYTES}\r\n250-AUTH PLAIN\r\n250 ENHANCEDSTATUSCODES"
                    )
                })
            }
            Request::Helo { host } => {
                self.reset();
                self.helo = host;
                self.at(Stage::Ehlo, || "250 localhost".into())
            }
            Request::Mail { .. } if self.from.is_some() => {
                Next::Say("503 5.5.1 nested MAIL command".into())
            }
            Request::Mail { from } if from.size > LARGEST_BYTES => {
                Next::Say(replies::TOO_LARGE.into())
            }
            Request::Mail { from } if !self.can_write(&from.address) => {
                Next::Say(replies::ONLY_ASCII.into())
            }
            Request::Mail { .. } if self.requires_tls() => Next::Say(replies::TLS_REQUIRED.into()),
            Request::Mail { from } => {
                self.is_utf8 = from.flags & MAIL_SMTPUTF8 != 0;
                let next = self.at(Stage::Mail, || "250 2.1.0 sender ok".into());
                if next.is_yes() {
                    self.from = Some(from.address);
                }
                next
            }
            Request::Rcpt { .. } if self.from.is_none() => Next::Say("503 5.5.1 MAIL first".into()),
            Request::Rcpt { .. } if self.to.len() >= MAX_RECIPIENTS => {
                Next::Say("452 4.5.3 too many recipients".into())
            }
            Request::Rcpt { to } if !(self.is_utf8 || to.address.is_ascii()) => {
                Next::Say(replies::ONLY_ASCII.into())
            }
            Request::Rcpt { to } => self.recipient(to.address),
            Request::Data if self.to.is_empty() => {
                Next::Say("503 5.5.1 no valid recipients".into())
            }
            Request::Data => {
                let next = self.at(Stage::Data, || "354 go ahead, end with a dot".into());
                if next.is_yes() {
                    self.reading = Reading::Content(DataReceiver::new(), Vec::new());
                }
                next
            }
            Request::Auth { .. } if self.is_due(Stage::Auth) => self.at(Stage::Auth, String::new),
            Request::Auth { mechanism, .. } if mechanism != AUTH_PLAIN => {
                Next::Say("504 5.5.4 only PLAIN is supported".into())
            }
            Request::Auth { initial_response, .. } if initial_response.is_empty() => {
                self.reading = Reading::Password(LineReceiver::default());
                Next::Say("334 ".into())
            }
            Request::Auth { .. } => Next::Say("235 2.7.0 accepted without a check".into()),
            Request::Rset => {
                self.reset();
                Next::Say("250 2.0.0 ok".into())
            }
            Request::Noop { .. } => Next::Say("250 2.0.0 ok".into()),
            Request::Vrfy { .. } => {
                Next::Say("252 2.1.5 cannot verify, will attempt delivery".into())
            }
            Request::Quit => Next::SayAndClose("221 2.0.0 bye".into()),
            other => Next::Say(format!("502 5.5.1 {} is not supported", other.name())),
        }
    }

    fn recipient(&mut self, address: String) -> Next {
        let before = std::mem::replace(&mut self.to, vec![address.clone()]);
        let next = self.at(Stage::Rcpt, || "250 2.1.5 recipient ok".into());
        self.to = before;
        self.known.push(address.clone());
        if next.is_yes() {
            self.to.push(address);
        }
        next
    }

    /// Sends the reply. Returns false when the conversation has ended.
    async fn respond(&mut self, next: Next) -> io::Result<bool> {
        let (line, continues) = match next {
            Next::Close => return Ok(false),
            Next::Reset => {
                self.stream.set_zero_linger()?;
                return Ok(false);
            }
            Next::Write(Bytes { bytes, one_by_one, .. }) => {
                for part in bytes.chunks(if one_by_one { 1 } else { bytes.len().max(1) }) {
                    self.stream.write_all(part).await?;
                    // Lets the client read it.
                    tokio::task::yield_now().await;
                }
                return Ok(true);
            }
            Next::Hang => {
                let mut ignored = [0; 1024];
                while self.stream.read(&mut ignored).await? > 0 {}
                return Ok(false);
            }
            Next::Say(line) => (line, true),
            Next::SayAndClose(line) => (line, false),
        };
        self.stream.write_all(format!("{line}\r\n").as_bytes()).await?;
        Ok(continues)
    }

    pub(super) fn reset(&mut self) {
        self.from = None;
        self.to.clear();
    }

    fn can_write(&self, address: &str) -> bool {
        self.smtputf8 || address.is_ascii()
    }
}
