//! Serves a bounded number of connections and closes those that make no progress.
//!
//! | a client that | is disconnected |
//! |---|---|
//! | sends the head of a request slowly, or is silent between requests | after `HTTP_TIMEOUT_S` |
//! | sends the body slowly | after `HTTP_TIMEOUT_S`, with 408: see [`crate::http::payload::read`] |
//! | does not send 64 KiB of an upload, or the rest of it | after `HTTP_TIMEOUT_S`, with 408: see [`crate::http::upload`] |
//! | does not read 64 KiB of a response (HTTP/2: 16 KiB), or the rest of it | after `HTTP_TIMEOUT_S`, also if an HTTP/2 window is closed |
//! | opens more than `HTTP_MAX_CONNECTIONS_PER_NETWORK` | at once, without a response |
//! | is idle when `HTTP_MAX_CONNECTIONS` are open and another client connects | at once, the longest idle first |
//! | belongs to the network with the most connections, when none is idle | at once, the oldest first |
//!
//! Neither slow clients nor one client with many connections keep others out, health checks
//! included. A trusted proxy has no share, and of its connections only the stream is reset that a
//! client does not read.

mod activity;
mod connections;
mod response;
mod stream;

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use hyper::{
    body::{Body, Bytes, Incoming},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::{
        conn::auto,
        graceful::{GracefulShutdown, Watcher},
    },
};
use keyward_core::{
    origin::{Network, network_of},
    settings::{Http, Limits, Settings},
};
use poem::{
    Endpoint, Response,
    http::{self, HeaderValue, Version, header::CONNECTION, uri::Scheme},
    web::{LocalAddr, RemoteAddr},
};
use socket2::SockRef;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use activity::{FIRST_REQUEST_GRACE, RequestInProgress};
use connections::{Connection, Connections};
use response::{FRAME_BYTES, ResponseBody};
use stream::Streams;

/// How long requests in progress may take after a stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// How long to wait before the next `accept` when the system has no free socket.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(20);
/// Longest head of a request in bytes: an access token, a trace, and the headers of a proxy.
const MAX_HEAD_BYTES: u16 = 32 * 1024;
/// Concurrent requests of an HTTP/2 connection (RFC 9113, section 6.5.2, recommends no fewer).
const MAX_STREAMS: u32 = 100;
/// Bytes of a body on an HTTP/2 stream, and on a connection, that no route has read yet.
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 128 * 1024;
/// Bytes of a response that the kernel holds beside those in transit. With more, a client that reads
/// slowly could not be told from one that does not read.
const UNSENT_BYTES: u32 = 16 * 1024;

/// Serves until `stop` is cancelled, then completes the requests in progress.
///
/// # Errors
///
/// If the listener fails.
pub(crate) async fn serve(
    listener: TcpListener,
    endpoint: impl Endpoint<Output = Response> + 'static,
    settings: &Settings,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let Http { timeout, max_connections, max_connections_per_network, .. } = settings.http;
    let server = Arc::new(Server { endpoint, timeout, stop: stop.clone() });
    let connections = Connections::new(max_connections, max_connections_per_network);
    let network = |peer: SocketAddr| client_network(peer, &settings.limits);
    let graceful = GracefulShutdown::new();
    let mut tasks = JoinSet::from_iter([connections.clone().watch(timeout)]);
    let mut serve = |stream: TcpStream, peer, connection: Option<Connection>| {
        if let Some(connection) = connection {
            let server = Arc::clone(&server);
            tasks.spawn(server.connection(stream, peer, connection, graceful.watcher()));
        } else {
            // Refused. A reset leaves nothing behind.
            let _ = stream.set_zero_linger();
        }
        while tasks.try_join_next().is_some() {}
    };
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => serve(stream, peer, connections.admit(network(peer)).await),
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
        serve(TcpStream::from_std(stream)?, peer, connections.admit(network(peer)).await);
    }
    drop(listener);
    connections.closed(FIRST_REQUEST_GRACE).await;
    if tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not complete in time");
    }
    Ok(())
}

/// The network whose share a connection belongs to; none for a trusted proxy.
fn client_network(peer: SocketAddr, limits: &Limits) -> Option<Network> {
    let peer = peer.ip().to_canonical();
    network_of(peer).filter(|_| !limits.trusts(peer))
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
        let _ = SockRef::from(&stream).set_tcp_notsent_lowat(UNSENT_BYTES);
        let service = service_fn(|request| {
            let (server, in_progress) = (Arc::clone(&self), connection.begin_request());
            // Boxed, so that a stream takes little memory until it runs.
            async move { Ok::<_, Infallible>(Box::pin(server.answer(request, peer, in_progress)).await) }
        });
        let builder = self.protocols();
        let io = TokioIo::new(stream);
        tokio::select! {
            served = watcher.watch(builder.serve_connection(io, service)) => {
                if let Err(error) = served {
                    tracing::debug!(error, "a connection ended early");
                }
            }
            () = connection.must_close.cancelled() => {}
        }
    }

    async fn answer(
        &self,
        request: http::Request<Incoming>,
        peer: SocketAddr,
        in_progress: RequestInProgress,
    ) -> http::Response<impl Body<Data = Bytes, Error = io::Error> + Send + use<E>> {
        in_progress.resets_with(stream::reset());
        let (local, peer) = (LocalAddr::default(), RemoteAddr(peer.into()));
        let is_http2 = request.version() == Version::HTTP_2;
        let answer = self.endpoint.get_response((request, local, peer, Scheme::HTTP).into());
        let mut response = http::Response::from(answer.await);
        // On HTTP/2, hyper sends GOAWAY.
        if !is_http2 && self.stop.is_cancelled() {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        let attached = std::mem::take(response.extensions_mut());
        response.map(|body| ResponseBody::new(body, is_http2, in_progress, attached))
    }

    /// HTTP/1.1, and HTTP/2 with prior knowledge.
    fn protocols(&self) -> auto::Builder<Streams> {
        let mut builder = auto::Builder::new(Streams);
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(self.timeout)
            .max_buf_size(MAX_HEAD_BYTES.into())
            .http2()
            .timer(TokioTimer::new())
            .max_header_list_size(MAX_HEAD_BYTES.into())
            .max_concurrent_streams(MAX_STREAMS)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_send_buf_size(FRAME_BYTES)
            // Bounds requests that are reset before they are served (CVE-2023-44487).
            .max_pending_accept_reset_streams(20);
        builder
    }
}
