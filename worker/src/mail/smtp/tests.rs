//! The client against a relay that follows a script.

use std::time::Duration;

use proptest::{collection::vec, prelude::*, sample::select};
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    runtime,
};

use super::{
    Envelope, Failure, Reply, Step,
    connection::{Connection, stuffed},
};

const MAIL: &[u8] = b"Subject: Hello\r\n\r\n.A line with a dot\r\nThe end.\r\n";
const STEPS: [Step; 6] =
    [Step::Greeting, Step::Ehlo, Step::MailFrom, Step::RcptTo, Step::Data, Step::Content];
/// What a relay says if all goes well.
const YES: [&[u8]; 6] = [
    b"220 relay.example ESMTP\r\n",
    b"250-relay.example\r\n250-SIZE 1000000\r\n250 8BITMIME\r\n",
    b"250 2.1.0 OK\r\n",
    b"250 2.1.5 OK\r\n",
    b"354 Go ahead\r\n",
    b"250 2.0.0 Queued as 1\r\n",
];

/// How a relay goes on after a strange reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Afterwards {
    Continues,
    Closes,
    IsSilent,
}

/// What a relay says at one step in place of yes.
#[derive(Debug, Clone)]
struct Oddity {
    step: usize,
    bytes: Vec<u8>,
    one_by_one: bool,
    afterwards: Afterwards,
}

/// Reads a command, or an email up to its final dot. Returns false if the client has closed the
/// connection.
async fn read(
    stream: &mut (impl AsyncBufRead + Unpin),
    step: Step,
    lines: &mut Vec<String>,
) -> bool {
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return false;
        }
        let is_end = step != Step::Content || line == ".\r\n";
        lines.push(line);
        if is_end {
            return true;
        }
    }
}

/// The result of a conversation, and the lines that the relay has read.
async fn converse(odd: Oddity) -> (Result<Reply, Failure>, Vec<String>) {
    let (ours, theirs) = tokio::io::duplex(64);
    let relay = async move {
        let (mut theirs, mut lines) = (BufReader::new(theirs), Vec::new());
        for (step, yes) in YES.iter().enumerate() {
            if step > 0 && !read(&mut theirs, STEPS[step], &mut lines).await {
                return lines;
            }
            let bytes = if step == odd.step { &odd.bytes } else { *yes };
            for part in bytes.chunks(if odd.one_by_one { 1 } else { bytes.len().max(1) }) {
                let _ = theirs.write_all(part).await;
            }
            match odd.afterwards {
                Afterwards::Closes if step == odd.step => return lines,
                Afterwards::IsSilent if step == odd.step => {
                    let mut line = String::new();
                    while theirs.read_line(&mut line).await.unwrap_or(0) > 0 {}
                    return lines;
                }
                _ => {}
            }
        }
        lines
    };
    let client = async move {
        let mut connection = Connection::new(ours, Duration::from_secs(20));
        connection.greeting().await?;
        connection.ehlo("app.example.org").await?;
        let envelope =
            Envelope::new("us@example.org", "ada@example.org", "us@example.org").unwrap();
        connection.send(&envelope, MAIL).await
    };
    tokio::join!(client, relay)
}

/// Runs without waiting: time-outs pass at once.
fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(future)
}

/// The digits that a client can hear in these bytes: those of the last line of the reply.
fn heard(odd: &Oddity) -> Option<u16> {
    let mut code = None;
    for line in odd.bytes.split_inclusive(|byte| *byte == b'\n') {
        let is_whole = line.ends_with(b"\n") || odd.afterwards == Afterwards::Closes;
        let digits = line.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        let has_three = !line.get(3).is_some_and(u8::is_ascii_digit);
        match digits.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit())) {
            Some(digits) if is_whole && has_three => code = digits.parse().ok(),
            _ => return code,
        }
        if line.get(3) != Some(&b'-') {
            break;
        }
    }
    code
}

fn oddity() -> impl Strategy<Value = Oddity> {
    let text = || vec(any::<u8>().prop_filter("one line", |byte| *byte != b'\n'), 0..60);
    let end = || select(vec![&b"\r\n"[..], b"\n", b""]);
    let line = (0_u16..700, select(vec![" ", "-", "", "  "]), text(), end()).prop_map(
        |(code, gap, text, end)| [format!("{code:03}{gap}").as_bytes(), &text, end].concat(),
    );
    let class = select(vec![
        220_u16, 235, 250, 251, 334, 354, 421, 450, 452, 500, 502, 504, 530, 535, 550, 554,
    ]);
    let lines = (class, vec(text(), 1..4), end()).prop_map(|(code, texts, end)| {
        let last = texts.len() - 1;
        let lines = texts.iter().enumerate().map(|(nth, text)| {
            let (gap, end) = if nth == last { (" ", end) } else { ("-", &b"\r\n"[..]) };
            [format!("{code}{gap}").as_bytes(), text, end].concat()
        });
        lines.collect::<Vec<_>>().concat()
    });
    let bare = select(vec![
        "250\r\n",
        "250-\r\n250\r\n",
        "354\r\n",
        "220\r\n",
        "250",
        "25",
        "",
        "250-",
        "OK\r\n",
    ])
    .prop_map(|text| text.as_bytes().to_vec());
    let bytes = prop_oneof![3 => lines, 1 => line, 1 => bare, 1 => vec(any::<u8>(), 0..200)];
    let afterwards = vec![Afterwards::Continues, Afterwards::Closes, Afterwards::IsSilent];
    (0..STEPS.len(), bytes, any::<bool>(), select(afterwards)).prop_map(
        |(step, bytes, one_by_one, afterwards)| {
            let afterwards = match afterwards {
                // Otherwise it could be told apart only by the next reply.
                Afterwards::Continues if step == STEPS.len() - 1 => Afterwards::Closes,
                other => other,
            };
            Oddity { step, bytes, one_by_one, afterwards }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    /// The ledger follows from the result: accepted, deferred or failed.
    #[test]
    fn email_is_accepted_exactly_if_the_digits_after_its_dot_were_heard(odd in oddity()) {
        let (result, lines) = run(converse(odd.clone()));

        let was_sent = lines.last().is_some_and(|line| line == ".\r\n");
        match (STEPS[odd.step], &result) {
            (Step::Content, result) => {
                prop_assert_eq!(result.is_ok(), heard(&odd).is_some_and(|code| code / 100 == 2));
            }
            // Whether it goes on depends on what the relay says next.
            (_, Ok(_)) => prop_assert!(was_sent, "nothing was sent: {:?}", lines),
            (_, Err(_)) => {}
        }
        if let Err(failure) = &result {
            prop_assert_eq!(failure.is_of_relay(), failure.step < Step::RcptTo);
            let is_refused = heard(&odd).is_some_and(|code| code / 100 == 5);
            prop_assert!(!failure.is_final() || is_refused && failure.step >= Step::RcptTo, "{failure}");
        }
    }

    #[test]
    fn dots_are_stuffed_exactly(lines in vec("[.]{0,3}[^\r\n]{0,20}", 0..20)) {
        let content = lines.iter().flat_map(|line| [line.as_str(), "\r\n"]).collect::<String>();
        let wire = String::from_utf8(stuffed(content.as_bytes())).unwrap();
        let body = wire.strip_suffix(".\r\n").unwrap();
        let unstuffed = body.split_inclusive("\r\n").map(|line| line.strip_prefix('.').unwrap_or(line));
        let received = unstuffed.collect::<String>();
        prop_assert_eq!(received, if content.is_empty() { "\r\n".to_owned() } else { content });
        prop_assert!(!body.split("\r\n").any(|line| line == "."));
    }
}

fn odd(step: Step, bytes: &[u8], afterwards: Afterwards) -> (Result<Reply, Failure>, Vec<String>) {
    let step = STEPS.iter().position(|one| *one == step).unwrap();
    run(converse(Oddity { step, bytes: bytes.to_vec(), one_by_one: false, afterwards }))
}

#[test]
fn conversation_goes_by_the_rules() {
    let (result, lines) = odd(Step::Greeting, YES[0], Afterwards::Continues);

    assert_eq!(result.unwrap().to_string(), "250 2.0.0 Queued as 1");
    let size = MAIL.len();
    let mail_from = format!("MAIL FROM:<us@example.org> SIZE={size}\r\n");
    assert_eq!(
        lines[..4],
        ["EHLO app.example.org\r\n", &mail_from, "RCPT TO:<ada@example.org>\r\n", "DATA\r\n"]
    );
    assert!(lines.contains(&"..A line with a dot\r\n".to_owned()), "{lines:?}");
}

#[test]
fn acceptance_counts_even_if_its_end_never_comes() {
    for bytes in [&b"250"[..], b"250 2.0.0 Queu", b"250-queued\r\n", b"250-queued\r\nnonsense\r\n"]
    {
        let (result, _) = odd(Step::Content, bytes, Afterwards::Closes);
        assert_eq!(result.unwrap().code, 250, "{:?}", bytes.escape_ascii());
    }
    assert!(odd(Step::Content, b"250-queued\r\n", Afterwards::IsSilent).0.is_ok());
    for bytes in [&b""[..], b"25", b"451 later\r\n", b"queued\r\n"] {
        let (result, _) = odd(Step::Content, bytes, Afterwards::Closes);
        assert!(!result.unwrap_err().is_final(), "{:?}", bytes.escape_ascii());
    }
}

#[test]
fn reply_to_no_command_ends_the_conversation() {
    for step in [Step::Greeting, Step::Ehlo, Step::MailFrom, Step::RcptTo, Step::Data] {
        let code = if step == Step::Data { 354 } else { 250 };
        let bytes = format!("{code} one\r\n250 two\r\n");
        let (result, _) = odd(step, bytes.as_bytes(), Afterwards::Continues);
        let failure = result.unwrap_err();
        assert!(failure.to_string().contains("a reply to no command"), "{step:?}: {failure}");
    }
}

#[test]
fn relay_without_extensions_is_greeted_with_helo() {
    let (_, lines) = odd(Step::Ehlo, b"502 5.5.1 what?\r\n", Afterwards::Continues);

    assert_eq!(lines[..2], ["EHLO app.example.org\r\n", "HELO app.example.org\r\n"]);
}

#[test]
fn address_cannot_be_a_command() {
    for address in
        ["", "ada", "a@b.example>\r\nDATA", "a@b.example> SIZE=1", "a b@c.example", "<a@b.example>"]
    {
        assert!(Envelope::new("us@example.org", address, "us@example.org").is_err(), "{address:?}");
    }
    for address in ["zo\u{eb}@example.org", "\u{930}\u{93f}@example.org", "o'neil+x@example.org"] {
        assert!(Envelope::new("us@example.org", address, "us@example.org").is_ok(), "{address:?}");
    }
}

#[test]
fn sender_beyond_ascii_needs_smtputf8_whatever_the_return_path() {
    let ask = |feature: &'static str| {
        let (ours, theirs) = tokio::io::duplex(256);
        let relay = async move {
            let (mut theirs, mut line) = (BufReader::new(theirs), String::new());
            theirs.read_line(&mut line).await.unwrap();
            let reply = format!("250-relay.example\r\n250 {feature}\r\n");
            theirs.write_all(reply.as_bytes()).await.unwrap();
            line.clear();
            theirs.read_line(&mut line).await.unwrap();
            let _ = theirs.write_all(b"250 2.1.0 OK\r\n").await;
            line
        };
        let client = async move {
            let mut connection = Connection::new(ours, Duration::from_secs(20));
            connection.ehlo("app.example.org").await?;
            let (path, from) = ("bounce+1@bounces.example.org", "zo\u{eb}@example.org");
            connection.mail_from(path, from, "ada@example.org", 1, false).await
        };
        run(async { tokio::join!(client, relay) })
    };

    let (sent, command) = ask("SMTPUTF8");
    assert!(sent.is_ok());
    assert_eq!(command, "MAIL FROM:<bounce+1@bounces.example.org> SMTPUTF8\r\n");
    let (refused, command) = ask("HELP");
    assert_eq!((refused.unwrap_err().step, command.as_str()), (Step::MailFrom, ""));
}
