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

use crate::{World, responses};

/// A response of the API.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    /// Sends a request to the API, reads the whole response and records it.
    pub(crate) async fn to(request: reqwest::RequestBuilder) -> Self {
        let (client, request) = request.build_split();
        let request = request.unwrap();
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let response = client.execute(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        responses::record(method.as_str(), &path, status.as_u16());
        Self { status, headers, text: response.text().await.unwrap() }
    }

    /// The body as JSON, or null if it is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// The code of the problem, or an empty string if the body is not a problem.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// A header as text, or an empty string if it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Fails unless the response has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    /// Fails unless the response is a problem with this status and code.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status.as_u16(), self.code().as_str()), (status, code), "{}", self.text);
        self
    }

    /// Fails unless the response is a 422 whose first error concerns the member at `pointer`.
    #[track_caller]
    pub fn expect_invalid(self, pointer: &str) -> Self {
        let reply = self.expect_problem(422, "invalid");
        assert_eq!(reply.json()["errors"][0]["pointer"], pointer, "{}", reply.text);
        reply
    }

    /// The items of a page of a list.
    #[track_caller]
    pub fn items(&self) -> Vec<Value> {
        self.json()["items"].as_array().unwrap_or_else(|| panic!("{}", self.text)).clone()
    }

    /// The path of the next page of a list.
    #[track_caller]
    pub fn next_page(&self) -> &str {
        self.header("link").split(['<', '>']).nth(1).unwrap()
    }
}

impl World {
    /// A request for [`World::send`].
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.request_at(&self.url, method, path)
    }

    /// The same to another API process of this world.
    pub fn request_at(&self, url: &str, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{url}{path}"))
    }

    /// Sends a request and reads the whole response.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        Reply::to(request).await
    }

    /// Sends raw bytes, for requests that HTTP clients do not send. Reads until the API closes the
    /// connection.
    pub async fn send_raw(&self, bytes: impl Into<Vec<u8>>) -> String {
        use std::io::{Read as _, Write as _};

        let (address, bytes) = (self.url["http://".len()..].to_owned(), bytes.into());
        let exchange = tokio::task::spawn_blocking(move || {
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            stream.write_all(&bytes).unwrap();
            let mut answer = Vec::new();
            // A server that closes early may reset the connection after its response.
            let _ = stream.read_to_end(&mut answer);
            let answer = String::from_utf8_lossy(&answer).into_owned();
            responses::record_raw(&bytes, &answer);
            answer
        });
        exchange.await.unwrap()
    }

    /// Sends the start of a request, then `byte` every 200 ms, until the API closes the connection.
    /// Returns what the API sent and how long it took.
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
            assert!(
                began_at.elapsed() < Duration::from_secs(20),
                "the API kept the connection open"
            );
        }
        let answer = String::from_utf8_lossy(&answer).into_owned();
        responses::record_raw(start.as_ref(), &answer);
        (answer, began_at.elapsed())
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    /// Posts as a client with this address, sent in `X-Forwarded-For` as by a trusted proxy (see
    /// [`Options::with_limits`](crate::Options::with_limits)).
    pub async fn post_from(&self, address: &str, path: &str, body: Value) -> Reply {
        let request = self.request(Method::POST, path).header("x-forwarded-for", address);
        self.send(request.json(&body)).await
    }

    /// Posts `n` requests concurrently. More than a few need a
    /// [`burst`](crate::Options::burst) world.
    pub async fn post_at_once(
        &self,
        n: usize,
        path: &str,
        body: impl Fn(usize) -> Value,
    ) -> Vec<Reply> {
        let clients = (0..n).map(|nth| self.post(path, body(nth)));
        futures_util::future::join_all(clients).await
    }

    /// Fetches the account of an access token from another API process of this world.
    pub async fn me_at(&self, url: &str, token: &str) -> Reply {
        self.send(self.client.get(format!("{url}/v1/users/me")).bearer_auth(token)).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn get_as(&self, token: &str, path: &str) -> Reply {
        self.send(self.request(Method::GET, path).bearer_auth(token)).await
    }

    pub async fn patch_as(&self, token: &str, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::PATCH, path).bearer_auth(token).json(&body)).await
    }

    /// Replaces the version with the tag `if_match`, with an access token.
    pub async fn put_if(&self, token: &str, path: &str, if_match: &str, body: Value) -> Reply {
        let request = self.request(Method::PUT, path).bearer_auth(token);
        self.send(request.header("if-match", if_match).json(&body)).await
    }

    /// Posts without a body, with an access token.
    pub async fn post_as(&self, token: &str, path: &str) -> Reply {
        self.send(self.request(Method::POST, path).bearer_auth(token)).await
    }

    pub async fn post_json_as(&self, token: &str, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::POST, path).bearer_auth(token).json(&body)).await
    }

    pub async fn put_as(&self, token: &str, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::PUT, path).bearer_auth(token).json(&body)).await
    }

    pub async fn delete_as(&self, token: &str, path: &str) -> Reply {
        self.send(self.request(Method::DELETE, path).bearer_auth(token)).await
    }
}
