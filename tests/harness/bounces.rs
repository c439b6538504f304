use std::net::SocketAddr;

use aws_lc_rs::hmac;
use keyward_stack::{folder, ports::Ports};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

use crate::{Options, World};

/// The domain of return paths in tests.
pub const BOUNCE_DOMAIN: &str = "bounces.keyward.example";

impl Options {
    /// Emails have return paths, and the worker takes bounces.
    #[must_use]
    pub fn with_bounces() -> Self {
        let folder = Box::leak(Box::new(folder::scratch("bounces").unwrap()));
        // Claimed until the end of the process.
        let ports = Box::leak(Box::new(Ports::open(folder.path().join("ports.json"))));
        let port = ports.claim("bounces", None).unwrap();
        Self::default()
            .set("BOUNCE_DOMAIN", BOUNCE_DOMAIN)
            .set("BOUNCE_LISTEN", format!("127.0.0.1:{port}"))
    }
}

/// A mail server that hands reports to the worker.
#[derive(Debug)]
pub struct BounceClient(BufReader<TcpStream>);

impl BounceClient {
    /// Takes a connection; the greeting is still to be read.
    #[must_use]
    pub fn of(stream: TcpStream) -> Self {
        Self(BufReader::new(stream))
    }

    /// Sends a line and returns the whole reply, or an empty text after the end.
    pub async fn say(&mut self, line: &str) -> String {
        self.send(format!("{line}\r\n").as_bytes()).await;
        self.reply().await
    }

    /// Sends bytes. A connection that was closed by the other side is no failure.
    pub async fn send(&mut self, bytes: &[u8]) {
        _ = self.0.get_mut().write_all(bytes).await;
    }

    /// Reads one reply; an empty text after the end.
    pub async fn reply(&mut self) -> String {
        let mut reply = String::new();
        loop {
            let start = reply.len();
            if self.0.read_line(&mut reply).await.unwrap_or_default() == 0 {
                return reply;
            }
            if reply.as_bytes()[start..].get(3) != Some(&b'-') {
                return reply;
            }
        }
    }

    /// Sends a message to a return path, and returns the reply to it or to the first refused command.
    pub async fn report(&mut self, to: &str, message: &str) -> String {
        for line in ["MAIL FROM:<>", &format!("RCPT TO:<{to}>"), "DATA"] {
            let reply = self.say(line).await;
            if !reply.starts_with(['2', '3']) {
                return reply;
            }
        }
        self.say(&format!("{}\r\n.", message.replace('\n', "\r\n"))).await
    }
}

impl World {
    /// The address on which the worker takes bounces.
    pub fn bounce_address(&self) -> SocketAddr {
        self.app.settings.mail.bounce_listen.unwrap()
    }

    /// Connects and greets.
    pub async fn bounce_client(&self) -> BounceClient {
        let connect = async || TcpStream::connect(self.bounce_address()).await.ok();
        let stream = crate::until("the worker takes bounces", connect).await;
        let mut client = BounceClient::of(stream);
        assert!(client.reply().await.starts_with("220 "));
        assert!(client.say("LHLO mx.relay.example").await.starts_with("250"));
        client
    }

    /// The return path of the latest email to an address.
    pub fn return_path(&self, to: &str) -> String {
        self.mail.attempts_to(to).last().unwrap().from.clone()
    }

    /// Reports to the return path of the latest email to an address that it bounced with a status.
    /// Returns the reply.
    pub async fn bounce(&self, to: &str, status: &str) -> String {
        let mut client = self.bounce_client().await;
        client.report(&self.return_path(to), &delivery_status("failed", status)).await
    }
}

/// A delivery status notification.
#[must_use]
pub fn delivery_status(action: &str, status: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.relay.example\nSubject: Undelivered Mail\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=B\n\n--B\n\
         Content-Type: text/plain\n\nThis is the mail system.\n--B\n\
         Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.relay.example\n\n\
         Final-Recipient: rfc822; ada@example.org\nAction: {action}\nStatus: {status}\n\
         Diagnostic-Code: smtp; 550 {status} <ada@example.org>: no such user\n\n--B--\n"
    )
}

/// A complaint that quotes a return path.
#[must_use]
pub fn complaint(quoted: &str) -> String {
    format!(
        "From: feedback@isp.example\n\
         Content-Type: multipart/report; report-type=feedback-report; boundary=B\n\n--B\n\
         Content-Type: text/plain\n\nAn abuse report.\n--B\n\
         Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\n\
         User-Agent: Reporter/1.0\n\n--B\nContent-Type: message/rfc822\n\n\
         Return-Path: <{quoted}>\nSubject: Confirm your email address\n\n--B--\n"
    )
}

/// The body of Mailgun's webhook, signed with a key at a time.
#[must_use]
pub fn mailgun(key: &str, at: &str, event: &Value) -> Value {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let mac = hmac::sign(&key, format!("{at}a-nonce").as_bytes());
    let signature: String = mac.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let signature = json!({"timestamp": at, "token": "a-nonce", "signature": signature});
    json!({"signature": signature, "event-data": event})
}
