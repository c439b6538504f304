//! Requests to webhook endpoints.
//!
//! An administrator names an endpoint, and must not reach internal machines through it (SSRF). So
//! the client checks every resolved address against the [`AddressRule`] and connects to a checked one
//! only: a later change of the DNS record has no effect. It follows no redirects, and uses no proxy
//! of the environment.

mod limiter;

use std::{
    error::Error,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use keyward_core::{commands::internal::WebhookRequest, domain::AddressRule, origin::Trace};
use reqwest::{
    Client, Response,
    dns::{Addrs, Name, Resolve, Resolving},
    header::CONTENT_TYPE,
    redirect::Policy,
};
use url::{Host, Url};

use limiter::EndpointLimiter;

/// Longest time a request may take, including the response.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Bytes of a response that are read and discarded, so that the connection can be reused.
const MAX_RESPONSE: usize = 4096;
/// Longest stored reason, in characters.
const MAX_REASON: usize = 300;
/// The status of an endpoint that wants no more events.
pub(crate) const GONE: u16 = 410;

/// Sends requests to endpoints. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct WebhookClient {
    rule: AddressRule,
    with_tls: Client,
    without_tls: Client,
    pub(crate) limiter: EndpointLimiter,
}

/// The result of a request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: Option<u16>,
    /// Why the delivery failed, in words.
    pub(crate) failure: Option<String>,
}

impl Answer {
    /// The outcome, as metrics name it.
    pub(crate) fn outcome(&self) -> &'static str {
        match (&self.failure, self.status) {
            (None, _) => "delivered",
            (Some(_), Some(GONE)) => "gone",
            (Some(_), _) => "failed",
        }
    }
}

/// The rule forbids the address.
#[derive(Debug, thiserror::Error)]
#[error("the address is not a public one, and not in WEBHOOK_ALLOWED_NETWORKS")]
struct Forbidden;

impl WebhookClient {
    /// # Errors
    ///
    /// If the TLS backend is broken, which is a defect.
    pub(crate) fn new(rule: AddressRule) -> reqwest::Result<Self> {
        let client = |with_tls| {
            Client::builder()
                .user_agent("Keyward")
                .timeout(TIMEOUT)
                .redirect(Policy::none())
                .no_proxy()
                .https_only(with_tls)
                .dns_resolver(Arc::new(Resolver { rule: rule.clone(), with_tls }))
                .build()
        };
        let limiter = EndpointLimiter::default();
        Ok(Self { with_tls: client(true)?, without_tls: client(false)?, limiter, rule })
    }

    /// Sends a request (Standard Webhooks). Any 2xx is a success.
    pub(crate) async fn call(&self, request: &WebhookRequest, trace: &Trace) -> Answer {
        match self.send(request, trace).await {
            Ok(response) => {
                let status = response.status();
                discard(response).await;
                let code = status.as_u16();
                let failure = (!status.is_success()).then(|| {
                    let hint =
                        if status.is_redirection() { "; redirects are not followed" } else { "" };
                    format!("answered {code}{hint}")
                });
                Answer { status: Some(code), failure }
            }
            Err(error) => Answer { status: None, failure: Some(reason(&*error)) },
        }
    }

    async fn send(&self, request: &WebhookRequest, trace: &Trace) -> anyhow::Result<Response> {
        let url = Url::parse(&request.url)?;
        let with_tls = url.scheme() == "https";
        // The HTTP client does not resolve an address in the URL.
        let address = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::from(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::from(address)),
            Some(Host::Domain(_)) | None => None,
        };
        if address.is_some_and(|address| !self.rule.allows(address, with_tls)) {
            return Err(Forbidden.into());
        }
        let client = if with_tls { &self.with_tls } else { &self.without_tls };
        let ids = [
            ("x-request-id", &trace.request_id),
            ("traceparent", &trace.traceparent),
            ("tracestate", &trace.tracestate),
        ];
        let known = ids.into_iter().filter(|(_, id)| !id.is_empty());
        let response = known
            .fold(client.post(url), |request, (name, id)| request.header(name, id))
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", request.id.to_string())
            .header("webhook-timestamp", request.at.timestamp())
            .header("webhook-signature", &request.signature)
            .body(request.body.clone())
            .send()
            .await;
        // The URL may contain a secret, so no reason names it.
        Ok(response.map_err(reqwest::Error::without_url)?)
    }
}

/// Reads the beginning of a response.
async fn discard(mut response: Response) {
    let mut read = 0;
    while let Ok(Some(chunk)) = response.chunk().await {
        read += chunk.len();
        if read > MAX_RESPONSE {
            break;
        }
    }
}

/// The innermost cause, which is the most specific one.
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

/// Resolves names to the addresses that the rule allows.
struct Resolver {
    rule: AddressRule,
    with_tls: bool,
}

impl Resolve for Resolver {
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
