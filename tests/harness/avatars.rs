use reqwest::{Method, header::HeaderMap};

use crate::{Reply, World};

/// A picture as a browser gets it.
#[derive(Debug, Clone)]
pub struct Fetched {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Fetched {
    /// A header as text; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Sides of a WebP, in pixels.
    pub fn sides(&self) -> (u32, u32) {
        let features = webp::BitstreamFeatures::new(&self.bytes).unwrap();
        (features.width(), features.height())
    }
}

impl World {
    /// Uploads a picture as the holder of an access token.
    pub async fn put_picture(
        &self,
        token: &str,
        path: &str,
        media_type: &str,
        bytes: impl Into<Vec<u8>>,
    ) -> Reply {
        let request = self.request(Method::PUT, path).bearer_auth(token);
        self.send(request.header("content-type", media_type).body(bytes.into())).await
    }

    /// Uploads a JPEG for whoever holds the token, and waits until it is shown.
    pub async fn show_picture(&self, token: &str, side: u32) {
        let jpeg = crate::pictures::jpeg(&crate::pictures::photo(side, side), 80);
        let before = self.avatar_urls(token).await;
        let reply = self.put_picture(token, "/v1/users/me/avatar", "image/jpeg", jpeg).await;
        assert_eq!(self.upload_end(token, &reply.expect(202)).await, ("done".into(), None));
        // The worker drops what is cached of the account a moment after its commit.
        let is_shown = async || (self.avatar_urls(token).await != before).then_some(());
        crate::until("the picture is shown", is_shown).await;
    }

    /// Waits until an upload has ended: its status and its reason.
    pub async fn upload_end(&self, token: &str, taken: &Reply) -> (String, Option<String>) {
        let location = taken.header("location");
        let what = format!("{location} has ended");
        crate::until(&what, async || {
            let body = self.get_as(token, location).await.expect(200).json();
            let status = body["status"].as_str().unwrap().to_owned();
            let reason = body["reason"].as_str().map(str::to_owned);
            (status != "processing").then_some((status, reason))
        })
        .await
    }

    /// The addresses of somebody's picture: 64, 256 and 512 pixels.
    pub async fn avatar_urls(&self, token: &str) -> [String; 3] {
        let avatar = self.me(token).await.expect(200).json()["avatar"].clone();
        ["url_64", "url_256", "url_512"].map(|name| avatar[name].as_str().unwrap().to_owned())
    }

    /// Fetches what an address shows, with headers of one's own.
    pub async fn fetch(&self, url: &str, headers: &[(&str, &str)]) -> Fetched {
        let request = headers
            .iter()
            .fold(self.client.get(url), |request, (name, value)| request.header(*name, *value));
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Fetched { status, headers, bytes: response.bytes().await.unwrap().to_vec() }
    }
}
