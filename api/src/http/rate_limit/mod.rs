//! How often somebody may ask: which routes are limited, and by what (OWASP ASVS 5.0, 6.3.1).
//!
//! A request is counted before it is read any further, so one that turns out malformed counts, too.
//! All its buckets are decided in one call. What they count never depends on anything a client may
//! choose: not on how it spells a path or an address, nor on what else it sends. The answers carry
//! `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers), the refusal
//! `Retry-After`, too.
//!
//! Two limits are decided in [`keyward_core`], because they need to know the account: mails to one
//! mailbox, and guesses from where an account is not at home.

mod headers;

pub(crate) use headers::whole_seconds;

use keyward_core::{
    App, Refusal,
    domain::{EmailAddress, Limit},
    infra::limits::{Bucket, Verdict},
    origin::Origin,
    settings::Limits,
};
use poem::{Endpoint, IntoResponse as _, Middleware, Request, Response, http::StatusCode};

use crate::{
    http::{auth, body, edge, json, problem::Failure},
    routes::pages,
};

/// What a route's requests are counted as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counts {
    Registration,
    Login,
    LinkRequest,
    LinkUse,
    Reauthentication,
    /// A page's form: it asks for a link, or uses one.
    Form,
}

/// THE table of routes that are limited. A test compares it with the OpenAPI document: whatever
/// works without an access token, or takes a password beside it, is here.
const ROUTES: &[(&str, &str, Counts)] = &[
    ("POST", "/v1/users", Counts::Registration),
    ("PUT", "/v1/users/me/password", Counts::Reauthentication),
    ("PUT", "/v1/users/me/email", Counts::Reauthentication),
    ("DELETE", "/v1/users/me", Counts::Reauthentication),
    ("POST", "/v1/sessions", Counts::Login),
    ("POST", "/v1/sessions/refresh", Counts::LinkUse),
    ("POST", "/v1/email-verifications", Counts::LinkRequest),
    ("POST", "/v1/email-verifications/confirm", Counts::LinkUse),
    ("POST", "/v1/password-resets", Counts::LinkRequest),
    ("POST", "/v1/password-resets/confirm", Counts::LinkUse),
    ("POST", "/v1/email-changes/confirm", Counts::LinkUse),
    ("POST", "/v1/email-changes/undo", Counts::LinkUse),
    ("POST", "/v1/invitations/accept", Counts::LinkUse),
    ("POST", "/verify-email", Counts::Form),
    ("POST", "/reset-password", Counts::Form),
    ("POST", "/accept-invitation", Counts::Form),
    ("POST", "/confirm-email", Counts::Form),
    ("POST", "/undo-email", Counts::Form),
];

/// Whether a route is limited; for the OpenAPI document.
pub(crate) fn covers(method: &str, path: &str) -> bool {
    counts(method, path).is_some()
}

fn counts(method: &str, path: &str) -> Option<Counts> {
    // None of these paths has a parameter, and the router compares them byte by byte, too.
    let route = ROUTES.iter().find(|(m, p, _)| m.eq_ignore_ascii_case(method) && *p == path);
    route.map(|(_, _, counts)| *counts)
}

impl Counts {
    /// Whether only what turns out wrong counts in the end.
    fn guesses(self) -> bool {
        matches!(self, Self::Login | Self::LinkUse | Self::Reauthentication)
    }

    /// The limits that hold for it, with their names on the wire. Whom each counts, [`look`]
    /// knows; the last one of a login is decided in core.
    fn policies(self, limits: &Limits) -> Vec<(&'static str, Limit)> {
        match self {
            Self::Registration => vec![("registration", limits.registration)],
            Self::Login => vec![
                ("login", limits.login),
                ("login-account", limits.login_account),
                ("login-strangers", limits.login_strangers),
            ],
            Self::LinkRequest => vec![("link-request", limits.link_request)],
            Self::LinkUse | Self::Form => vec![("link-use", limits.link_use)],
            Self::Reauthentication => vec![("reauthentication", limits.reauthentication)],
        }
    }
}

/// What is counted, after a look at the request; and the answer, if its body cannot be read.
struct Look {
    counts: Counts,
    buckets: Vec<Bucket>,
    unreadable: Option<Response>,
}

/// Looks at a request as far as is needed to know whom to count. Its body stays in it.
async fn look(app: &App, mut counts: Counts, request: &mut Request) -> Look {
    let mut unreadable = None;
    let mut text = Vec::new();
    if matches!(counts, Counts::Login | Counts::Form) {
        match body::read(request.take_body(), app).await {
            Ok(bytes) => {
                request.set_body(bytes.clone());
                text = bytes;
            }
            Err(problem) => unreadable = Some(edge::response_to(problem.into())),
        }
    }
    if counts == Counts::Form {
        counts = if asks_for_a_link(&text) { Counts::LinkRequest } else { Counts::LinkUse };
    }
    // Without an address (no peer of ours has none) all count as one.
    let network = request.data::<Origin>().and_then(Origin::network);
    let network = network.map(|network| network.to_string()).unwrap_or_default();
    let policies = counts.policies(&app.settings.limits);
    let bucket = |nth: usize, subject: &str| {
        policies.get(nth).map(|(name, limit)| Bucket::new(name, *limit, subject))
    };
    let buckets = match counts {
        Counts::Reauthentication => match auth::authenticate(request).await {
            Ok(authenticated) => vec![bucket(0, &authenticated.actor.user_id.to_string())],
            Err(_) => vec![],
        },
        Counts::Login => {
            let address = address_in(&text).map(|key| format!("{network} {key}"));
            vec![bucket(0, &network), address.and_then(|address| bucket(1, &address))]
        }
        _ => vec![bucket(0, &network)],
    };
    Look { counts, buckets: buckets.into_iter().flatten().collect(), unreadable }
}

/// The address that somebody logs in with, as accounts are compared; read as the route reads it.
fn address_in(body: &[u8]) -> Option<String> {
    let body = json::parse(body).ok()?;
    Some(EmailAddress::parse(body.get("email")?.as_str()?).ok()?.key().to_owned())
}

/// Whether a page's form asks for a link; if it says so among other things, it does.
fn asks_for_a_link(form: &[u8]) -> bool {
    form_urlencoded::parse(form).any(|(name, value)| name == "action" && value == "send")
}

/// Wraps all routes.
pub(crate) struct RateLimit(pub(crate) App);

impl<E: Endpoint> Middleware<E> for RateLimit {
    type Output = RateLimitEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        RateLimitEndpoint { inner, app: self.0.clone() }
    }
}

/// See [`RateLimit`].
pub(crate) struct RateLimitEndpoint<E> {
    inner: E,
    app: App,
}

impl<E: Endpoint> Endpoint for RateLimitEndpoint<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let route = counts(request.method().as_str(), request.uri().path());
        let Some(route) = route.filter(|_| self.app.settings.limits.enabled) else {
            return self.inner.call(request).await.map(poem::IntoResponse::into_response);
        };
        let Look { counts, buckets, unreadable } = look(&self.app, route, &mut request).await;
        let verdict = self.app.limiter.decide(&buckets).await;
        let mut response = match unreadable {
            _ if !verdict.is_allowed && route == Counts::Form => {
                pages::throttled(&self.app, verdict.retry_after)?
            }
            _ if !verdict.is_allowed => refusal(verdict),
            Some(unreadable) => unreadable,
            None => match self.inner.call(request).await {
                Ok(output) => output.into_response(),
                Err(error) => edge::response_to(error),
            },
        };
        if verdict.is_allowed && counts.guesses() && is_no_guess(response.status()) {
            self.app.limiter.refund(&buckets).await;
        }
        if !buckets.is_empty() {
            let policies = counts.policies(&self.app.settings.limits);
            headers::set(&mut response, &policies, verdict);
        }
        Ok(response)
    }
}

/// What was right, and what was not even tried, is no guess.
fn is_no_guess(status: StatusCode) -> bool {
    status.is_success() || status.is_server_error()
}

fn refusal(verdict: Verdict) -> Response {
    Failure::from(Refusal::Throttled { retry_after: verdict.retry_after }).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_counts_as_one_however_it_is_spelt() {
        let spellings = [
            r#"{"email":"zo\u00eb@example.org"}"#,
            r#"{"password":"x","email":" ZOE\u0308@Example.ORG ","more":[1]}"#,
        ];
        for spelling in spellings {
            let key = address_in(spelling.as_bytes());
            assert_eq!(key.as_deref(), Some("zo\u{eb}@example.org"), "{spelling}");
        }
        for none in ["", "[]", r#"{"email":7}"#, r#"{"email":"a@b.example","email":"c@d.example"}"#]
        {
            assert_eq!(address_in(none.as_bytes()), None, "{none}");
        }
    }

    #[test]
    fn a_form_that_asks_for_a_link_among_other_things_does() {
        assert!(asks_for_a_link(b"action=send&email=a"));
        assert!(asks_for_a_link(b"action=use&action=%73end"));
        assert!(!asks_for_a_link(b"token=send&action="));
    }
}
