//! One conversation with a relay (RFC 5321).

use std::{io, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};

use super::{
    envelope::Envelope,
    failure::{Cause, Failure, Step},
    reply::{NoReply, Reply},
};

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection, between two steps. Dropping it closes it.
pub(in crate::mail) struct Connection {
    stream: BufReader<Box<dyn Stream>>,
    /// The time for each step.
    timeout: Duration,
    features: Features,
}

/// What the relay offers.
#[derive(Debug, Default)]
struct Features {
    starttls: bool,
    smtputf8: bool,
    eight_bit: bool,
    size: bool,
    /// The words after `AUTH`.
    logins: Vec<String>,
}

impl Connection {
    /// The relay has three times as long to accept an email: many scan it first, and giving up on one
    /// that accepts it in the end makes a copy (RFC 5321, section 4.5.3.2.6).
    const CONTENT_TIMEOUT_FACTOR: u32 = 3;

    /// Connects to the first address of `host` that answers.
    pub(in crate::mail) async fn open(
        host: &str,
        port: u16,
        limit: Duration,
    ) -> Result<Self, Failure> {
        let connecting = async {
            let addresses: Vec<_> = lookup_host((host, port)).await?.collect();
            // An address that does not answer must not use up the time of the others.
            let share = limit / u32::try_from(addresses.len()).unwrap_or(1).max(1);
            let mut failure = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
            for address in addresses {
                match timeout(share, TcpStream::connect(address)).await {
                    Ok(Ok(stream)) => return stream.set_nodelay(true).map(|()| stream),
                    Ok(Err(error)) => failure = error,
                    Err(_) => failure = io::ErrorKind::TimedOut.into(),
                }
            }
            Err(failure)
        };
        match timeout(limit, connecting).await {
            Ok(Ok(stream)) => Ok(Self::new(stream, limit)),
            Ok(Err(error)) => Err(Failure::new(Step::Connect, NoReply::Io(error))),
            Err(_) => Err(Failure::new(Step::Connect, Cause::Timeout(limit))),
        }
    }

    /// A conversation over an open stream.
    pub(super) fn new(
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        timeout: Duration,
    ) -> Self {
        let stream: Box<dyn Stream> = Box::new(stream);
        Self { stream: BufReader::new(stream), timeout, features: Features::default() }
    }

    /// Encrypts the connection. The certificate must be valid for `host`.
    pub(super) async fn encrypt(self, tls: &TlsConnector, host: &str) -> Result<Self, Failure> {
        let failure = |error: io::Error| Failure::new(Step::Tls, NoReply::Io(error));
        let name = ServerName::try_from(host.to_owned())
            .map_err(|error| failure(io::Error::new(io::ErrorKind::InvalidInput, error)))?;
        let handshake = tls.connect(name, self.stream.into_inner());
        match timeout(self.timeout, handshake).await {
            Ok(Ok(stream)) => Ok(Self::new(stream, self.timeout)),
            Ok(Err(error)) => Err(failure(error)),
            Err(_) => Err(Failure::new(Step::Tls, Cause::Timeout(self.timeout))),
        }
    }

    /// Waits for the greeting. Returns what the relay calls itself.
    pub(in crate::mail) async fn greeting(&mut self) -> Result<String, Failure> {
        let reply = expect(Step::Greeting, self.exchange(Step::Greeting, &[]).await?, 2)?;
        let name = reply.lines.first().and_then(|line| line.split_whitespace().next());
        Ok(name.unwrap_or("nothing").to_owned())
    }

    /// Introduces this client as `name`, and learns what the relay offers.
    pub(in crate::mail) async fn ehlo(&mut self, name: &str) -> Result<(), Failure> {
        let reply = self.command(Step::Ehlo, &format!("EHLO {name}")).await?;
        if [500, 502].contains(&reply.code) {
            // A relay that speaks SMTP without extensions.
            self.step(Step::Ehlo, &format!("HELO {name}"), 2).await?;
            return Ok(());
        }
        self.features = Features::of(&expect(Step::Ehlo, reply, 2)?);
        Ok(())
    }

    pub(super) fn offers_starttls(&self) -> bool {
        self.features.starttls
    }

    pub(super) async fn starttls(&mut self) -> Result<(), Failure> {
        self.step(Step::Tls, "STARTTLS", 2).await?;
        // What came with the reply is not encrypted, so it must not be read as the relay's.
        self.require_silence(Step::Tls)
    }

    /// Logs in with PLAIN (RFC 4616), or LOGIN if the relay offers nothing else.
    pub(super) async fn log_in(&mut self, user: &str, password: &str) -> Result<Reply, Failure> {
        let offers = |name: &str| self.features.logins.iter().any(|one| one == name);
        let plain = STANDARD.encode(format!("\0{user}\0{password}"));
        let [encoded_user, encoded_password] = [user, password].map(|text| STANDARD.encode(text));
        let login = if offers("PLAIN") {
            self.step(Step::Login, &format!("AUTH PLAIN {plain}"), 2).await
        } else if offers("LOGIN") {
            async {
                self.step(Step::Login, "AUTH LOGIN", 3).await?;
                self.step(Step::Login, &encoded_user, 3).await?;
                self.step(Step::Login, &encoded_password, 2).await
            }
            .await
        } else {
            let text = "the relay offers neither PLAIN nor LOGIN";
            return Err(Failure::new(Step::Login, Cause::Unsupported(text)));
        };
        let secrets = [plain, encoded_user, encoded_password, password.to_owned()];
        match login {
            Ok(reply) => Ok(reply.without(&secrets)),
            Err(Failure { step, cause: Cause::Reply(reply) }) => {
                Err(Failure::new(step, Cause::Reply(reply.without(&secrets))))
            }
            Err(failure) => Err(failure),
        }
    }

    /// Asks whether the relay takes email from this sender, of `bytes` bytes, that bounces to `return_path`.
    /// `to` is the recipient, if it is known.
    pub(in crate::mail) async fn mail_from(
        &mut self,
        return_path: &str,
        from: &str,
        to: &str,
        bytes: usize,
        is_eight_bit: bool,
    ) -> Result<(), Failure> {
        let mut command = format!("MAIL FROM:<{return_path}>");
        // Headers have the addresses of sender and recipient.
        for (address, step) in
            [(return_path, Step::MailFrom), (from, Step::MailFrom), (to, Step::RcptTo)]
        {
            if !address.is_ascii() && !self.features.smtputf8 {
                let text = "the relay cannot take this address: it has other characters than ASCII, and \
                            the relay does not offer SMTPUTF8";
                return Err(Failure::new(step, Cause::Unsupported(text)));
            }
        }
        if self.features.size {
            command += &format!(" SIZE={bytes}");
        }
        if self.features.eight_bit && is_eight_bit {
            command += " BODY=8BITMIME";
        }
        if ![return_path, from, to].iter().all(|address| address.is_ascii()) {
            command += " SMTPUTF8";
        }
        self.step(Step::MailFrom, &command, 2).await.map(drop)
    }

    /// Asks whether the relay takes email to this address.
    pub(in crate::mail) async fn rcpt_to(&mut self, to: &str) -> Result<(), Failure> {
        self.step(Step::RcptTo, &format!("RCPT TO:<{to}>"), 2).await.map(drop)
    }

    /// Sends an email. `Ok` is its acceptance, whatever happens afterwards.
    pub(in crate::mail) async fn send(
        &mut self,
        email: &Envelope,
        content: &[u8],
    ) -> Result<Reply, Failure> {
        let Envelope { from, to, return_path } = email;
        self.mail_from(return_path, from, to, content.len(), !content.is_ascii()).await?;
        self.rcpt_to(to).await?;
        self.step(Step::Data, "DATA", 3).await?;
        self.timeout *= Self::CONTENT_TIMEOUT_FACTOR;
        let reply = self.exchange(Step::Content, &stuffed(content)).await;
        self.timeout /= Self::CONTENT_TIMEOUT_FACTOR;
        expect(Step::Content, reply?, 2)
    }

    /// Ends what has begun, and whether the connection can be used for another email.
    pub(in crate::mail) async fn reset(&mut self) -> bool {
        self.step(Step::MailFrom, "RSET", 2).await.is_ok_and(|reply| !reply.is_last)
    }

    /// Closes the connection politely.
    pub(in crate::mail) async fn quit(mut self) {
        let _ = timeout(Duration::from_secs(1), self.command(Step::Content, "QUIT")).await;
    }

    /// Sends a command. Fails unless the code of the reply begins with `class`.
    async fn step(&mut self, step: Step, command: &str, class: u16) -> Result<Reply, Failure> {
        let reply = self.command(step, command).await?;
        expect(step, reply, class)
    }

    async fn command(&mut self, step: Step, command: &str) -> Result<Reply, Failure> {
        self.exchange(step, format!("{command}\r\n").as_bytes()).await
    }

    /// Writes bytes and reads a reply.
    async fn exchange(&mut self, step: Step, bytes: &[u8]) -> Result<Reply, Failure> {
        if step != Step::Greeting {
            self.require_silence(step)?;
        }
        let mut heard = None;
        let exchange = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await?;
            Reply::read(&mut self.stream, &mut heard).await
        };
        let result = timeout(self.timeout, exchange).await;
        match (result, heard) {
            (Ok(Ok(())), Some(reply)) => Ok(reply),
            // Nothing follows this reply, and what was heard of it is enough.
            (_, Some(reply)) if step == Step::Content => Ok(Reply { is_last: true, ..reply }),
            (Ok(Err(cause)), _) => Err(Failure::new(step, cause)),
            (Ok(Ok(())) | Err(_), _) => Err(Failure::new(step, Cause::Timeout(self.timeout))),
        }
    }

    /// Fails if the relay has said more than it was asked: every later reply could belong to another
    /// command.
    fn require_silence(&self, step: Step) -> Result<(), Failure> {
        match self.stream.buffer() {
            [] => Ok(()),
            extra => {
                let text = String::from_utf8_lossy(extra).into_owned();
                Err(Failure::new(step, NoReply::NotSmtp(format!("a reply to no command: {text}"))))
            }
        }
    }
}

impl Features {
    fn of(reply: &Reply) -> Self {
        let mut features = Self::default();
        // The first line is the name of the relay.
        for line in reply.lines.iter().skip(1) {
            let line = line.to_ascii_uppercase();
            let mut words = line.split([' ', '=']).filter(|word| !word.is_empty());
            match words.next() {
                Some("STARTTLS") => features.starttls = true,
                Some("SMTPUTF8") => features.smtputf8 = true,
                Some("8BITMIME") => features.eight_bit = true,
                Some("SIZE") => features.size = true,
                Some("AUTH") => features.logins.extend(words.map(str::to_owned)),
                _ => {}
            }
        }
        features
    }
}

fn expect(step: Step, reply: Reply, class: u16) -> Result<Reply, Failure> {
    if reply.class() == class { Ok(reply) } else { Err(Failure::new(step, Cause::Reply(reply))) }
}

/// An email as it is sent: a dot before each line that begins with one, and a dot alone at the end
/// (RFC 5321, section 4.5.2).
pub(super) fn stuffed(content: &[u8]) -> Vec<u8> {
    let mut wire = Vec::with_capacity(content.len() + 64);
    for line in content.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            wire.push(b'.');
        }
        wire.extend_from_slice(line);
    }
    if !wire.ends_with(b"\r\n") {
        wire.extend_from_slice(b"\r\n");
    }
    wire.extend_from_slice(b".\r\n");
    wire
}
