//! Requests to endpoints of other services.
//!
//! Whoever may name an endpoint must not reach through us what only our own machines reach. So
//! every address that a name leads to is judged by the [`AddressRule`] while connecting, and the
//! connection goes to one that has passed: a name that leads elsewhere a moment later changes
//! nothing. Redirects are not followed, and no proxy of the environment is asked.

mod places;

use std::{
    error::Error,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use keyward_core::{
    commands::internal::WebhookRequest,
    domain::{AddressRule, WebhookId},
};
use reqwest::{
    Client, Response, StatusCode,
    dns::{Addrs, Name, Resolve, Resolving},
    header::CONTENT_TYPE,
    redirect::Policy,
};
use url::{Host, Url};

use places::{Place, Places};

/// Longest time a request may take, the answer included.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Bytes of an answer that are read, so that the connection can be used again; nobody keeps them.
const MAX_ANSWER: usize = 4096;
/// Longest reason that is written down, in characters.
const MAX_REASON: usize = 300;

/// Makes requests to endpoints. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct WebhookClient {
    rule: AddressRule,
    with_tls: Client,
    without_tls: Client,
    places: Places,
}

/// What came of a request: the status, if one came, and what was wrong, if anything was.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: Option<StatusCode>,
    pub(crate) flaw: Option<String>,
}

impl Answer {
    /// The outcome in a word, for metrics.
    pub(crate) fn outcome(&self) -> &'static str {
        match (&self.flaw, self.status) {
            (None, _) => "delivered",
            (Some(_), Some(StatusCode::GONE)) => "gone",
            (Some(_), _) => "failed",
        }
    }
}

/// An address that the rule forbids.
#[derive(Debug, thiserror::Error)]
#[error("the address is not a public one, and not in WEBHOOK_ALLOWED_NETWORKS")]
struct Forbidden;

impl WebhookClient {
    /// # Errors
    ///
    /// If there is no way to make connections, which is a defect.
    pub(crate) fn new(rule: AddressRule) -> reqwest::Result<Self> {
        let client = |with_tls| {
            Client::builder()
                .user_agent("Keyward")
                .timeout(TIMEOUT)
                .redirect(Policy::none())
                .no_proxy()
                .https_only(with_tls)
                .dns_resolver(Arc::new(Judge { rule: rule.clone(), with_tls }))
                .build()
        };
        let places = Places::default();
        Ok(Self { with_tls: client(true)?, without_tls: client(false)?, places, rule })
    }

    /// Takes a place for one request to an endpoint; none if those before it take their time.
    pub(crate) async fn place(&self, endpoint: WebhookId) -> Option<Place> {
        self.places.take(endpoint).await
    }

    /// Makes a request (Standard Webhooks): any 2xx is success.
    pub(crate) async fn call(&self, request: &WebhookRequest) -> Answer {
        match self.send(request).await {
            Ok(response) => {
                let status = response.status();
                skim(response).await;
                let flaw = match status {
                    status if status.is_success() => None,
                    status if status.is_redirection() => {
                        Some(format!("answered {}; redirects are not followed", status.as_u16()))
                    }
                    status => Some(format!("answered {}", status.as_u16())),
                };
                Answer { status: Some(status), flaw }
            }
            Err(error) => Answer { status: None, flaw: Some(reason(&*error)) },
        }
    }

    async fn send(
        &self,
        request: &WebhookRequest,
    ) -> Result<Response, Box<dyn Error + Send + Sync>> {
        let url = Url::parse(&request.url)?;
        let with_tls = url.scheme() == "https";
        // An address that stands in the URL is asked of no resolver.
        let address = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::from(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::from(address)),
            Some(Host::Domain(_)) | None => None,
        };
        if address.is_some_and(|address| !self.rule.allows(address, with_tls)) {
            return Err(Forbidden.into());
        }
        let client = if with_tls { &self.with_tls } else { &self.without_tls };
        let response = client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", request.id.to_string())
            .header("webhook-timestamp", request.at.timestamp())
            .header("webhook-signature", &request.signature)
            .body(request.body.clone())
            .send()
            .await;
        // The URL may be a secret; it is no part of a reason.
        Ok(response.map_err(reqwest::Error::without_url)?)
    }
}

/// Reads the beginning of an answer.
async fn skim(mut response: Response) {
    let mut read = 0;
    while let Ok(Some(chunk)) = response.chunk().await {
        read += chunk.len();
        if read > MAX_ANSWER {
            break;
        }
    }
}

/// What went wrong, in words: the innermost cause says it best.
fn reason(error: &(dyn Error + 'static)) -> String {
    if error.downcast_ref::<reqwest::Error>().is_some_and(reqwest::Error::is_timeout) {
        return format!("no answer within {} seconds", TIMEOUT.as_secs());
    }
    let mut innermost = error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    innermost.to_string().chars().filter(|c| !c.is_control()).take(MAX_REASON).collect()
}

/// Resolves names and lets only addresses through that the rule allows.
struct Judge {
    rule: AddressRule,
    with_tls: bool,
}

impl Resolve for Judge {
    fn resolve(&self, name: Name) -> Resolving {
        let (rule, with_tls) = (self.rule.clone(), self.with_tls);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> =
                found.filter(|address| rule.allows(address.ip(), with_tls)).collect();
            if allowed.is_empty() {
                return Err(Forbidden.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}
