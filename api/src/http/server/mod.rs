//! Serves a bounded number of connections and closes those that make no progress.
//!
//! | a client that | is disconnected |
//! |---|---|
//! | sends the head of a request slowly, or is silent between requests | after `HTTP_TIMEOUT_S` |
//! | sends the body slowly | after `HTTP_TIMEOUT_S`, with 408: see [`crate::http::payload::read`] |
//! | does not read the response | after `HTTP_TIMEOUT_S` |
//! | is idle when `HTTP_MAX_CONNECTIONS` are open and another client connects | at once, the longest idle first |
//!
//! Neither slow clients nor one client with many connections keep others out, health checks
//! included.

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

/// How long requests in progress may take after a stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an open connection may wait with its first request: after a stop, and when the system
/// has no free socket.
const FIRST_REQUEST_GRACE: Duration = Duration::from_secs(1);
/// How long to wait before the next `accept` when the system has no free socket.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(20);
/// Longest head of a request in bytes: an access token, a trace, and the headers of a proxy.
const MAX_HEAD_BYTES: u16 = 32 * 1024;
/// Concurrent requests of an HTTP/2 connection.
const MAX_STREAMS: u32 = 100;

/// Serves until `stop` is cancelled, then completes the requests in progress.
///
/// # Errors
///
/// If the listener fails.
pub(crate) async fn serve(
    listener: TcpListener,
    endpoint: impl Endpoint<Output = Response> + 'static,
    settings: &Http,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let timeout = settings.timeout;
    let server = Arc::new(Server { endpoint, timeout, stop: stop.clone() });
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
                // Most likely no socket is free. The longest idle connection may be a new one
                // whose request has not arrived yet.
                tracing::warn!(%error, "accepting a connection failed");
                connections.close_idlest(FIRST_REQUEST_GRACE);
                tokio::time::sleep(ACCEPT_BACKOFF).await;
            }
        }
    }
    // Accept the connections in the backlog, and answer one more request on each open connection,
    // with `Connection: close`. A client sees a connection closed during a request as a crash.
    let listener = listener.into_std()?;
    while let Ok((stream, peer)) = listener.accept() {
        stream.set_nonblocking(true)?;
        serve(TcpStream::from_std(stream)?, peer, connections.admit().await);
    }
    drop(listener);
    connections.closed(FIRST_REQUEST_GRACE).await;
    if tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not complete in time");
    }
    Ok(())
}

/// What all connections share.
struct Server<E> {
    endpoint: E,
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
        // A response is written in one piece. Nagle's algorithm would only delay it.
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_read_timeout(Some(self.timeout));
        stream.set_write_timeout(Some(self.timeout));
        let service = service_fn(|request| {
            let (server, in_progress) = (Arc::clone(&self), connection.begin_request());
            async move {
                let response = server.answer(request, peer).await;
                drop(in_progress);
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
            () = connection.must_close.cancelled() => {}
        }
    }

    async fn answer(&self, request: http::Request<Incoming>, peer: SocketAddr) -> Response {
        let (local, peer) = (LocalAddr::default(), RemoteAddr(peer.into()));
        // On HTTP/2, hyper sends GOAWAY.
        let has_header = request.version() < Version::HTTP_2;
        let answer = self.endpoint.get_response((request, local, peer, Scheme::HTTP).into());
        let mut response = answer.await;
        if has_header && self.stop.is_cancelled() {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// HTTP/1.1, and HTTP/2 with prior knowledge.
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
            // Bounds requests that are reset before they are served (CVE-2023-44487).
            .max_pending_accept_reset_streams(20);
        builder
    }
}
