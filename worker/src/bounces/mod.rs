//! Takes bounces and complaints from a mail server: SMTP (RFC 5321) or LMTP (RFC 2033), for the return
//! paths of our emails and for nothing else.

mod session;

use std::{io::Write as _, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use keyward_core::App;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::supervise::supervise;
use session::Session;

/// Connections at the same time. Each holds about 300 KiB at most.
const MAX_CONNECTIONS: usize = 64;
/// Maximum durations, of which tests have shorter ones.
const TIMEOUTS: Timeouts =
    Timeouts { idle: Duration::from_secs(30), session: Duration::from_secs(300) };
/// How long connections may go on after the stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);
/// Pause after a connection could not be accepted, for example without file descriptors.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(100);

/// How long a client may take.
#[derive(Debug, Clone, Copy)]
struct Timeouts {
    /// Sending or reading nothing.
    idle: Duration,
    /// A connection.
    session: Duration,
}

/// Listens on `BOUNCE_LISTEN`, if it is set, until `stop` is cancelled.
pub(crate) async fn listen(app: App, stop: CancellationToken) {
    if let Some(address) = app.settings.mail.bounce_listen {
        supervise("bounce listener", &stop, || serve(&app, address, TIMEOUTS, &stop)).await;
    }
}

async fn serve(
    app: &App,
    address: SocketAddr,
    timeouts: Timeouts,
    stop: &CancellationToken,
) -> anyhow::Result<Duration> {
    let listener = TcpListener::bind(address).await.context("BOUNCE_LISTEN")?;
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut sessions = JoinSet::new();
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        while sessions.try_join_next().is_some() {}
        let Ok((stream, _)) = accepted else {
            stop.run_until_cancelled(tokio::time::sleep(ACCEPT_BACKOFF)).await;
            continue;
        };
        let Ok(permit) = permits.clone().try_acquire_owned() else {
            refuse(stream);
            continue;
        };
        let (app, stop) = (app.clone(), stop.clone());
        sessions.spawn(async move {
            let _permit = permit;
            // A client that closes its connection or is too slow sends its message again.
            let session = Session::new(&app, stream, timeouts.idle);
            _ = timeout(timeouts.session, session.run(&stop)).await;
        });
    }
    _ = timeout(DRAIN_TIMEOUT, sessions.join_all()).await;
    Ok(Duration::ZERO)
}

/// Tells a client to come back later, without waiting: the line fits into the buffer of a new connection.
fn refuse(stream: TcpStream) {
    if let Ok(mut stream) = stream.into_std() {
        _ = stream.write_all(b"421 4.3.2 too many connections\r\n");
    }
}

#[cfg(test)]
mod tests;
