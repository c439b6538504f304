//! An SMTP server that delivers no email: it stores and displays it, and simulates faults on request.

mod behaviour;
mod faults;
mod http;
mod mail;
mod mailbox;
mod pages;
mod replies;
mod search;
mod smtp;
mod wire;

use std::{
    net::{Ipv4Addr, TcpListener},
    path::PathBuf,
    sync::Arc,
    thread,
    time::Duration,
};

use anyhow::{Context, Result, anyhow};
use tokio::{runtime, sync::oneshot, time::timeout};

pub use self::{
    behaviour::{Action, Behaviour, Bytes, Stage, Stored},
    mail::Mail,
    mailbox::Attempt,
};
use mailbox::Mailbox;

/// Ports, storage and limits of the sink.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The SMTP port; a free one if none.
    pub smtp_port: Option<u16>,
    /// The port of the page and the HTTP interface; a free one if none.
    pub http_port: Option<u16>,
    /// The folder of `.eml` files; in memory only if none.
    pub folder: Option<PathBuf>,
    /// How many mails, and how many attempts, are kept; 1,000 if none.
    pub keep: Option<usize>,
    /// Whether it accepts addresses outside ASCII (RFC 6531).
    pub smtputf8: bool,
}

/// A running sink. Dropping it closes its ports.
///
/// It runs on its own thread, so that tests with different runtimes can share one. Each test should
/// only read mail to its own addresses.
#[derive(Debug)]
pub struct MailSink {
    mailbox: Arc<Mailbox>,
    smtp_port: u16,
    http_port: u16,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl MailSink {
    /// Opens both ports, on 127.0.0.1 only.
    ///
    /// # Errors
    ///
    /// If a port is in use, or the mail of earlier runs cannot be read.
    pub fn start(options: Options) -> Result<Self> {
        let mailbox =
            Arc::new(Mailbox::open(options.folder, options.keep.unwrap_or(mailbox::KEPT))?);
        let smtp = listen(options.smtp_port)?;
        let http = listen(options.http_port)?;
        let (smtp_port, http_port) = (smtp.local_addr()?.port(), http.local_addr()?.port());

        let (stop, stopped) = oneshot::channel();
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let shared = mailbox.clone();
        let thread = thread::Builder::new().name("mail-sink".into()).spawn(move || {
            runtime.block_on(async {
                let smtp = tokio::net::TcpListener::from_std(smtp);
                let smtp = async {
                    if let Ok(listener) = smtp {
                        smtp::serve(listener, shared.clone(), options.smtputf8).await;
                    }
                };
                tokio::select! {
                    () = smtp => {}
                    _ = http::serve(http, shared.clone()) => {}
                    _ = stopped => {}
                }
            });
        })?;
        Ok(Self { mailbox, smtp_port, http_port, stop: Some(stop), thread: Some(thread) })
    }

    /// The SMTP address: `smtp://127.0.0.1:port`.
    pub fn smtp_url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.smtp_port)
    }

    /// The address of the page and the HTTP interface: `http://127.0.0.1:port`.
    pub fn http_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.http_port)
    }

    /// All stored mail, oldest first.
    pub fn messages(&self) -> Vec<Arc<Mail>> {
        self.mailbox.mails()
    }

    /// All mail delivered to an address, oldest first.
    pub fn messages_to(&self, recipient: &str) -> Vec<Arc<Mail>> {
        let mut mails = self.messages();
        mails.retain(|mail| mail.is_to(recipient));
        mails
    }

    /// Waits for a mail that matches, and returns the oldest one.
    ///
    /// # Errors
    ///
    /// If none arrives in time; the message lists the stored mail.
    pub async fn wait_for(
        &self,
        fits: impl Fn(&Mail) -> bool,
        bound: Duration,
    ) -> Result<Arc<Mail>> {
        let mut changes = self.mailbox.changes();
        let found = timeout(bound, async {
            loop {
                let mut mails = self.messages().into_iter();
                if let Some(mail) = mails.find(|mail| fits(mail)) {
                    return mail;
                }
                let _ = changes.changed().await;
            }
        });
        found.await.map_err(|_| {
            let stored = self.messages();
            let stored = stored
                .iter()
                .map(|mail| format!("\n  to {}: {}", mail.envelope_to.join(", "), mail.subject));
            anyhow!("no matching mail within {bound:?}; stored:{}", stored.collect::<String>())
        })
    }

    /// All delivery attempts, oldest first, failed ones included.
    pub fn attempts(&self) -> Vec<Attempt> {
        self.mailbox.attempts()
    }

    /// All attempts for an address, oldest first.
    pub fn attempts_to(&self, recipient: &str) -> Vec<Attempt> {
        let is_to = |one: &String| one.eq_ignore_ascii_case(recipient);
        let mut attempts = self.attempts();
        attempts.retain(|attempt| attempt.to.iter().any(is_to));
        attempts
    }

    /// Waits until there are `count` attempts for an address.
    ///
    /// # Errors
    ///
    /// If there are fewer in time.
    pub async fn wait_for_attempts(
        &self,
        recipient: &str,
        count: usize,
        bound: Duration,
    ) -> Result<Vec<Attempt>> {
        let mut changes = self.mailbox.changes();
        let seen = timeout(bound, async {
            loop {
                let attempts = self.attempts_to(recipient);
                if attempts.len() >= count {
                    return attempts;
                }
                let _ = changes.changed().await;
            }
        });
        let seen = seen.await;
        seen.map_err(|_| anyhow!("fewer than {count} attempts within {bound:?}"))
    }

    /// Replaces the rule for its recipient, or the rule for all mail.
    pub fn behave(&self, behaviour: Behaviour) {
        self.mailbox.behave(behaviour);
    }

    /// Removes all rules.
    pub fn behave_well(&self) {
        self.mailbox.behave_well();
    }

    /// Deletes all mail.
    pub fn clear(&self) {
        self.mailbox.remove(|_| true);
    }
}

impl Drop for MailSink {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn listen(port: Option<u16>) -> Result<TcpListener> {
    let port = port.unwrap_or(0);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .with_context(|| format!("listening on port {port}"))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
