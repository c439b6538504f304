//! What `keyward-worker mail doctor` says about DNS.

use futures_util::future::join_all;
use keyward_tests::{BOUNCE_DOMAIN, NameServer, Options, World};

use super::mail_doctor;

/// An Ed25519 key in PKCS#8, and what publishes it.
const KEY: &str = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g";
const GOOD: &str = "\
    example.org TXT unrelated=1\n\
    example.org TXT v=spf1 mx ip4:192.0.2.0/24 include:spf.provider.example -all\n\
    example.org MX 10 mx.example.org\n\
    mx.example.org A 192.0.2.1\n\
    app.example.org A 192.0.2.2\n\
    spf.provider.example TXT v=spf1 ip6:2001:db8::/32 ~all\n\
    sel1._domainkey.example.org TXT v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n\
    _dmarc.example.org TXT v=DMARC1; p=reject; rua=mailto:dmarc@example.org";

/// Broken zones: their names, and how lines of the good one that begin with a text are replaced.
const BROKEN: [(&str, &str, &str); 26] = [
    ("no SPF", "example.org TXT v=spf1", ""),
    ("two SPF", "example.org TXT unrelated", "example.org TXT v=spf1 ip4:198.51.100.7 ~all"),
    ("+all", "example.org TXT v=spf1", "example.org TXT v=spf1 mx +all"),
    ("no end", "example.org TXT v=spf1", "example.org TXT v=spf1 mx"),
    ("SPF mistake", "example.org TXT v=spf1", "example.org TXT v=spf1 ipv4:192.0.2.1 -all"),
    (
        "11 look-ups",
        "example.org TXT v=spf1",
        "example.org TXT v=spf1 include:spf.provider.example include:many.example ~all\n\
         many.example TXT v=spf1 a:mx.example.org a:mx.example.org a:mx.example.org a:mx.example.org \
         a:mx.example.org a:mx.example.org a:mx.example.org a:mx.example.org a:mx.example.org ~all",
    ),
    (
        "void look-ups",
        "example.org TXT v=spf1",
        "example.org TXT v=spf1 a:1.example.org a:2.example.org mx:3.example.org ~all",
    ),
    ("include loop", "spf.provider.example", "spf.provider.example TXT v=spf1 include:example.org"),
    ("include gone", "spf.provider.example", ""),
    ("ptr after all", "example.org TXT v=spf1", "example.org TXT v=spf1 ptr -all ip4:192.0.2.1"),
    ("no DKIM", "sel1._domainkey", ""),
    (
        "another key",
        "sel1._domainkey",
        "sel1._domainkey.example.org TXT v=DKIM1; k=ed25519; p=PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=",
    ),
    ("revoked key", "sel1._domainkey", "sel1._domainkey.example.org TXT v=DKIM1; k=ed25519; p="),
    (
        "RSA expected",
        "sel1._domainkey",
        "sel1._domainkey.example.org TXT v=DKIM1; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    ),
    ("no DMARC", "_dmarc", ""),
    ("two DMARC", "example.org TXT unrelated", "_dmarc.example.org TXT v=DMARC1; p=none"),
    ("p=none", "_dmarc", "_dmarc.example.org TXT v=DMARC1; p=none; rua=mailto:d@example.org"),
    ("DMARC mistake", "_dmarc", "_dmarc.example.org TXT v=DMARC1; p=rejekt"),
    ("no MX", "example.org MX", ""),
    ("only an address", "example.org MX", "example.org A 192.0.2.3"),
    ("null MX", "example.org MX", "example.org MX 0 ."),
    ("MX without address", "mx.example.org", "mx.example.org TXT here"),
    ("SERVFAIL", "_dmarc", "_dmarc.example.org SERVFAIL"),
    ("time-out", "_dmarc", "_dmarc.example.org SILENT"),
    ("no address of our name", "app.example.org", ""),
    ("domain gone", "example.org", ""),
];

fn zone(name: &str) -> String {
    let Some((_, start, instead)) = BROKEN.iter().find(|(one, ..)| *one == name) else {
        return GOOD.to_owned();
    };
    let kept = GOOD.lines().map(str::trim).filter(|line| !line.starts_with(start));
    kept.chain([*instead]).collect::<Vec<_>>().join("\n")
}

async fn world(options: Options) -> World {
    let options = options
        .set("MAIL_FROM", "Keyward <no-reply@example.org>")
        .set("SMTP_EHLO_NAME", "app.example.org")
        .set("DKIM_SELECTOR", "sel1");
    World::with(options.without_worker()).await
}

/// What the doctor finds outside of the relay, and whether all is well.
async fn findings(world: &World, zone: &str, more: &[&str]) -> (bool, String) {
    let server = NameServer::start(zone).await;
    let address = server.address.to_string();
    let args = [&["--dns", address.as_str()][..], more].concat();
    let (is_ok, output) = mail_doctor::run(world, &args).await;
    let topics = ["SPF", "DKIM", "DMARC", "MX", "DNS", "PTR", "bounces"];
    let is_outside = |line: &&str| {
        let topic = line.split_whitespace().nth(1).unwrap_or_default();
        topics.contains(&topic) || topic == "EHLO" && !line.contains("the relay")
    };
    let lines: Vec<&str> = output.lines().filter(is_outside).collect();
    (is_ok, lines.join("\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_finds_nothing_wrong_in_a_good_zone() {
    let world = world(Options::default().set("DKIM_KEY", KEY)).await;

    let (is_ok, found) = findings(&world, GOOD, &[]).await;

    assert!(is_ok, "{found}");
    insta::assert_snapshot!(found);
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_says_what_to_change_in_every_broken_zone() {
    let world = world(Options::default().set("DKIM_KEY", KEY)).await;
    let (_, good) = findings(&world, GOOD, &[]).await;

    let found = BROKEN.iter().map(async |(name, ..)| {
        let (is_ok, found) = findings(&world, &zone(name), &[]).await;
        let new: Vec<&str> = found.lines().filter(|line| !good.contains(line)).collect();
        assert_eq!(is_ok, !found.contains("error "), "{name}: {found}");
        assert!(!new.is_empty(), "{name}: {found}");
        format!("# {name}\n{}\n", new.join("\n"))
    });
    let found = join_all(found).await;

    insta::assert_snapshot!(found.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn truncated_and_aliased_answers_are_followed() {
    let world = world(Options::default().set("DKIM_KEY", KEY)).await;
    let moved = GOOD.replace(
        "sel1._domainkey.example.org TXT",
        "sel1._domainkey.example.org CNAME dkim.provider.example\ndkim.provider.example TXT",
    );
    let zone = format!("{moved}\nexample.org TRUNCATED\ndkim.provider.example TRUNCATED");

    let (is_ok, found) = findings(&world, &zone, &[]).await;

    assert!(is_ok, "{found}");
    let (_, good) = findings(&world, GOOD, &[]).await;
    assert_eq!(found, good);
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_goes_on_without_dns() {
    let world = world(Options::default().set("DKIM_KEY", KEY)).await;
    let closed = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = closed.local_addr().unwrap().to_string();
    let began = std::time::Instant::now();

    let (is_ok, output) = mail_doctor::run(&world, &["--dns", &address]).await;

    assert!(!is_ok, "{output}");
    assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
    assert!(output.contains("ok       sender   "), "{output}");
    assert!(output.contains("error    DNS      no name server answers"), "{output}");
}

const BOUNCES: &str = "\
    bounces.keyward.example TXT v=spf1 ip4:192.0.2.1 -all\n\
    bounces.keyward.example MX 10 mx.keyward.example\n\
    mx.keyward.example A 127.0.0.1";

#[tokio::test(flavor = "multi_thread")]
async fn return_path_is_tried_at_its_mail_server() {
    let world = world(Options::with_bounces().set("DKIM_KEY", KEY)).await;
    let listener = world.bounce_address().port().to_string();
    let sink = world.mail.smtp_url();
    let sink = sink.rsplit(':').next().unwrap();
    let zone = format!("{GOOD}\n{BOUNCES}");

    let (_, found) = findings(&world, &zone, &["--bounce-port", &listener]).await;
    assert!(found.contains("warning  bounces  the mail server does not answer"), "{found}");

    let (_, found) = findings(&world, &zone, &["--bounce-port", sink]).await;
    assert!(found.contains("ok       bounces  "), "{found}");

    world.mail.behave(keyward_stack::mail_sink::Behaviour::reply("550 5.7.1 no relaying"));
    let (is_ok, found) = findings(&world, &zone, &["--bounce-port", sink]).await;
    assert!(!is_ok && found.contains("error    bounces  "), "{found}");
    assert!(found.contains("550 5.7.1 no relaying"), "{found}");

    let lost = zone.replace("10 mx.keyward.example", "0 .");
    let (is_ok, found) = findings(&world, &lost, &["--bounce-port", sink]).await;
    assert!(!is_ok && found.contains("so bounces never arrive"), "{found}");
    assert!(!found.contains("  bounces  "), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn return_path_elsewhere_is_misaligned() {
    let world = world(Options::with_bounces()).await;

    let (is_ok, found) = findings(&world, &format!("{GOOD}\n{BOUNCES}"), &[]).await;

    assert!(!is_ok, "{found}");
    let line = found.lines().find(|line| line.contains("neither SPF nor DKIM counts")).unwrap();
    assert!(line.contains(BOUNCE_DOMAIN) && line.contains("BOUNCE_DOMAIN"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_takes_the_return_path_of_the_doctor() {
    let options = Options::with_bounces().set("MAIL_FROM", "no-reply@example.org");
    let world = World::with(options).await;
    drop(world.bounce_client().await);
    let listener = world.bounce_address().port().to_string();

    let zone = format!("{GOOD}\n{BOUNCES}");
    let (_, found) = findings(&world, &zone, &["--bounce-port", &listener]).await;

    assert!(found.contains("ok       bounces  the mail server at 127.0.0.1:"), "{found}");
}
