//! The mail sink over real connections.
#![expect(clippy::unwrap_used, reason = "tests panic on failure")]

mod client;
mod faults;

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use keyward_stack::{MailSink, folder, mail_sink::Options};
use serde_json::{Value, json};

use crate::client::Client;

const SOON: Duration = Duration::from_secs(5);

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
    for rule in [
        json!({"action": "bytes", "stage": "final", "bytes": "MjUwDQo=", "one_by_one": true, "stored": true}),
        json!({"action": "reset", "stage": "data", "stored": false}),
        json!({"action": "strict_helo", "literals": true}),
        json!({"action": "tls_required"}),
    ] {
        assert_eq!(http(&sink, "PUT", "/api/v1/behaviour", &rule.to_string()).0, 200);
        assert_eq!(get(&sink, "/api/v1/behaviour"), json!([rule]));
    }
    sink.behave_well();
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
