//! Hostile clients: they choose their address, read nothing, and break the rules of HTTP/2 (RFC 9113).

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    ops::ControlFlow,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpSocket, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinSet,
};

/// When the API must have disconnected a client with `HTTP_TIMEOUT_S=2`, on a busy machine.
pub const CUT_OFF: Duration = Duration::from_secs(10);

/// A request whose body never ends.
pub const HALF_SENT: &[u8] = b"POST /v1/sessions HTTP/1.1\r\nhost: x\r\n\
    content-type: application/json\r\ncontent-length: 60000\r\n\r\n{";

/// Connects from an address, and sends something.
///
/// # Errors
///
/// If the connection is refused, which may show only later.
pub async fn open(from: Ipv4Addr, to: SocketAddr, bytes: &[u8]) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    // Otherwise the kernel reads megabytes on behalf of a client that reads nothing.
    socket.set_recv_buffer_size(4_096)?;
    socket.bind((from, 0).into())?;
    let mut stream = socket.connect(to).await?;
    stream.write_all(bytes).await?;
    Ok(stream)
}

/// The window of a connection before any update.
const WINDOW: u64 = 65_535;

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;
pub const CONTINUATION: u8 = 9;

pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;

/// A frame.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Header fields, all of them as literals (RFC 7541, section 6.2.2).
pub fn fields(fields: &[(&str, &str)]) -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    let field = |(name, value): &(&str, &str)| [vec![0], text(name), text(value)].concat();
    fields.iter().flat_map(field).collect()
}

/// The head of a request.
pub fn request(method: &str, path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let head =
        [(":method", method), (":scheme", "http"), (":path", path), (":authority", "api.example")];
    fields(&[&head, more].concat())
}

/// What the server has sent.
#[derive(Debug, Default)]
pub struct Seen {
    /// Bytes of bodies that it accepts in addition to the first window.
    granted: u64,
    pub responses: usize,
    pub resets: usize,
}

/// A connection.
pub struct Http2 {
    writer: OwnedWriteHalf,
    /// Bytes of bodies that were sent.
    sent: u64,
    seen: watch::Receiver<Seen>,
    next_stream: u32,
    /// Reads what the server sends.
    _reader: JoinSet<()>,
}

impl Http2 {
    /// Connects from an address. The server may send `window` bytes on each stream.
    ///
    /// # Errors
    ///
    /// If the connection is refused.
    pub async fn open(from: Ipv4Addr, to: SocketAddr, window: u32) -> io::Result<Self> {
        let settings = [&[0, 4], &window.to_be_bytes()[..]].concat();
        let preface = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &*frame(SETTINGS, 0, 0, &settings)];
        let (reader, writer) = open(from, to, &preface.concat()).await?.into_split();
        let (record, seen) = watch::channel(Seen::default());
        let reader = JoinSet::from_iter([read(reader, record)]);
        Ok(Self { writer, sent: 0, seen, next_stream: 1, _reader: reader })
    }

    /// Sends frames. Breaks once the server has closed the connection.
    pub async fn send(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        match self.writer.write_all(bytes).await {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }

    /// The next stream of the client.
    pub fn stream(&mut self) -> u32 {
        self.next_stream += 2;
        self.next_stream - 2
    }

    /// Sends a request without a body.
    pub async fn get(&mut self, path: &str) -> ControlFlow<()> {
        let stream = self.stream();
        let flags = END_STREAM | END_HEADERS;
        self.send(&frame(HEADERS, flags, stream, &request("GET", path, &[]))).await
    }

    /// Sends a part of a body, as soon as the window of the connection allows it.
    pub async fn data(&mut self, stream: u32, data: &[u8]) -> ControlFlow<()> {
        self.sent += data.len() as u64;
        let sent = self.sent;
        if self.seen.wait_for(|seen| WINDOW + seen.granted >= sent).await.is_err() {
            return ControlFlow::Break(());
        }
        self.send(&frame(DATA, 0, stream, data)).await
    }

    pub async fn ping(&mut self) -> ControlFlow<()> {
        self.send(&frame(PING, 0, 0, b"still on")).await
    }

    /// Sends a ping every 100 ms, so that the connection is never silent, until the server has sent
    /// something. Breaks if the server closes the connection before.
    ///
    /// # Panics
    ///
    /// If neither happens within [`CUT_OFF`].
    pub async fn stay_until(&mut self, is_seen: impl Fn(&Seen) -> bool) -> ControlFlow<()> {
        let began_at = Instant::now();
        while !is_seen(&self.seen.borrow()) {
            assert!(began_at.elapsed() < CUT_OFF, "the connection is still open");
            self.ping().await?;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        ControlFlow::Continue(())
    }
}

/// Reads and records what the server sends.
async fn read(mut reader: OwnedReadHalf, record: watch::Sender<Seen>) {
    let mut head = [0; 9];
    while reader.read_exact(&mut head).await.is_ok() {
        let [a, b, c, kind, _, stream @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        if reader.read_exact(&mut payload).await.is_err() {
            return;
        }
        record.send_modify(|seen| match (kind, u32::from_be_bytes(stream)) {
            (HEADERS, _) => seen.responses += 1,
            (RST_STREAM, _) => seen.resets += 1,
            (WINDOW_UPDATE, 0) => {
                seen.granted += u64::from(u32::from_be_bytes(payload.try_into().unwrap()));
            }
            _ => {}
        });
    }
}
