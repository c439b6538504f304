use keyward_tests::{Authority, Cluster};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_with_a_private_ca_gets_emails_over_tls() {
    gets_emails(|port| format!("smtps://keyward:canary@localhost:{port}"), false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_with_starttls_gets_emails_over_tls_only() {
    gets_emails(|port| format!("smtp://keyward:canary@localhost:{port}?tls=required"), true).await;
    gets_emails(|port| format!("smtp://localhost:{port}?tls=opportunistic"), true).await;
}

/// Asserts that the relay of an `SMTP_URL` gets an email at the first attempt.
async fn gets_emails(url: impl Fn(u16) -> String, with_starttls: bool) {
    let authority = Authority::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let cluster = Cluster::with(&[
        ("SSL_CERT_FILE", authority.file().to_str().unwrap()),
        ("SMTP_URL", &url(port)),
    ])
    .await;
    let sink = cluster.mail.smtp_url().replace("smtp://", "");
    let identity = authority.acceptor_for("localhost");
    let mut relay = JoinSet::new();
    relay.spawn(async move {
        let mut conversations = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            conversations.spawn(converse(stream, sink.clone(), identity.clone(), with_starttls));
        }
    });
    let _api = cluster.start_api().await;
    let _worker = cluster.start_worker().await;

    let ada = cluster.register("ada").await;

    cluster.nth_mail(&ada.email, "Confirm", 1).await;
    cluster.settle().await;
    let ledger: Vec<(String, i32)> =
        sqlx::query_as("select state, attempts from mails").fetch_all(&cluster.db).await.unwrap();
    assert_eq!(ledger, [("accepted".to_owned(), 1)]);
    cluster.clear().await;
}

/// Relays a conversation to the sink once it is encrypted.
async fn converse(stream: TcpStream, sink: String, identity: TlsAcceptor, with_starttls: bool) {
    let mut stream = BufReader::new(stream);
    let mut sink = BufReader::new(TcpStream::connect(sink).await.unwrap());
    if with_starttls {
        stream.write_all(b"220 localhost\r\n").await.unwrap();
        for (command, reply) in
            [("EHLO ", "250-localhost\r\n250 STARTTLS\r\n"), ("STARTTLS", "220\r\n")]
        {
            let mut line = String::new();
            stream.read_line(&mut line).await.unwrap();
            assert!(line.starts_with(command), "{line}");
            stream.write_all(reply.as_bytes()).await.unwrap();
        }
        // The client has been greeted.
        sink.read_line(&mut String::new()).await.unwrap();
    }
    let mut client = identity.accept(stream.into_inner()).await.expect("the client trusts it");
    let _ = copy_bidirectional(&mut client, sink.get_mut()).await;
}
