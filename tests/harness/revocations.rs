//! Followers of the revocations.

use reqwest::{Client, Method, Response};
use serde_json::Value;

use crate::{Reply, World, responses};

const PATH: &str = "/v1/revocations";

/// A client that follows the revocations as a verifier does: it connects again when its stream ends, and
/// continues behind the last event.
#[derive(Debug)]
pub struct Follower {
    client: Client,
    /// The API that it connects to next.
    pub url: String,
    token: String,
    /// The id of the last event.
    pub last_id: Option<String>,
    response: Option<Response>,
    buffer: String,
}

impl Follower {
    /// A follower that has not connected yet.
    #[must_use]
    pub fn new(url: &str, token: &str, last_id: Option<String>) -> Self {
        // Without the time-out of the other clients.
        let client = Client::builder().build().unwrap();
        let (url, token) = (url.to_owned(), token.to_owned());
        Self { client, url, token, last_id, response: None, buffer: String::new() }
    }

    /// Connects. Returns the response if it is no stream.
    ///
    /// # Errors
    ///
    /// If the API is unreachable.
    pub async fn connect(&mut self) -> reqwest::Result<Option<Reply>> {
        let request = self.client.get(format!("{}{PATH}", self.url)).bearer_auth(&self.token);
        let request = request.header("accept", "text/event-stream");
        let request = self.last_id.iter().fold(request, |r, id| r.header("last-event-id", id));
        let response = request.send().await?;
        responses::record("GET", PATH, response.status().as_u16());
        self.buffer.clear();
        if response.status() != 200 {
            let (status, headers) = (response.status(), response.headers().clone());
            return Ok(Some(Reply { status, headers, text: response.text().await? }));
        }
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        self.response = Some(response);
        Ok(None)
    }

    /// Connects to an API that accepts it.
    pub async fn connected(mut self) -> Self {
        let refused = self.connect().await.unwrap();
        assert!(refused.is_none(), "{refused:?}");
        self
    }

    /// The next event of this connection. `None` if the stream ends.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            while let Some((block, rest)) = self.buffer.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.buffer = rest;
                let field = |name: &str| {
                    block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned)
                };
                let id = field("id: ");
                if id.is_some() {
                    self.last_id = id;
                }
                if let Some(data) = field("data: ") {
                    let event: Value = serde_json::from_str(&data).unwrap();
                    assert_eq!(field("event: ").as_deref(), event["type"].as_str());
                    return Some(event);
                }
            }
            match self.response.as_mut()?.chunk().await {
                Ok(Some(chunk)) => self.buffer += std::str::from_utf8(&chunk).unwrap(),
                Ok(None) | Err(_) => {
                    self.response = None;
                    return None;
                }
            }
        }
    }

    /// The next events, as many as these.
    pub async fn take(&mut self, count: usize) -> Vec<Value> {
        let mut events = Vec::new();
        while events.len() < count {
            events.push(self.next().await.unwrap());
        }
        events
    }
}

impl World {
    /// A page of the revocations.
    pub async fn revocations(&self, token: &str, query: &str) -> Reply {
        self.send(self.request(Method::GET, &format!("{PATH}{query}")).bearer_auth(token)).await
    }
}
