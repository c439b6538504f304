//! A simple SMTP client.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use keyward_stack::MailSink;

pub(crate) struct Client(pub(crate) BufReader<TcpStream>);

impl Client {
    pub(crate) fn connect(sink: &MailSink) -> Self {
        let address = sink.smtp_url().replace("smtp://", "");
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(400))).unwrap();
        Self(BufReader::new(stream))
    }

    /// A connection after greeting and `EHLO`.
    pub(crate) fn greeted(sink: &MailSink) -> Self {
        let mut client = Self::connect(sink);
        assert!(client.reply().starts_with("220 "));
        assert!(client.say("EHLO test").starts_with("250 "));
        client
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).unwrap();
    }

    /// The last line of the next reply; empty if the sink closes the connection or is silent.
    pub(crate) fn reply(&mut self) -> String {
        loop {
            let mut line = String::new();
            let _ = self.0.read_line(&mut line);
            if line.as_bytes().get(3) != Some(&b'-') {
                return line.trim_end().to_owned();
            }
        }
    }

    pub(crate) fn say(&mut self, line: &str) -> String {
        self.write(format!("{line}\r\n").as_bytes());
        self.reply()
    }

    /// Delivers a mail and returns the reply that decided it.
    pub(crate) fn send(&mut self, to: &str, content: &str) -> String {
        for line in ["MAIL FROM:<us@example.org>", &format!("RCPT TO:<{to}>"), "DATA"] {
            let reply = self.say(line);
            if !reply.starts_with(['2', '3']) {
                return reply;
            }
        }
        self.say(&format!("{content}\r\n."))
    }

    /// Whether the sink has closed the connection.
    pub(crate) fn is_closed(&mut self) -> bool {
        matches!(self.0.read(&mut [0]), Ok(0))
    }
}
