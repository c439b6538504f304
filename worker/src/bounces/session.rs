//! One connection.

use std::{io, slice::Iter, time::Duration};

use keyward_core::{
    App,
    commands::internal::{MailReport, RecordMailReport},
    domain::MailId,
    origin::Origin,
};
use smtp_proto::{
    Error, Request,
    request::receiver::{DataReceiver, RequestReceiver},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::mail::reports::{self, ParsedReport};

/// Bytes of a message. Only the first [`reports::MAX_BYTES`] are kept and read.
const MAX_MESSAGE_BYTES: usize = 10 * 1024 * 1024;
/// Commands of a connection: about twenty messages.
const MAX_COMMANDS: u32 = 120;
/// Mistakes of a connection.
const MAX_MISTAKES: u32 = 10;
/// The local part for complaints, for providers that send them all to one address.
const COMPLAINTS: &str = "complaints";

const BAD_ORDER: &str = "503 5.5.1 bad sequence of commands";
const OK: &str = "250 2.0.0 ok";

/// What a recipient stands for.
#[derive(Debug, Clone, Copy)]
enum Recipient {
    /// The return path of an email; its MAC is right.
    Mail(MailId),
    /// The address for complaints; the message must quote a return path.
    Complaints,
}

enum Reading {
    Commands(RequestReceiver),
    Content { receiver: DataReceiver, kept: Vec<u8>, received: usize },
}

/// What follows a command.
enum Next {
    Say(String),
    Close(&'static str),
    Record(Vec<u8>),
}

pub(super) struct Session<'a> {
    app: &'a App,
    stream: TcpStream,
    /// How long a client may send or read nothing.
    idle_timeout: Duration,
    reading: Reading,
    has_sender: bool,
    recipient: Option<Recipient>,
    commands: u32,
    mistakes: u32,
}

impl<'a> Session<'a> {
    pub(super) fn new(app: &'a App, stream: TcpStream, idle_timeout: Duration) -> Self {
        Self {
            app,
            stream,
            idle_timeout,
            reading: Reading::Commands(RequestReceiver::default()),
            has_sender: false,
            recipient: None,
            commands: 0,
            mistakes: 0,
        }
    }

    /// Runs until the client quits, is too slow or makes too many mistakes, or `stop` is cancelled
    /// between two reads.
    pub(super) async fn run(mut self, stop: &CancellationToken) -> io::Result<()> {
        self.say(&format!("220 {} ESMTP reports only", self.domain())).await?;
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let read = timeout(self.idle_timeout, self.stream.read(&mut buffer));
            let count = match stop.run_until_cancelled(read).await {
                Some(Ok(count)) => count?,
                Some(Err(_)) => return self.say("421 4.4.2 timeout").await,
                None => return self.say("421 4.3.2 shutting down").await,
            };
            if count == 0 {
                return Ok(());
            }
            let mut bytes = buffer[..count].iter();
            while let Some(next) = self.take(&mut bytes) {
                match next {
                    Next::Say(reply) => self.say(&reply).await?,
                    Next::Close(reply) => return self.say(reply).await,
                    Next::Record(content) => {
                        let reply = self.record(content).await;
                        self.reset();
                        self.say(reply).await?;
                    }
                }
            }
        }
    }

    /// The next command in `bytes`, or the end of a message; none while bytes are missing.
    fn take(&mut self, bytes: &mut Iter<'_, u8>) -> Option<Next> {
        match &mut self.reading {
            Reading::Commands(receiver) => {
                let request = match receiver.ingest(bytes) {
                    Ok(request) => Ok(request.into_owned()),
                    Err(Error::NeedsMoreData { .. }) => return None,
                    Err(error) => Err(error),
                };
                self.commands += 1;
                self.mistakes += u32::from(request.is_err());
                Some(match request {
                    _ if self.commands > MAX_COMMANDS => Next::Close("421 4.7.0 too many commands"),
                    _ if self.mistakes > MAX_MISTAKES => Next::Close("421 4.7.0 too many mistakes"),
                    Ok(request) => self.handle(request),
                    Err(Error::UnknownCommand) => say("500 5.5.1 unknown command"),
                    Err(_) => say("501 5.5.4 syntax error"),
                })
            }
            Reading::Content { receiver, kept, received } => {
                let before = bytes.len();
                let is_end = receiver.ingest(bytes, kept);
                *received += before - bytes.len();
                if *received > MAX_MESSAGE_BYTES {
                    return Some(Next::Close("552 5.3.4 the message is too large"));
                }
                // Two bytes more: the end of a message takes back what it has pushed.
                kept.truncate(reports::MAX_BYTES + 2);
                if !is_end {
                    return None;
                }
                let content = std::mem::take(kept);
                self.reading = Reading::Commands(RequestReceiver::default());
                Some(Next::Record(content))
            }
        }
    }

    fn handle(&mut self, request: Request<String>) -> Next {
        match request {
            Request::Ehlo { .. } | Request::Lhlo { .. } => {
                self.reset();
                Next::Say(format!(
                    "250-{}\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n\
                     250-SIZE {MAX_MESSAGE_BYTES}\r\n250 ENHANCEDSTATUSCODES",
                    self.domain()
                ))
            }
            Request::Helo { .. } => {
                self.reset();
                Next::Say(format!("250 {}", self.domain()))
            }
            Request::Mail { .. } if self.has_sender => say(BAD_ORDER),
            Request::Mail { from } if from.size > MAX_MESSAGE_BYTES => {
                say("552 5.3.4 the message is too large")
            }
            Request::Mail { .. } => {
                self.has_sender = true;
                say(OK)
            }
            Request::Rcpt { .. } if !self.has_sender => say(BAD_ORDER),
            Request::Rcpt { .. } if self.recipient.is_some() => {
                say("452 4.5.3 one recipient for each message")
            }
            Request::Rcpt { to } => self.recipient(&to.address),
            Request::Data if self.recipient.is_none() => say("503 5.5.1 no valid recipient"),
            Request::Data => {
                let receiver = DataReceiver::new();
                self.reading = Reading::Content { receiver, kept: Vec::new(), received: 0 };
                say("354 end with a dot")
            }
            Request::Rset => {
                self.reset();
                say(OK)
            }
            Request::Noop { .. } => say(OK),
            Request::Quit => Next::Close("221 2.0.0 bye"),
            _ => say("502 5.5.1 not supported"),
        }
    }

    fn recipient(&mut self, address: &str) -> Next {
        let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
        if !domain.eq_ignore_ascii_case(self.domain()) {
            self.mistakes += 1;
            return say("550 5.7.1 this server does not relay");
        }
        self.recipient = if local.eq_ignore_ascii_case(COMPLAINTS) {
            Some(Recipient::Complaints)
        } else {
            self.app.mails.open_return_path(local).map(Recipient::Mail)
        };
        if self.recipient.is_none() {
            self.mistakes += 1;
            self.app.metrics.mail_report("forged");
            return say("550 5.1.1 no such mailbox");
        }
        say(OK)
    }

    /// Records what a message reports, and returns the reply to it. LMTP has one reply for each
    /// recipient, and there is one.
    async fn record(&self, content: Vec<u8>) -> &'static str {
        let parsed = tokio::task::spawn_blocking(move || reports::parse(&content));
        let Some((mail_id, report)) = parsed.await.ok().flatten().and_then(|one| self.judge(one))
        else {
            self.app.metrics.mail_report("ignored");
            return "250 2.0.0 nothing to record";
        };
        let command = RecordMailReport { mail_id, report };
        match self.app.execute(command, &Origin::default()).await {
            Ok(_) => "250 2.0.0 recorded",
            Err(error) => {
                tracing::warn!(mail.id = %mail_id, error = ?error, "report of email {mail_id} not recorded");
                "451 4.3.0 cannot record it now"
            }
        }
    }

    /// The email that a report is about, if that is proven.
    fn judge(&self, parsed: ParsedReport) -> Option<(MailId, MailReport)> {
        let ParsedReport { report, quoted_path } = parsed;
        let mail_id = match (self.recipient?, &report) {
            (Recipient::Mail(mail_id), _) => mail_id,
            (Recipient::Complaints, MailReport::Complained { .. }) => {
                self.app.mails.open_return_path(&quoted_path?)?
            }
            (Recipient::Complaints, MailReport::Bounced { .. }) => return None,
        };
        Some((mail_id, report))
    }

    async fn say(&mut self, reply: &str) -> io::Result<()> {
        let line = format!("{reply}\r\n");
        timeout(self.idle_timeout, self.stream.write_all(line.as_bytes())).await?
    }

    fn reset(&mut self) {
        self.has_sender = false;
        self.recipient = None;
    }

    fn domain(&self) -> &'a str {
        self.app.settings.mail.bounce_domain.as_ref().map_or("localhost", |domain| domain.as_str())
    }
}

fn say(reply: &str) -> Next {
    Next::Say(reply.to_owned())
}
