//! Relays as strict as real ones: a qualified name in `EHLO`, TLS, greylisting.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, chown},
    path::Path,
};

use keyward_stack::{
    folder::{self, Scratch},
    ports::Ports,
    process::Process,
};
use keyward_tests::{Authority, BOUNCE_DOMAIN, until};
use tokio::net::TcpStream;

use crate::{greylist::Greylist, package::Package};

/// A mail server of Debian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Server {
    Postfix { smtputf8: bool },
    Exim,
}

/// Where a relay sends emails.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Routes {
    /// The port of the recipients' server.
    pub(crate) mailbox: u16,
    /// The port on which the worker takes bounces.
    pub(crate) bounces: u16,
}

/// A running mail server.
pub(crate) struct Relay {
    pub(crate) port: u16,
    process: Process,
    run: Scratch,
    _greylist: Greylist,
    _ports: Ports,
}

impl Relay {
    /// Starts a mail server with a certificate for `localhost`.
    pub(crate) async fn start(server: Server, authority: &Authority, routes: Routes) -> Self {
        let run = folder::scratch("relay").unwrap();
        let mut ports = Ports::open(run.path().join("ports.json"));
        let (port, greylist) = (ports.claim("smtp", None).unwrap(), Greylist::start().await);
        let package = Package::unpacked(match server {
            Server::Postfix { .. } => "postfix",
            Server::Exim => "exim4-daemon-light",
        })
        .await;
        let (certificate, key) = authority.files_for("localhost", run.path());
        let is_utf8 = if server == (Server::Postfix { smtputf8: true }) { "yes" } else { "no" };
        let fill = |template: &str| {
            let path = |path: &Path| path.to_str().unwrap().to_owned();
            let values = [
                ("run", path(run.path())),
                ("root", path(&package.root)),
                ("certificate", path(&certificate)),
                ("key", path(&key)),
                ("port", port.to_string()),
                ("greylist", greylist.port.to_string()),
                ("mailbox", routes.mailbox.to_string()),
                ("bounces", routes.bounces.to_string()),
                ("bounce_domain", BOUNCE_DOMAIN.to_owned()),
                ("smtputf8", is_utf8.to_owned()),
            ];
            values.iter().fold(template.to_owned(), |text, (name, value)| {
                text.replace(&format!("{{{name}}}"), value)
            })
        };
        let launch = match server {
            Server::Postfix { .. } => {
                let config = run.path().join("etc");
                fs::create_dir(&config).unwrap();
                fs::write(config.join("main.cf"), fill(include_str!("etc/main.cf"))).unwrap();
                fs::write(config.join("master.cf"), fill(include_str!("etc/master.cf"))).unwrap();
                make_queue(run.path());
                let master = package.launch("usr/lib/postfix/sbin/master", run.path());
                let master = master.env("MAIL_CONFIG", &config).env("MAIL_LOGTAG", "postfix");
                master.args(["-s", "-c"]).args([&config])
            }
            Server::Exim => {
                let config = run.path().join("exim.conf");
                fs::write(&config, fill(include_str!("etc/exim.conf"))).unwrap();
                give(run.path(), 60_001, 60_001, 0o755);
                let exim = package.launch("usr/sbin/exim4", run.path());
                exim.args(["-bdf", "-C"]).args([&config])
            }
        };
        let output = fs::File::create(run.path().join("output")).unwrap();
        let process = launch.output(output).unwrap().spawn().unwrap();
        let connect = async || TcpStream::connect(("127.0.0.1", port)).await.ok();
        until("the relay listens", connect).await;
        Self { port, process, run, _greylist: greylist, _ports: ports }
    }

    /// Stops it. Returns its log.
    pub(crate) async fn stop(self) -> String {
        self.process.end(std::time::Duration::from_secs(10)).await;
        let logs = ["output", "log", "mainlog", "paniclog"];
        let read = |name| fs::read_to_string(self.run.path().join(name)).unwrap_or_default();
        logs.map(read).concat()
    }
}

/// The folders that Postfix expects, with their owners.
fn make_queue(run: &Path) {
    const OWNER: u32 = 60_002;
    const POSTDROP: u32 = 60_003;
    let queue = run.join("queue");
    for folder in ["", "pid"] {
        give(&queue.join(folder), 0, 0, 0o755);
    }
    let folders = "active bounce corrupt defer deferred flush hold incoming private saved trace";
    for folder in folders.split(' ') {
        give(&queue.join(folder), OWNER, 0, 0o700);
    }
    give(&queue.join("maildrop"), OWNER, POSTDROP, 0o730);
    give(&queue.join("public"), OWNER, POSTDROP, 0o710);
    give(&run.join("data"), OWNER, 0, 0o700);
    give(run, 0, 0, 0o755);
}

/// Makes a folder and sets its owner and mode.
fn give(folder: &Path, user: u32, group: u32, mode: u32) {
    fs::create_dir_all(folder).unwrap();
    chown(folder, Some(user), Some(group)).unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
}
