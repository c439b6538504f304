//! The listener for bounces: what it takes, refuses and bounds.

use keyward_tests::{BOUNCE_DOMAIN, BounceClient, Options, World, bounces::delivery_status};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_relayed_and_no_forged_path_is_taken() {
    let world = World::with(Options::with_bounces()).await;
    let ada = world.account("ada").await;
    world.mail_in("verification", "accepted").await;
    let path = world.return_path(&ada.email);
    let (local, _) = path.split_once('@').unwrap();
    let mut client = world.bounce_client().await;
    assert!(client.say("RCPT TO:<a@b.example>").await.starts_with("503 "));
    assert!(client.say("MAIL FROM:<mallory@evil.example>").await.starts_with("250 "));

    for (to, code) in [
        ("bob@example.org", "550 5.7.1"),
        (&format!("{local}@example.org"), "550 5.7.1"),
        (&format!("{local}@{BOUNCE_DOMAIN}.evil.example"), "550 5.7.1"),
        (&format!("{local}%example.org@{BOUNCE_DOMAIN}"), "550 5.1.1"),
        (&format!("{}0@{BOUNCE_DOMAIN}", &local[..local.len() - 1]), "550 5.1.1"),
        (&format!("postmaster@{BOUNCE_DOMAIN}"), "550 5.1.1"),
    ] {
        // One path in sixteen ends with 0.
        let reply = client.say(&format!("RCPT TO:<{to}>")).await;
        assert!(reply.starts_with(code) || local.ends_with('0'), "{to}: {reply}");
    }
    assert!(client.say("DATA").await.starts_with("503 "));
    assert!(client.say(&format!("RCPT TO:<{path}>")).await.starts_with("250 "));
    assert!(client.say(&format!("RCPT TO:<{path}>")).await.starts_with("452 "));
    assert!(client.say("QUIT").await.starts_with("221 "));
}

#[tokio::test(flavor = "multi_thread")]
async fn pipelined_split_and_odd_input_is_read() {
    let world = World::with(Options::with_bounces()).await;
    let ada = world.account("ada").await;
    world.mail_in("verification", "accepted").await;
    let path = world.return_path(&ada.email);
    let mut client = world.bounce_client().await;
    let message = delivery_status("failed", "5.1.1").replace('\n', "\r\n");
    let all = format!(
        "NOOP\r\nMAIL FROM:<> BODY=8BITMIME\r\nRCPT TO:<{path}>\r\nDATA\r\n{message}\r\n.\r\nQUIT\r\n"
    );

    for chunk in all.as_bytes().chunks(7) {
        client.send(chunk).await;
    }

    for code in ["250", "250", "250", "354", "250", "221"] {
        let reply = client.reply().await;
        assert!(reply.starts_with(code), "{code}: {reply}");
    }
    assert_eq!(client.reply().await, "", "closed");
    world.mail_in("verification", "bounced").await;
    let mut client = world.bounce_client().await;
    let mut last = String::new();
    for _ in 0..20 {
        last = client.say("\u{fc}\u{0}XYZZY").await;
    }
    assert_eq!(last, "", "closed after too many mistakes");
}

#[tokio::test(flavor = "multi_thread")]
async fn huge_message_is_cut_and_endless_one_is_refused() {
    let world = World::with(Options::with_bounces()).await;
    let ada = world.account("ada").await;
    world.mail_in("verification", "accepted").await;
    let path = world.return_path(&ada.email);
    let begin = async |client: &mut BounceClient| {
        for line in ["MAIL FROM:<>", &format!("RCPT TO:<{path}>"), "DATA"] {
            client.say(line).await;
        }
    };
    let filler = format!("{}\r\n", "x".repeat(998)).repeat(1_000);
    let mut client = world.bounce_client().await;
    assert!(client.say("MAIL FROM:<> SIZE=99999999").await.starts_with("552 "));
    begin(&mut client).await;

    for _ in 0..12 {
        client.send(filler.as_bytes()).await;
    }
    assert!(matches!(client.reply().await.get(..3), Some("552") | None));

    let mut client = world.bounce_client().await;
    begin(&mut client).await;
    client.send(delivery_status("failed", "5.1.1").replace('\n', "\r\n").as_bytes()).await;
    for _ in 0..4 {
        client.send(filler.as_bytes()).await;
    }
    assert!(client.say("\r\n.").await.starts_with("250 "), "the beginning suffices");
    world.mail_in("verification", "bounced").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_bounded_and_free_places_are_used_again() {
    let world = World::with(Options::with_bounces()).await;
    let ada = world.account("ada").await;
    world.mail_in("verification", "accepted").await;
    let mut open = Vec::new();
    for _ in 0..64 {
        open.push(world.bounce_client().await);
    }

    let stream = tokio::net::TcpStream::connect(world.bounce_address()).await.unwrap();
    let mut refused = BounceClient::of(stream);
    assert!(refused.reply().await.starts_with("421 "));
    drop(open);

    let is_free = async || {
        let stream = tokio::net::TcpStream::connect(world.bounce_address()).await.unwrap();
        BounceClient::of(stream).reply().await.starts_with("220 ").then_some(())
    };
    keyward_tests::until("a place is free", is_free).await;
    assert!(world.bounce(&ada.email, "5.1.1").await.starts_with("250 "));
}
