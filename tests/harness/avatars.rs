use reqwest::{Method, header::HeaderMap};

use crate::{Reply, World};

/// A response with a picture.
#[derive(Debug, Clone)]
pub struct Fetched {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Fetched {
    /// A header as text, or an empty string if it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Width and height of a WebP picture in pixels.
    pub fn sides(&self) -> (u32, u32) {
        let features = webp::BitstreamFeatures::new(&self.bytes).unwrap();
        (features.width(), features.height())
    }
}

impl World {
    /// Uploads a picture with an access token.
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

    /// Uploads a JPEG for the account of the token and waits until its account shows it.
    pub async fn show_picture(&self, token: &str, side: u32) {
        let jpeg = crate::pictures::jpeg(&crate::pictures::photo(side, side), 80);
        let before = self.avatar_urls(token).await;
        let reply = self.put_picture(token, "/v1/users/me/avatar", "image/jpeg", jpeg).await;
        assert_eq!(self.upload_end(token, &reply.expect(202)).await, ("done".into(), None));
        // The worker invalidates the cached account shortly after its commit.
        let is_shown = async || (self.avatar_urls(token).await != before).then_some(());
        crate::until("the account shows the picture", is_shown).await;
    }

    /// Waits until an upload has ended. Returns its status and reason.
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

    /// The URLs of the account's picture: 64, 256 and 512 pixels.
    pub async fn avatar_urls(&self, token: &str) -> [String; 3] {
        let avatar = self.me(token).await.expect(200).json()["avatar"].clone();
        ["url_64", "url_256", "url_512"].map(|name| avatar[name].as_str().unwrap().to_owned())
    }

    /// Fetches a URL with extra headers.
    pub async fn fetch(&self, url: &str, headers: &[(&str, &str)]) -> Fetched {
        let request = headers
            .iter()
            .fold(self.client.get(url), |request, (name, value)| request.header(*name, *value));
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        crate::responses::record("GET", response.url().path(), status);
        Fetched { status, headers, bytes: response.bytes().await.unwrap().to_vec() }
    }
}
