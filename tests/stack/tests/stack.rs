//! Real servers: started, stopped in every way that the fault tests use, and restarted.
#![expect(clippy::unwrap_used, reason = "tests panic on failure")]

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use keyward_stack::{Durability, Stack, folder};

/// Whether the server at a URL answers a first line within half a second.
fn answers(url: &str) -> bool {
    let address = url.rsplit_once('@').unwrap().1;
    let address: SocketAddr = address.split('/').next().unwrap().parse().unwrap();
    let Ok(mut stream) = TcpStream::connect_timeout(&address, Duration::from_millis(500)) else {
        return false;
    };
    stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    // An SSL request for Postgres; Redis answers an inline command, and NATS greets first.
    let hello = match url.starts_with("postgres") {
        true => &[0, 0, 0, 8, 4, 210, 22, 47][..],
        false => b"PING\r\n",
    };
    let mut answer = [0];
    stream.write_all(hello).is_ok() && matches!(stream.read(&mut answer), Ok(1))
}

#[tokio::test]
async fn every_server_restarts_on_its_port_after_any_stop() {
    let home = folder::scratch("stack-test").unwrap();
    let mut stack = Stack::start(home.path(), Durability::Scratch).await.unwrap();
    let urls = stack.urls();
    assert_ne!(urls.database, urls.superuser);

    macro_rules! stop_in_every_way {
        ($server:ident) => {
            let url = stack.$server.url().to_owned();
            assert!(answers(&url), "started");

            stack.$server.pause();
            assert!(!answers(&url), "paused");
            stack.$server.resume();
            assert!(answers(&url), "resumed");

            stack.$server.stop().await;
            assert!(!answers(&url), "stopped");
            let before = stack.$server.pid();
            stack.$server.restart().await.unwrap();
            assert!(answers(&url), "restarted after a stop");
            assert_ne!(stack.$server.pid(), before);

            stack.$server.kill().await;
            assert!(!answers(&url), "killed");
            stack.$server.restart().await.unwrap();
            assert!(answers(&url), "restarted after a crash");
        };
    }
    stop_in_every_way!(postgres);
    stop_in_every_way!(redis);
    stop_in_every_way!(nats);
    stack.nats.wipe().await.unwrap();
    assert!(answers(&urls.nats), "restarted without its streams");

    let second = Stack::start(home.path(), Durability::Scratch).await;
    assert!(second.unwrap_err().to_string().contains("in use"));

    stack.stop().await;
    assert!(!answers(&urls.database));
    drop(stack);
    let again = Stack::start(home.path(), Durability::Scratch).await.unwrap();
    assert_eq!(again.urls().database, urls.database);
    again.discard().await;
    assert!(!home.path().join("postgres").exists());
}
