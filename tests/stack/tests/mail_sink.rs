//! The mail sink over real connections.
#![expect(clippy::unwrap_used, reason = "tests panic on failure")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use keyward_stack::{
    MailSink, folder,
    mail_sink::{Action, Behaviour, Options, Stage, Stored},
};
use serde_json::{Value, json};

const SOON: Duration = Duration::from_secs(5);

struct Client(BufReader<TcpStream>);

impl Client {
    fn connect(sink: &MailSink) -> Self {
        let address = sink.smtp_url().replace("smtp://", "");
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(400))).unwrap();
        Self(BufReader::new(stream))
    }

    /// A connection after greeting and `EHLO`.
    fn greeted(sink: &MailSink) -> Self {
        let mut client = Self::connect(sink);
        assert!(client.reply().starts_with("220 "));
        assert!(client.say("EHLO test").starts_with("250 "));
        client
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).unwrap();
    }

    /// The last line of the next reply; empty if the sink closes the connection or is silent.
    fn reply(&mut self) -> String {
        loop {
            let mut line = String::new();
            let _ = self.0.read_line(&mut line);
            if line.as_bytes().get(3) != Some(&b'-') {
                return line.trim_end().to_owned();
            }
        }
    }

    fn say(&mut self, line: &str) -> String {
        self.write(format!("{line}\r\n").as_bytes());
        self.reply()
    }

    /// Delivers a mail and returns the reply that decided it.
    fn send(&mut self, to: &str, content: &str) -> String {
        for line in ["MAIL FROM:<us@example.org>", &format!("RCPT TO:<{to}>"), "DATA"] {
            let reply = self.say(line);
            if !reply.starts_with(['2', '3']) {
                return reply;
            }
        }
        self.say(&format!("{content}\r\n."))
    }

    /// Whether the sink has closed the connection.
    fn is_closed(&mut self) -> bool {
        matches!(self.0.read(&mut [0]), Ok(0))
    }
}

fn sink() -> MailSink {
    MailSink::start(Options::default()).unwrap()
}

/// Sends a request and returns status and body.
fn http(sink: &MailSink, method: &str, path: &str, body: &str) -> (u16, String) {
    let authority = sink.http_url().replace("http://", "");
    let mut stream = TcpStream::connect(&authority).unwrap();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), body.to_owned())
}

fn get(sink: &MailSink, path: &str) -> Value {
    let (status, body) = http(sink, "GET", path, "");
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

const MAIL: &str = "From: Keyward <keyward@example.org>\r\n\
    To: =?utf-8?Q?Ad=C3=A9le?= <adele@example.org>\r\n\
    Message-ID: <1@example.org>\r\n\
    Subject: =?utf-8?B?UGzDtnR6bGljaA==?=\r\n\
    X-Long: one\r\n two\r\n\
    MIME-Version: 1.0\r\n\
    Content-Type: multipart/alternative; boundary=b\r\n\r\n\
    --b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
    Gr=C3=BC=C3=9Fe\r\n\
    --b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Gruß</p>\r\n--b--\r\n";

#[tokio::test]
async fn a_mail_is_parsed_and_returned_to_a_waiting_test() {
    let sink = sink();
    let waiting = sink.wait_for(|mail| mail.is_to("Adele@example.org"), SOON);

    let (mail, ()) = tokio::join!(waiting, async {
        let reply = Client::greeted(&sink).send("adele@example.org", MAIL);
        assert!(reply.starts_with("250 "), "{reply}");
    });

    let mail = mail.unwrap();
    assert_eq!(mail.subject, "Plötzlich");
    assert_eq!(mail.message_id, "1@example.org");
    assert_eq!(mail.from, "keyward@example.org");
    assert_eq!(mail.to, ["adele@example.org"]);
    assert_eq!(mail.text.trim_end(), "Grüße");
    assert_eq!(mail.html.trim_end(), "<p>Gruß</p>");
    assert_eq!(mail.header("x-long"), Some("one two"));
    assert_eq!(mail.envelope_to, ["adele@example.org"]);
}

#[test]
fn commands_are_pipelined_and_dots_are_unstuffed() {
    let sink = sink();
    let mut client = Client::greeted(&sink);

    client.write(b"MAIL FROM:<a@b.org> BODY=8BITMIME SIZE=99\r\nRCPT TO:<x@b.org>\r\nRCPT TO:<y@b.org>\r\nDATA\r\n");
    let replies: Vec<String> = (0..4).map(|_| client.reply()).collect();
    let codes: Vec<&str> = replies.iter().map(|reply| &reply[..3]).collect();
    assert_eq!(codes, ["250", "250", "250", "354"]);
    client.write(b"Subject: dots\r\n\r\n..one\r\n.");
    client.write(b".two\r\n.\r\nNOOP\r\nQUIT\r\n");

    assert!(client.reply().starts_with("250 "));
    assert!(client.reply().starts_with("250 "), "the NOOP after the dot");
    assert!(client.reply().starts_with("221 "));
    assert!(client.is_closed());
    let mail = &sink.messages_to("y@b.org")[0];
    assert_eq!(mail.text, ".one\r\n.two\r\n");
    assert_eq!(mail.html, "", "no HTML is made up");
    assert_eq!(mail.envelope_to, ["x@b.org", "y@b.org"]);
}

#[test]
fn invalid_commands_are_refused_and_the_session_continues() {
    let sink = sink();
    let mut client = Client::greeted(&sink);

    assert!(client.say("RCPT TO:<x@b.org>").starts_with("503 "));
    assert!(client.say("DATA").starts_with("503 "));
    assert!(client.say("NONSENSE").starts_with("500 "));
    assert!(client.say("MAIL FROM:<a@b.org> SIZE=99999999").starts_with("552 "));
    assert!(client.say("MAIL FROM:<ä@b.org>").starts_with("553 "));
    assert!(client.say("AUTH PLAIN AGEAYg==").starts_with("235 "));
    assert!(client.say("AUTH PLAIN").starts_with("334"));
    assert!(client.say("AGEAYg==").starts_with("235 "));
    assert!(client.say("RSET").starts_with("250 "));
    assert!(client.send("x@b.org", "Subject: fine\r\n\r\n").starts_with("250 "));
}

#[test]
fn a_refusal_applies_to_its_stage_recipient_and_count() {
    let sink = sink();
    for stage in [Stage::Mail, Stage::Rcpt, Stage::Data, Stage::Final] {
        sink.behave(Behaviour::reply_at(stage, "451 4.3.0 try later").times(1));
        let reply = Client::greeted(&sink).send("x@b.org", "Subject: 1\r\n\r\n");
        assert_eq!(reply, "451 4.3.0 try later", "{stage:?}");
        assert_eq!(sink.attempts().last().unwrap().stage, stage);
        let reply = Client::greeted(&sink).send("x@b.org", "Subject: 2\r\n\r\n");
        assert!(reply.starts_with("250 "), "once only: {reply}");
    }
    sink.behave(Behaviour::reply_at(Stage::Connect, "554 5.3.2 closed").times(1));
    assert_eq!(Client::connect(&sink).reply(), "554 5.3.2 closed");

    sink.behave(Behaviour::reply("550 5.1.1 no such user").to("y@b.org"));
    let mut client = Client::greeted(&sink);
    assert!(client.send("Y@b.org", "Subject: 3\r\n\r\n").starts_with("550 "));
    assert!(client.say("RSET").starts_with("250 "));
    assert!(client.send("x@b.org", "Subject: 4\r\n\r\n").starts_with("250 "));
    assert_eq!(sink.attempts_to("y@b.org")[0].reply, "550 5.1.1 no such user");
    assert_eq!(sink.messages_to("x@b.org").len(), 5);
}

#[test]
fn silence_and_dropped_connections_store_the_mail_on_request() {
    let sink = sink();
    sink.behave(Behaviour::new(Action::Silent(Stage::Connect, Stored::No)).times(1));
    assert_eq!(Client::connect(&sink).reply(), "");

    for (stored, count) in [(Stored::No, 0), (Stored::Yes, 1)] {
        sink.behave(Behaviour::new(Action::DropAfterDot(stored)).times(1));
        let mut client = Client::greeted(&sink);
        assert_eq!(client.send("x@b.org", "Subject: 1\r\n\r\n"), "");
        assert!(client.is_closed());
        assert_eq!(sink.messages_to("x@b.org").len(), count);
    }
    sink.behave(Behaviour::new(Action::Silent(Stage::Final, Stored::Yes)).times(1));
    let mut client = Client::greeted(&sink);
    assert_eq!(client.send("z@b.org", "Subject: 1\r\n\r\n"), "");
    assert!(!client.is_closed(), "it is silent and stays open");
    assert_eq!(sink.messages_to("z@b.org").len(), 1);
}

#[test]
fn an_idle_connection_is_closed_after_a_mail() {
    let sink = sink();
    sink.behave(Behaviour::new(Action::CloseIdle(Duration::from_millis(100))).to("x@b.org"));
    let mut client = Client::greeted(&sink);
    std::thread::sleep(Duration::from_millis(200));
    assert!(client.send("x@b.org", "Subject: 1\r\n\r\n").starts_with("250 "));

    let since = Instant::now();
    assert!(client.is_closed());
    assert!(since.elapsed() >= Duration::from_millis(50));
    assert_eq!(sink.messages_to("x@b.org").len(), 1);
}

#[test]
fn the_http_interface_is_compatible_with_mailpit() {
    let sink = sink();
    Client::greeted(&sink).send("adele@example.org", MAIL);
    Client::greeted(&sink).send("hidden@b.org", "To: x@b.org\r\nSubject: second\r\n\r\nwords\r\n");

    let list = get(&sink, "/api/v1/messages?limit=1");
    assert_eq!((&list["total"], &list["count"]), (&json!(2), &json!(1)));
    let newest = &list["messages"][0];
    assert_eq!(newest["Subject"], "second");
    assert_eq!(newest["Bcc"], json!([{"Name": "", "Address": "hidden@b.org"}]));
    assert_eq!(newest["Snippet"], "words");

    let found = get(&sink, "/api/v1/search?query=to%3Aadele%40example.org");
    assert_eq!(found["messages_count"], 1);
    let id = found["messages"][0]["ID"].as_str().unwrap();
    let mail = get(&sink, &format!("/api/v1/message/{id}"));
    assert_eq!(mail["MessageID"], "1@example.org");
    assert_eq!(mail["To"], json!([{"Name": "Adéle", "Address": "adele@example.org"}]));
    assert_eq!(mail["HTML"], "<p>Gruß</p>");
    let headers = get(&sink, &format!("/api/v1/message/{id}/headers"));
    assert_eq!(headers["X-Long"], json!(["one two"]));
    assert_eq!(get(&sink, "/api/v1/message/latest")["Subject"], "second");
    assert!(http(&sink, "GET", &format!("/view/{id}.html"), "").1.contains("_blank"));

    assert_eq!(http(&sink, "GET", "/api/v1/message/none", "").0, 404);
    let body = json!({"IDs": [id]}).to_string();
    assert_eq!(http(&sink, "DELETE", "/api/v1/messages", &body).0, 200);
    assert_eq!(sink.messages().len(), 1);
    assert_eq!(http(&sink, "DELETE", "/api/v1/messages", "").0, 200);
    assert!(sink.messages().is_empty());
}

#[test]
fn faults_are_set_over_http() {
    let sink = sink();
    let fault = r#"{"reply": "421 4.3.2 busy", "times": 1, "recipient": "x@b.org"}"#;
    assert_eq!(http(&sink, "PUT", "/api/v1/behaviour", fault).0, 200);
    assert_eq!(get(&sink, "/api/v1/behaviour")[0]["stage"], "rcpt");

    let reply = Client::greeted(&sink).send("x@b.org", "Subject: 1\r\n\r\n");

    assert_eq!(reply, "421 4.3.2 busy");
    assert_eq!(get(&sink, "/api/v1/attempts")[0]["reply"], "421 4.3.2 busy");
    assert_eq!(get(&sink, "/api/v1/behaviour"), json!([]));
    for wrong in [r#"{"reply": "250 ok"}"#, "{}", r#"{"action": "explode"}"#] {
        assert_eq!(http(&sink, "PUT", "/api/v1/behaviour", wrong).0, 400, "{wrong}");
    }
}

#[test]
fn mail_in_a_folder_survives_a_restart() {
    let home = folder::scratch("mail").unwrap();
    let options = Options { folder: Some(home.path().into()), ..Options::default() };
    let sink = MailSink::start(options.clone()).unwrap();
    Client::greeted(&sink).send("adele@example.org", MAIL);
    let before = sink.messages();
    drop(sink);

    let after = MailSink::start(options).unwrap().messages();

    assert_eq!(after, before);
}
