use keyward_tests::{Authority, Cluster};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_with_a_private_ca_gets_emails_over_tls() {
    let authority = Authority::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let cluster = Cluster::with(&[
        ("SSL_CERT_FILE", authority.file().to_str().unwrap()),
        ("SMTP_URL", &format!("smtps://keyward:canary@localhost:{port}")),
    ])
    .await;
    let sink = cluster.mail.smtp_url().replace("smtp://", "");
    let identity = authority.acceptor_for("localhost");
    let mut relay = JoinSet::new();
    relay.spawn(async move {
        let mut conversations = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let (sink, identity) = (sink.clone(), identity.clone());
            conversations.spawn(async move {
                let mut client = identity.accept(stream).await.expect("the client trusts it");
                let mut sink = TcpStream::connect(sink).await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut sink).await;
            });
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
