//! Only the three digits of an SMTP reply decide, and each decides about the right thing: before `RCPT TO`
//! about the relay, from then on about the email.

use keyward_stack::mail_sink::{Action, Behaviour, Bytes, Stage, Stored};
use keyward_tests::{Options, Rng, World, until};

const QUEUE: &str = "verification-email";

/// State, attempts and reply of the verification email to an address.
async fn ledger(world: &World, email: &str) -> (String, i32, String) {
    let row = async || {
        sqlx::query_as(
            "select state, attempts, coalesce(reply, '') from mails join users using (user_id)
             where users.email = $1 and kind = 'verification' and state not in ('planned', 'sending')",
        )
        .bind(email)
        .fetch_optional(&world.db)
        .await
        .unwrap()
    };
    until(&format!("the email to {email} was tried"), row).await
}

/// Texts that real relays send after the digits.
const TEXTS: [&[u8]; 9] = [
    b"2.0.0 \xfcbernommen",
    b"\x83\x81\x81[\x83\x8b\x82\xf0\x8e\xf3\x82\xaf\x82\xdc\x82\xb5\x82\xbd",
    "2.0.0 Принято к доставке".as_bytes(),
    b"\xff\xfe\0",
    b"",
    b"   ",
    &[b'x'; 5_000],
    &[b'\xe4'; 2_000],
    b"2.0.0 a\tb\x1b[31m\x07",
];

/// A reply with this text in one line and in three.
fn replies(code: u16, text: &[u8]) -> [Vec<u8>; 2] {
    let code = code.to_string().into_bytes();
    let gap: &[u8] = if text.is_empty() { b"" } else { b" " };
    [
        [&code[..], gap, text, b"\r\n"].concat(),
        [&code[..], b"-\r\n", &code, b"-", text, b"\r\n", &code, b"\r\n"].concat(),
    ]
}

/// Asserts that an email is accepted at once although the relay says this.
async fn accepts(world: &World, name: &str, behaviour: Behaviour) {
    world.mail.behave(behaviour.clone().times(1));
    let email = world.register(name).await.email;

    let (state, attempts, reply) = ledger(world, &email).await;

    assert_eq!((state.as_str(), attempts), ("accepted", 1), "{behaviour:?}: {reply}");
    assert!(reply.starts_with("250") && reply.chars().count() <= 500, "{behaviour:?}: {reply}");
    assert!(!reply.contains(char::is_control), "{behaviour:?}: {reply}");
    assert_eq!(world.mail.messages_to(&email).len(), 1, "{behaviour:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn reply_text_in_any_charset_or_none_is_accepted() {
    let world = World::new().await;
    let stages = [(Stage::Mail, 250), (Stage::Rcpt, 250), (Stage::Data, 354), (Stage::Final, 250)];
    let mut count = 0;
    for (stage, code) in stages {
        for text in TEXTS {
            for bytes in replies(code, text) {
                accepts(&world, &format!("user{count}"), Behaviour::bytes(stage, bytes)).await;
                count += 1;
            }
        }
    }
    world.settle().await;
    assert_eq!(world.mail.messages().len(), count, "no copies");
}

#[tokio::test(flavor = "multi_thread")]
async fn greeting_in_any_charset_or_none_is_accepted() {
    for text in [TEXTS[0], TEXTS[4]] {
        for bytes in replies(220, text)
            .into_iter()
            .map(|bytes| (Stage::Connect, bytes))
            .chain(replies(250, text).map(|bytes| (Stage::Ehlo, bytes)))
        {
            let world = World::new().await;
            accepts(&world, "ada", Behaviour::bytes(bytes.0, bytes.1)).await;
        }
    }
}

/// Asserts that an email is deferred while the relay behaves in this way, and sent afterwards.
async fn defers(behaviour: Behaviour, sign: &str) {
    let world = World::with_operations().await;
    world.mail.behave(behaviour.clone());

    let ada = world.register("ada").await;
    world.postponed(QUEUE).await;

    let deferred = world.mail_in("verification", "deferred").await;
    let reply = deferred.reply.unwrap();
    assert!(reply.contains(sign), "{behaviour:?}: {sign} in {reply}");
    assert!(shows(&world, "keyward_mail_relay_up 0").await, "{behaviour:?}: the alert's metric");
    world.mail.behave_well();
    world.retry_now().await;
    world.nth_mail(&ada.email, "Confirm", 1).await;
    assert_eq!(world.mail_in("verification", "accepted").await.attempts, 2);
    assert!(shows(&world, "keyward_mail_relay_up 1").await);
}

async fn shows(world: &World, metric: &str) -> bool {
    world.look("/metrics").await.text.lines().any(|line| line == metric)
}

#[tokio::test(flavor = "multi_thread")]
async fn refusal_before_rcpt_defers_the_email() {
    for (stage, reply) in [
        (Stage::Connect, "554 5.7.1 no service for you"),
        (Stage::Connect, "421 4.3.2 too many connections"),
        (Stage::Connect, "521 does not accept mail"),
        (Stage::Ehlo, "504 5.5.2 need a fully qualified name"),
        (Stage::Ehlo, "550 5.7.1 go away"),
        (Stage::Mail, "550 5.7.60 not allowed to send as this sender"),
        (Stage::Mail, "553 5.7.1 sender address rejected"),
        (Stage::Mail, "552 5.3.4 too large"),
    ] {
        defers(Behaviour::reply_at(stage, reply), reply).await;
    }
    defers(Behaviour::new(Action::TlsRequired), "530 5.7.0").await;
    let strict = Action::StrictHelo { literals: false };
    defers(Behaviour::new(strict), "EHLO: 504 5.5.2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_login_defers_the_email_and_shows_no_password() {
    let sink = World::with(Options::default().without_worker()).await;
    let url = sink.mail.smtp_url().replace("://", "://keyward:canary-password@");
    let encoded = "AGtleXdhcmQAY2FuYXJ5LXBhc3N3b3Jk";
    let reply = format!("535 5.7.8 AUTH PLAIN {encoded} rejected");
    sink.mail.behave(Behaviour::reply_at(Stage::Auth, reply));
    let world = World::with(Options::default().set("SMTP_URL", url)).await;

    world.register("ada").await;
    world.postponed(QUEUE).await;

    let reply = world.mail_in("verification", "deferred").await.reply.unwrap();
    assert!(reply.starts_with("AUTH: 535 5.7.8"), "{reply}");
    assert!(!reply.contains(encoded) && !reply.contains("canary"), "{reply}");
    sink.mail.behave_well();
    world.retry_now().await;
    world.settle().await;
    assert_eq!(sink.mail.messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn reset_at_any_stage_defers_the_email() {
    for stage in [Stage::Connect, Stage::Ehlo, Stage::Mail, Stage::Rcpt, Stage::Data, Stage::Final]
    {
        let world = World::new().await;
        world.mail.behave(Behaviour::new(Action::Reset(stage, Stored::No)).times(1));

        let ada = world.register("ada").await;
        world.postponed(QUEUE).await;
        world.retry_now().await;
        world.settle().await;

        assert_eq!(world.mail.messages_to(&ada.email).len(), 1, "{stage:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn heard_acceptance_is_recorded_after_a_failure_of_postgres() {
    let world = World::new().await;
    world.sql("create sequence failures").await;
    world
        .sql(
            "create function fail() returns trigger language plpgsql as $$ begin
                 if nextval('failures') <= 3 then raise exception 'not now'; end if;
                 return new;
             end $$",
        )
        .await;
    world
        .sql(
            "create trigger fail before update on mails for each row
             when (new.state = 'accepted') execute function fail()",
        )
        .await;

    let ada = world.register("ada").await;
    world.settle().await;

    assert_eq!(ledger(&world, &ada.email).await.0, "accepted");
    assert_eq!(world.mail.messages_to(&ada.email).len(), 1);
    assert_eq!(world.ended(QUEUE).await, ["Done"]);
}

/// A strange reply, and what becomes of the email: its state, and whether the sink stores it.
fn odd_reply(rng: &mut Rng) -> (Behaviour, &'static str, bool) {
    let stage = [Stage::Rcpt, Stage::Data, Stage::Final][rng.below(3)];
    let code = [250, 251, 354, 421, 450, 452, 500, 550, 554, 0, 999][rng.below(11)];
    let mut text = Vec::new();
    for _ in 0..rng.below(40) {
        text.push(u8::try_from(rng.below(256)).unwrap());
    }
    text.retain(|byte| *byte != b'\n');
    let code_text = format!("{code:03}").into_bytes();
    let bytes = match rng.below(5) {
        0 => [&code_text[..], b"\r\n"].concat(),
        1 => [&code_text[..], b"-", &text, b"\r\n", &code_text, b" ", &text, b"\r\n"].concat(),
        2 => [b"x", &code_text[..], b" ", &text, b"\r\n"].concat(),
        _ => [&code_text[..], b" ", &text, b"\r\n"].concat(),
    };
    let is_reply = bytes[0] != b'x';
    let is_yes = is_reply
        && match stage {
            Stage::Data => code / 100 == 3,
            _ => code / 100 == 2,
        };
    let state = match () {
        () if is_yes => "accepted",
        () if is_reply && code / 100 == 5 => "failed",
        () => "deferred",
    };
    let is_stored = stage == Stage::Final && (is_yes || !is_reply && rng.below(2) == 0);
    let stored = if is_stored { Stored::Yes } else { Stored::No };
    let one_by_one = rng.below(2) == 0;
    let action = Action::Bytes(stage, Bytes { bytes, one_by_one, stored });
    (Behaviour::new(action).times(1), state, is_stored || is_yes)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_copy_follows_a_heard_acceptance_and_no_email_is_lost() {
    let world = World::new().await;
    let mut rng = Rng::default();
    let mut expected = Vec::new();

    for nth in 0..50 {
        let (behaviour, state, is_stored) = odd_reply(&mut rng);
        let what = format!("{behaviour:?}");
        let email = format!("user{nth}@example.org");
        world.mail.behave(behaviour.to(&email));
        world.register(&format!("user{nth}")).await;

        let (found, attempts, reply) = ledger(&world, &email).await;

        assert_eq!((found.as_str(), attempts), (state, 1), "{what}: {reply}");
        assert_eq!(world.mail.messages_to(&email).len(), usize::from(is_stored), "{what}");
        expected.push((email, state, is_stored, what));
    }
    world.retry_now().await;
    world.settle().await;

    for (email, state, is_stored, what) in &expected {
        let (found, ..) = ledger(&world, email).await;
        assert_eq!(found, if *state == "failed" { "failed" } else { "accepted" }, "{what}");
        let copies = usize::from(*is_stored) + usize::from(*state == "deferred");
        let mails = world.mail.messages_to(email);
        assert_eq!(mails.len(), copies, "{what}");
        assert!(mails.iter().all(|mail| mail.message_id == mails[0].message_id), "{what}");
    }
}
