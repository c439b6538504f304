//! Emails by way of the Postfix and the Exim of Debian, as strict as real relays: `make relays`.
//!
//! - The relay wants a qualified name in `EHLO`, TLS, and a second attempt for every email (greylisting).
//! - Every email of every kind that can be delivered arrives exactly once.
//! - What cannot be delivered ends as `failed` or `bounced` with a reason.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests panic on failure and print results"
)]

mod greylist;
mod life;
mod package;
mod relay;

use std::collections::BTreeMap;

use keyward_core::domain::MailKind;
use keyward_stack::{
    MailSink,
    mail_sink::{self, Behaviour},
    ports::Ports,
};
use keyward_tests::{Authority, BOUNCE_DOMAIN, BounceClient, Cluster, until};
use libtest_mimic::{Arguments, Failed, Trial};
use tokio::net::TcpStream;

use crate::relay::{Relay, Routes, Server};

fn main() {
    // They need root and Debian's packages, and take minutes: `make relays` runs them.
    let trial = |name: &str, server: Server| {
        Trial::test(name, move || block_on(deliver(server))).with_ignored_flag(true)
    };
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    let trials = vec![
        trial("postfix_delivers_every_email_once", Server::Postfix { smtputf8: false }),
        trial(
            "postfix_with_smtputf8_delivers_every_email_once",
            Server::Postfix { smtputf8: true },
        ),
        trial("exim_delivers_every_email_once", Server::Exim),
    ];
    libtest_mimic::run(&arguments, trials).exit();
}

fn block_on(trial: impl Future<Output = ()>) -> Result<(), Failed> {
    tokio::runtime::Runtime::new()?.block_on(trial);
    Ok(())
}

async fn deliver(server: Server) {
    let is_utf8 = server == Server::Postfix { smtputf8: true };
    let authority = Authority::default();
    let mailbox = MailSink::start(mail_sink::Options { smtputf8: is_utf8, ..Default::default() });
    let mailbox = mailbox.unwrap();
    mailbox.behave(Behaviour::reply("550 5.1.1 no such user").to("gone@example.org"));
    let scratch = keyward_stack::folder::scratch("relays").unwrap();
    let mut ports = Ports::open(scratch.path().join("ports.json"));
    let bounces = ports.claim("bounces", None).unwrap();
    let routes = Routes { mailbox: port_of(&mailbox.smtp_url()), bounces };
    let relay = Relay::start(server, &authority, routes).await;
    is_strict(relay.port, is_utf8).await;
    let mut cluster = Cluster::with(&[
        ("SMTP_URL", &format!("smtp://localhost:{}?tls=required", relay.port)),
        ("SSL_CERT_FILE", authority.file().to_str().unwrap()),
        ("SMTP_EHLO_NAME", "app.keyward.example"),
        ("BOUNCE_DOMAIN", BOUNCE_DOMAIN),
        ("BOUNCE_LISTEN", &format!("127.0.0.1:{bounces}")),
        ("REFRESH_GRACE_S", "1"),
    ])
    .await;
    cluster.mail = mailbox.into();
    let (_api, _worker) = (cluster.start_api().await, cluster.start_worker().await);

    let root = life::registered(&cluster, "root@example.net").await;
    life::confirm(&cluster, &root).await;
    cluster.promote(&root).await;
    let (admin, _) = cluster.log_in(&root).await;
    life::registered(&cluster, "józef@example.org").await;
    life::registered(&cluster, "gone@example.org").await;
    tokio::join!(
        life::live(&cluster, &admin, "example.org"),
        life::live(&cluster, &admin, "bücher.example"),
    );
    cluster.settle().await;

    let bounced = async || states(&cluster).await.contains_key("bounced").then_some(());
    until("the email to a missing user has bounced", bounced).await;
    let log = relay.stop().await;
    judge(&cluster, is_utf8, &log).await;
    cluster.clear().await;
}

/// Compares the ledger with the mailboxes.
async fn judge(cluster: &Cluster, is_utf8: bool, log: &str) {
    let states = states(cluster).await;
    println!("{states:?}");
    let kinds: Vec<String> = sqlx::query_scalar(
        "select distinct kind from mails where state = 'accepted' and attempts > 1 order by kind",
    )
    .fetch_all(&cluster.db)
    .await
    .unwrap();
    let mut all: Vec<&str> = MailKind::ALL.iter().map(|kind| kind.as_str()).collect();
    all.sort();
    assert_eq!(kinds, all, "after a second attempt\n{log}");

    let accepted: Vec<uuid::Uuid> =
        sqlx::query_scalar("select mail_id from mails where state = 'accepted' order by mail_id")
            .fetch_all(&cluster.db)
            .await
            .unwrap();
    let expected: Vec<String> = accepted.iter().map(ToString::to_string).collect();
    let arrived = async || {
        let mut arrived: Vec<String> = cluster
            .mail
            .messages()
            .iter()
            .map(|mail| mail.message_id.split('@').next().unwrap().to_owned())
            .collect();
        arrived.sort();
        (arrived == expected).then_some(())
    };
    until("every accepted email has arrived once", arrived).await;

    let others: Vec<(String, Option<String>)> =
        sqlx::query_as("select state, reply from mails where state <> 'accepted' order by state")
            .fetch_all(&cluster.db)
            .await
            .unwrap();
    let reasons: BTreeMap<&str, &str> = others
        .iter()
        .map(|(state, reply)| (state.as_str(), reply.as_deref().unwrap_or_default()))
        .collect();
    assert!(reasons["bounced"].contains("5.1.1"), "{others:?}\n{log}");
    if is_utf8 {
        assert_eq!(others.len(), 1, "{others:?}");
        assert_eq!(cluster.mail.messages_to("józef@example.org").len(), 1);
    } else {
        assert_eq!(others.len(), 2, "{others:?}");
        assert!(reasons["failed"].contains("SMTPUTF8"), "{others:?}");
    }
}

/// The number of emails in each state.
async fn states(cluster: &Cluster) -> BTreeMap<String, i64> {
    let query = "select state, count(*) from mails group by state";
    let states: Vec<(String, i64)> = sqlx::query_as(query).fetch_all(&cluster.db).await.unwrap();
    states.into_iter().collect()
}

/// Asserts that the relay refuses what it is meant to refuse.
async fn is_strict(port: u16, is_utf8: bool) {
    let mut client = BounceClient::of(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    assert!(client.reply().await.starts_with("220 "));
    assert!(client.say("EHLO keyward").await.starts_with('5'), "a name without a dot");
    let features = client.say("EHLO app.keyward.example").await;
    assert!(features.starts_with("250") && features.contains("STARTTLS"), "{features}");
    assert_eq!(features.contains("SMTPUTF8"), is_utf8, "{features}");
    let refusal = client.say("MAIL FROM:<a@example.org>").await;
    assert!(refusal.starts_with('5'), "without TLS: {refusal}");
}

fn port_of(url: &str) -> u16 {
    url.rsplit(':').next().unwrap().parse().unwrap()
}
