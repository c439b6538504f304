//! What is found in answers, with a relay of every kind.

use super::{
    answers::Answers,
    judge,
    setup::{DkimSetup, Setup},
};

const GOOD: &str = "\
    example.org TXT v=spf1 ip4:192.0.2.5 -all\n\
    example.org MX 10 mail.example.org\n\
    mail.example.org A 192.0.2.5\n\
    5.2.0.192.in-addr.arpa PTR mail.example.org\n\
    s._domainkey.example.org TXT v=DKIM1; k=rsa; p=AAAA\n\
    _dmarc.example.org TXT v=DMARC1; p=reject\n\
    smtp.sendgrid.net A 198.51.100.1\n\
    relay.isp.example A 198.51.100.2";

fn setup() -> Setup {
    Setup {
        from: "example.org".to_owned(),
        bounces: None,
        dkim: Some(DkimSetup {
            selector: "s".to_owned(),
            record: "v=DKIM1; k=rsa; p=AAAA".to_owned(),
        }),
        ehlo: None,
        relay: "mail.example.org".to_owned(),
    }
}

/// The findings on a topic, one a line.
fn findings(setup: &Setup, zone: &str, topic: &str) -> String {
    let answers = Answers::of_zone(zone, |answers| _ = judge(setup, answers));
    let (findings, _) = judge(setup, &answers);
    let of_topic = findings.iter().filter(|finding| finding.topic == topic);
    of_topic.map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn own_relay_is_compared_with_spf_and_its_names() {
    let moved = GOOD.replace("mail.example.org A 192.0.2.5", "mail.example.org A 192.0.2.6");
    let lying = GOOD.replace("PTR mail.example.org", "PTR host.isp.example");

    let found = [
        findings(&setup(), GOOD, "SPF"),
        findings(&setup(), GOOD, "PTR"),
        findings(&setup(), &moved, "SPF"),
        findings(&setup(), &moved, "PTR"),
        findings(&setup(), &lying, "PTR"),
    ];
    insta::assert_snapshot!(found.join("\n\n"));
}

#[test]
fn providers_include_is_named_or_asked_for() {
    let with = |relay: &str| Setup { relay: relay.to_owned(), ..setup() };
    let included = GOOD.replace("ip4:192.0.2.5", "include:sendgrid.net");
    let included = format!("{included}\nsendgrid.net TXT v=spf1 ip4:203.0.113.0/24 ~all");
    let none = GOOD.replace("v=spf1", "v=spf2");

    let found = [
        findings(&with("smtp.sendgrid.net"), &included, "SPF"),
        findings(&with("smtp.sendgrid.net"), GOOD, "SPF"),
        findings(&with("smtp.sendgrid.net"), &none, "SPF"),
        findings(&with("relay.isp.example"), GOOD, "SPF"),
        findings(&with("relay.isp.example"), &none, "SPF"),
        findings(&with("127.0.0.1"), &none, "SPF"),
    ];
    insta::assert_snapshot!(found.join("\n\n"));
}

#[test]
fn every_tag_of_a_key_counts() {
    let with = |record: &str| {
        let zone = GOOD.replace("v=DKIM1; k=rsa; p=AAAA", record);
        findings(&setup(), &zone, "DKIM")
    };
    for record in ["v=DKIM1; k=rsa; p=AAAA", "p=AA AA", "k=rsa;h=sha1:sha256;s=email;t=s;p=AAAA;"] {
        assert!(with(record).starts_with("ok "), "{record}: {}", with(record));
    }
    for (record, severity) in [
        ("v=DKIM2; p=AAAA", "error"),
        ("v=DKIM1; k=rsa", "error"),
        ("v=DKIM1; p=", "error"),
        ("v=DKIM1; k=ed25519; p=AAAA", "error"),
        ("v=DKIM1; p=BBBB", "error"),
        ("v=DKIM1; h=sha1; p=AAAA", "error"),
        ("v=DKIM1; s=tlsrpt; p=AAAA", "error"),
        ("v=DKIM1; p=AAAA; p=AAAA", "error"),
        ("v=DKIM1; t=y:s; p=AAAA", "warning"),
    ] {
        let found = with(record);
        assert!(found.starts_with(severity), "{record}: {found}");
        assert!(
            found.ends_with("Publish: s._domainkey.example.org. TXT \"v=DKIM1; k=rsa; p=AAAA\"")
        );
    }
}

#[test]
fn policy_is_inherited_and_alignment_follows_it() {
    let zone = format!(
        "{GOOD}\nid.example.org TXT v=spf1 -all\nid.example.org MX 10 mail.example.org\n\
         bounce.example.org TXT v=spf1 ip4:192.0.2.5 -all"
    );
    let below = Setup {
        from: "id.example.org".to_owned(),
        bounces: Some("bounce.example.org".to_owned()),
        dkim: None,
        ..setup()
    };
    let of = |policy: &str| {
        let zone = zone.replace("v=DMARC1; p=reject", policy);
        findings(&below, &zone, "DMARC")
    };

    let found = [
        of("v=DMARC1; p=reject"),
        of("v=DMARC1; p=reject; sp=none"),
        of("v=DMARC1; p=reject; aspf=s"),
        of("v=DMARC1 p=reject"),
    ];
    insta::assert_snapshot!(found.join("\n\n"));
}
