//! `keyward-worker mail doctor`, and the signatures of emails.

use aws_lc_rs::{encoding::AsDer as _, rsa, signature::Ed25519KeyPair};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use clap::Parser as _;
use keyward_stack::mail_sink::{Action, Behaviour, Mail, Stage};
use keyward_tests::{NameServer, Options, World};
use keyward_worker::ops::cli::Cli;

/// What DNS has to say about the sender of most tests.
const ZONE: &str = "\
    keyward.example TXT v=spf1 ip4:192.0.2.1 -all\n\
    keyward.example MX 10 mx.keyward.example\n\
    mx.keyward.example A 192.0.2.1\n\
    _dmarc.keyward.example TXT v=DMARC1; p=reject";

/// Runs the doctor, with a good zone. Returns whether it succeeded and what it printed.
async fn doctor(world: &World, args: &[&str]) -> (bool, String) {
    let server = NameServer::start(ZONE).await;
    let address = server.address.to_string();
    run(world, &[&["--dns", address.as_str()][..], args].concat()).await
}

/// Runs the doctor. Returns whether it succeeded and what it printed.
pub(super) async fn run(world: &World, args: &[&str]) -> (bool, String) {
    let command = ["keyward-worker", "mail", "doctor"].iter().chain(args);
    let command = Cli::parse_from(command).command.unwrap();
    let nats = async |_| Err(anyhow::anyhow!("the doctor needs no NATS"));
    let mut out = Vec::new();
    let is_ok = command.run(&world.app, nats, &mut out).await.unwrap();
    (is_ok, String::from_utf8(out).unwrap())
}

fn signature(mail: &Mail) -> &str {
    let found = mail.headers.iter().find(|(name, _)| name == "DKIM-Signature");
    &found.unwrap().1
}

/// A world with this `SMTP_URL`.
async fn with_relay(url: &str) -> World {
    World::with(Options::default().without_worker().set("SMTP_URL", url)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_confirms_a_working_relay() {
    let world = World::with(Options::default().without_worker()).await;

    let (is_ok, output) = doctor(&world, &[]).await;
    assert!(is_ok, "{output}");
    assert!(output.contains("note     message  none sent"), "{output}");
    let (is_ok, output) = doctor(&world, &["--to", "ada@example.org"]).await;
    assert!(is_ok, "{output}");

    for step in ["connect", "greeting", "EHLO", "login", "sender", "message"] {
        assert!(output.contains(&format!("ok       {step:<8} ")), "{step} in {output}");
    }
    assert!(output.contains("note     TLS      none, as SMTP_URL says"), "{output}");
    let mail = world.nth_mail("ada@example.org", "The mail relay works", 1).await;
    assert!(mail.text.contains("This is a test"), "{}", mail.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_explains_the_failing_step() {
    let world = World::with(Options::default().without_worker()).await;
    let smtp = world.app.settings.servers.smtp_url.clone();
    let sink = secrecy::ExposeSecret::expose_secret(&smtp);
    let port = sink.rsplit(':').next().unwrap();
    for (url, step, advice) in [
        ("smtp://nowhere.invalid", "connect", "does DNS work"),
        ("smtp://127.0.0.1:1", "connect", "Nothing listens there"),
        (&format!("smtps://localhost:{port}"), "TLS", "does not use TLS"),
        (&format!("smtp://localhost:{port}?tls=required"), "TLS", "Try another port"),
    ] {
        let (is_ok, output) = doctor(&with_relay(url).await, &["--to", "a@example.org"]).await;

        assert!(!is_ok, "{output}");
        assert!(output.contains(&format!("error    {step:<8} ")), "{step} in {output}");
        assert!(output.contains(advice), "{advice} in {output}");
    }
    assert_eq!(world.mail.messages().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_says_what_to_change_if_the_relay_refuses() {
    let world = World::with(Options::default().without_worker()).await;
    let url = world.mail.smtp_url().replace("://", "://keyward:canary@");
    let with_user = with_relay(&url).await;
    let reply_at = |stage, reply| Behaviour::reply_at(stage, reply);
    for (behaviour, step, code, advice) in [
        (reply_at(Stage::Connect, "554 5.7.1 blocked"), "greeting", "554", "allow the address"),
        (reply_at(Stage::Ehlo, "504 5.5.2 not qualified"), "EHLO", "504", "SMTP_EHLO_NAME"),
        (reply_at(Stage::Auth, "535 5.7.8 wrong"), "login", "535", "user or password"),
        (reply_at(Stage::Mail, "550 5.7.60 not you"), "sender", "550", "MAIL_FROM"),
        (Behaviour::new(Action::TlsRequired), "sender", "530", "?tls=required"),
        (Behaviour::bytes(Stage::Connect, "nonsense\r\n"), "greeting", "nonsense", "Is it one?"),
        (reply_at(Stage::Rcpt, "504 5.5.2 helo"), "message", "504", "SMTP_EHLO_NAME"),
        (reply_at(Stage::Rcpt, "450 4.7.1 greylisted"), "message", "450", "retry it later"),
    ] {
        world.mail.behave(behaviour);

        let (is_ok, output) = doctor(&with_user, &["--to", "ada@example.org"]).await;

        assert!(!is_ok && !output.contains("canary"), "{output}");
        let line = output.lines().find(|line| line.starts_with(&format!("error    {step:<8} ")));
        assert!(line.is_some_and(|line| line.contains(code)), "{step}, {code} in {output}");
        assert!(output.contains(advice), "{advice} in {output}");
        world.mail.behave_well();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_repeats_the_reply_of_the_relay() {
    let world = World::with(Options::default().without_worker()).await;
    world.mail.behave(Behaviour::reply("550 5.7.1 not from you").times(1));

    let (is_ok, output) = doctor(&world, &["--to", "ada@example.org"]).await;

    assert!(!is_ok, "{output}");
    assert!(output.contains("550") && output.contains("not from you"), "{output}");
    assert!(output.contains("rejects this email for good"), "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn emails_are_signed_and_doctor_prints_the_dns_record() {
    let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).unwrap();
    let key: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let options = Options::default()
        .set("DKIM_KEY", STANDARD.encode(key.as_ref()))
        .set("DKIM_SELECTOR", "sel1")
        .set("MAIL_FROM", "Keyward <no-reply@example.org>");
    let world = World::with(options).await;

    let ada = world.register("ada").await;
    let mail = world.nth_mail(&ada.email, "", 1).await;
    let (_, output) = doctor(&world, &[]).await;

    let signature = signature(&mail);
    for tag in ["a=rsa-sha256;", "c=relaxed/relaxed;", "d=example.org;", "s=sel1;"] {
        assert!(signature.contains(tag), "{tag} in {signature}");
    }
    assert!(output.contains("sel1._domainkey.example.org"), "{output}");
    assert!(output.contains("v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEF"), "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ed25519_key_signs_emails() {
    let key = Ed25519KeyPair::generate().unwrap();
    let key = key.to_pkcs8v1().unwrap();
    let options = Options::default().set("DKIM_KEY", STANDARD.encode(key.as_ref()));
    let world = World::with(options).await;

    let ada = world.register("ada").await;

    let mail = world.nth_mail(&ada.email, "", 1).await;
    assert!(signature(&mail).contains("a=ed25519-sha256;"));
}
