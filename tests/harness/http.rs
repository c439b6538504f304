use std::{
    io::ErrorKind,
    time::{Duration, Instant},
};

use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::World;

/// What the API answered.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    /// The body as JSON; null if it has none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// The problem's code; empty if it is no problem.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// A header as text; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Fails unless the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    /// Fails unless it is a problem with this status and code.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status.as_u16(), self.code().as_str()), (status, code), "{}", self.text);
        self
    }
}

impl World {
    /// A request to be sent with [`World::send`].
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// Sends a request and reads the whole answer.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Reply { status, headers, text: response.text().await.unwrap() }
    }

    /// Sends bytes as they are and reads until the API hangs up: for what no client would send.
    pub async fn send_raw(&self, bytes: impl Into<Vec<u8>>) -> String {
        use std::io::{Read as _, Write as _};

        let (address, bytes) = (self.url["http://".len()..].to_owned(), bytes.into());
        let talk = tokio::task::spawn_blocking(move || {
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            stream.write_all(&bytes).unwrap();
            let mut answer = Vec::new();
            // A server that hangs up early may reset the connection after its answer.
            let _ = stream.read_to_end(&mut answer);
            String::from_utf8_lossy(&answer).into_owned()
        });
        talk.await.unwrap()
    }

    /// Sends a start, and then a byte every now and then until the API hangs up: what it had to say,
    /// and after how long.
    pub async fn drip(&self, start: impl AsRef<[u8]>, byte: Option<u8>) -> (String, Duration) {
        let began_at = Instant::now();
        let mut stream = TcpStream::connect(&self.url["http://".len()..]).await.unwrap();
        stream.write_all(start.as_ref()).await.unwrap();
        let mut answer = Vec::new();
        loop {
            let mut buffer = [0; 1_024];
            let read = stream.read(&mut buffer);
            match tokio::time::timeout(Duration::from_millis(200), read).await {
                Ok(Ok(0)) => break,
                Ok(Ok(count)) => answer.extend_from_slice(&buffer[..count]),
                Ok(Err(error)) if error.kind() == ErrorKind::ConnectionReset => break,
                Ok(Err(error)) => panic!("{error}"),
                Err(_) => {}
            }
            if let Some(byte) = byte {
                let _ = stream.write_all(&[byte]).await;
            }
            assert!(began_at.elapsed() < Duration::from_secs(20), "nobody hung up");
        }
        (String::from_utf8_lossy(&answer).into_owned(), began_at.elapsed())
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    /// As a client with this address, which a proxy has written down (see
    /// [`Options::with_limits`](crate::Options::with_limits)).
    pub async fn post_from(&self, address: &str, path: &str, body: Value) -> Reply {
        let request = self.request(Method::POST, path).header("x-forwarded-for", address);
        self.send(request.json(&body)).await
    }

    /// `n` clients send at once. A world for more than a few is
    /// [`crowded`](crate::Options::crowded).
    pub async fn post_at_once(
        &self,
        n: usize,
        path: &str,
        body: impl Fn(usize) -> Value,
    ) -> Vec<Reply> {
        let clients = (0..n).map(|nth| self.post(path, body(nth)));
        futures_util::future::join_all(clients).await
    }

    /// Asks another API of this world who the holder of a token is.
    pub async fn me_at(&self, url: &str, token: &str) -> Reply {
        self.send(self.client.get(format!("{url}/v1/users/me")).bearer_auth(token)).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    /// As the holder of an access token.
    pub async fn get_as(&self, token: &str, path: &str) -> Reply {
        self.send(self.request(Method::GET, path).bearer_auth(token)).await
    }

    /// As the holder of an access token.
    pub async fn patch_as(&self, token: &str, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::PATCH, path).bearer_auth(token).json(&body)).await
    }

    /// As the holder of an access token; `if_match` is the tag of what is replaced.
    pub async fn put_if(&self, token: &str, path: &str, if_match: &str, body: Value) -> Reply {
        let request = self.request(Method::PUT, path).bearer_auth(token);
        self.send(request.header("if-match", if_match).json(&body)).await
    }

    /// As the holder of an access token, without a body.
    pub async fn post_as(&self, token: &str, path: &str) -> Reply {
        self.send(self.request(Method::POST, path).bearer_auth(token)).await
    }

    /// As the holder of an access token.
    pub async fn put_as(&self, token: &str, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::PUT, path).bearer_auth(token).json(&body)).await
    }

    /// As the holder of an access token.
    pub async fn delete_as(&self, token: &str, path: &str) -> Reply {
        self.send(self.request(Method::DELETE, path).bearer_auth(token)).await
    }
}
