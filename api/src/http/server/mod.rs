//! Serves connections: bounded in number, and none for longer than its client does something.
//!
//! | a client that… | is cut off |
//! |---|---|
//! | takes long for the head of a request, or is silent between two | after `HTTP_TIMEOUT_S` |
//! | takes long for the body | after `HTTP_TIMEOUT_S`, with 408: see [`crate::http::body::read`] |
//! | does not read the answer | after `HTTP_TIMEOUT_S` |
//! | is idle while `HTTP_MAX_CONNECTIONS` are open and one more comes | the longest idle at once |
//!
//! So neither slow clients nor one that hoards connections keep others out, nor those who look
//! after our health.

mod connections;

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{
        conn::auto,
        graceful::{GracefulShutdown, Watcher},
    },
};
use keyward_core::settings::Http;
use poem::{
    Endpoint, Response,
    http::{self, HeaderValue, Version, header::CONNECTION, uri::Scheme},
    web::{LocalAddr, RemoteAddr},
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;

use connections::{Connection, Connections};

/// For so long requests under way may go on after a stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// For so long whoever is connected may take until he asks, after a stop; and who has just connected,
/// when the system has no socket to give.
const FIRST_REQUEST_GRACE: Duration = Duration::from_secs(1);
/// For so long nobody is let in when the system has no socket to give.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(20);
/// Longest head of a request in bytes: an access token, a trace, and room for a proxy's headers.
const MAX_HEAD_BYTES: u16 = 32 * 1024;
/// Requests that one HTTP/2 connection may have under way.
const MAX_STREAMS: u32 = 100;

/// Serves until it is told to stop; then ends the requests under way and returns.
///
/// # Errors
///
/// If the listener cannot be used.
pub(crate) async fn serve(
    listener: TcpListener,
    endpoint: impl Endpoint<Output = Response> + 'static,
    settings: &Http,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let local = listener.local_addr()?;
    let timeout = settings.timeout;
    let server = Arc::new(Server { endpoint, local, timeout, stop: stop.clone() });
    let connections = Connections::new(settings.max_connections);
    let graceful = GracefulShutdown::new();
    let mut tasks = JoinSet::new();
    let mut serve = |stream, peer, connection| {
        let server = Arc::clone(&server);
        tasks.spawn(server.connection(stream, peer, connection, graceful.watcher()));
        while tasks.try_join_next().is_some() {}
    };
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => serve(stream, peer, connections.admit().await),
            Err(error) => {
                // Most likely there are no sockets left. Here the idlest may be one that has just
                // come, with its request on the way.
                tracing::warn!(%error, "a connection could not be accepted");
                connections.close_idlest(FIRST_REQUEST_GRACE);
                tokio::time::sleep(ACCEPT_BACKOFF).await;
            }
        }
    }
    // Whoever has knocked is let in, and whoever is connected may ask once more, and hears that this
    // was the last time: a door that is shut while a request is on its way looks like a crash.
    let listener = listener.into_std()?;
    while let Ok((stream, peer)) = listener.accept() {
        stream.set_nonblocking(true)?;
        serve(TcpStream::from_std(stream)?, peer, connections.admit().await);
    }
    drop(listener);
    connections.all_have_left(FIRST_REQUEST_GRACE).await;
    if tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
    Ok(())
}

/// What every connection is served with.
struct Server<E> {
    endpoint: E,
    local: SocketAddr,
    timeout: Duration,
    stop: CancellationToken,
}

impl<E: Endpoint<Output = Response> + 'static> Server<E> {
    async fn connection(
        self: Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        connection: Connection,
        watcher: Watcher,
    ) {
        // Answers are written whole: waiting for more only delays them.
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_read_timeout(Some(self.timeout));
        stream.set_write_timeout(Some(self.timeout));
        let service = service_fn(|request| {
            let (server, work) = (Arc::clone(&self), connection.work());
            async move {
                let response = server.answer(request, peer).await;
                drop(work);
                Ok::<_, Infallible>(http::Response::from(response))
            }
        });
        let builder = self.protocols();
        let io = TokioIo::new(Box::pin(stream));
        tokio::select! {
            served = watcher.watch(builder.serve_connection(io, service)) => {
                if let Err(error) = served {
                    tracing::debug!(error, "a connection ended early");
                }
            }
            () = connection.must_close() => {}
        }
    }

    async fn answer(&self, request: http::Request<Incoming>, peer: SocketAddr) -> Response {
        let (local, peer) = (LocalAddr(self.local.into()), RemoteAddr(peer.into()));
        // HTTP/2 has a frame for it, which comes when all have had their time.
        let can_be_told = request.version() < Version::HTTP_2;
        let answer = self.endpoint.get_response((request, local, peer, Scheme::HTTP).into());
        let mut response = answer.await;
        if can_be_told && self.stop.is_cancelled() {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// HTTP/1.1, and HTTP/2 for proxies that know that we speak it.
    fn protocols(&self) -> auto::Builder<TokioExecutor> {
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(self.timeout)
            .max_buf_size(MAX_HEAD_BYTES.into())
            .http2()
            .timer(TokioTimer::new())
            .max_header_list_size(MAX_HEAD_BYTES.into())
            .max_concurrent_streams(MAX_STREAMS)
            // What one connection may ask for and give up at once (CVE-2023-44487).
            .max_pending_accept_reset_streams(20);
        builder
    }
}
