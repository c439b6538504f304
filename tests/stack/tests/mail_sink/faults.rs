//! Faults on request.

use std::{
    io::Read as _,
    time::{Duration, Instant},
};

use keyward_stack::mail_sink::{Action, Behaviour, Bytes, Stage, Stored};

use crate::{client::Client, sink};

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
fn strange_replies_accept_or_refuse_by_their_digits() {
    let sink = sink();
    for (bytes, count) in
        [(&b"250\r\n"[..], 1), (b"250-\r\n250 \xfc\r\n", 2), (b"550\r\n", 2), (b"yes\r\n", 2)]
    {
        sink.behave(Behaviour::bytes(Stage::Final, bytes).times(1));
        let mut client = Client::greeted(&sink);
        for line in ["MAIL FROM:<us@example.org>", "RCPT TO:<x@b.org>", "DATA"] {
            client.say(line);
        }
        client.write(b"Subject: 1\r\n\r\n.\r\n");
        let mut reply = vec![0; bytes.len()];
        client.0.read_exact(&mut reply).unwrap();
        assert_eq!(reply, bytes);
        assert_eq!(sink.messages_to("x@b.org").len(), count);
    }
    let bytes = Bytes { bytes: b"250 one by one\r\n".into(), one_by_one: true, stored: Stored::No };
    sink.behave(Behaviour::new(Action::Bytes(Stage::Rcpt, bytes)).times(1));
    assert!(Client::greeted(&sink).send("x@b.org", "Subject: 2\r\n\r\n").starts_with("250 "));
}

#[test]
fn relay_can_be_strict_about_names_and_tls() {
    let sink = sink();
    sink.behave(Behaviour::new(Action::StrictHelo { literals: false }));
    let mut client = Client::connect(&sink);
    client.reply();
    for name in ["keyward", "[127.0.0.1]", "127.0.0.1"] {
        assert!(client.say(&format!("EHLO {name}")).starts_with("504 "), "{name}");
    }
    assert!(client.say("EHLO app.example.org").starts_with("250 "));
    sink.behave(Behaviour::new(Action::StrictHelo { literals: true }));
    assert!(client.say("EHLO [127.0.0.1]").starts_with("250 "));
    assert!(client.say("EHLO [IPv6:::1]").starts_with("250 "));
    sink.behave(Behaviour::new(Action::TlsRequired));
    assert!(client.say("MAIL FROM:<us@example.org>").starts_with("530 "));
    sink.behave(Behaviour::reply_at(Stage::Auth, "535 5.7.8 wrong"));
    assert!(client.say("AUTH PLAIN AGEAYg==").starts_with("535 "));
    sink.behave(Behaviour::new(Action::Reset(Stage::Mail, Stored::No)));
    assert_eq!(client.say("MAIL FROM:<us@example.org>"), "");
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
