//! Rate limits: which routes are limited, and by what (OWASP ASVS 5.0, 6.3.1).
//!
//! A request is counted before it is read any further, so that malformed requests count, too. One
//! call decides all its buckets. A bucket never depends on anything that a client may choose: not on
//! the spelling of a path or an address, nor on other members. Responses carry `RateLimit` and
//! `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10), and `Retry-After` if refused.
//!
//! Some limits are decided in [`keyward_core`], because they need the account or the password: failed
//! logins of one address, wrong codes of links, changes of address, and emails to one mailbox. The
//! last ones refuse no request: the response does not disclose whether an email is sent.

use keyward_core::{
    App,
    domain::{Limit, Purpose},
    infra::limits::{Bucket, Verdict},
    origin::Origin,
    settings::Limits,
};
use poem::{
    Endpoint, EndpointExt as _, IntoEndpoint, IntoResponse as _, Request, Response,
    http::HeaderValue,
};

use super::{
    auth::AuthenticatedUser,
    payload::{self, FormFields},
    problem::{self, Problem, whole_seconds},
};

/// The class of a limited route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Registration,
    Login,
    LinkRequest,
    LinkUse,
    /// Uses a link by its token or its code.
    Confirmation,
    Reauthentication,
    EmailChange,
    /// The form of a page, which requests a link or uses one.
    Form,
}

/// All limited routes, besides the forms of the pages. A test compares the table with the OpenAPI
/// document: it has every route that needs no access token, or takes a password in addition to it.
const ROUTES: &[(&str, &str, Class)] = &[
    ("POST", "/v1/users", Class::Registration),
    ("PUT", "/v1/users/me/password", Class::Reauthentication),
    ("PUT", "/v1/users/me/email", Class::EmailChange),
    ("DELETE", "/v1/users/me", Class::Reauthentication),
    ("POST", "/v1/sessions", Class::Login),
    ("POST", "/v1/sessions/refresh", Class::LinkUse),
    ("POST", "/v1/email-verifications", Class::LinkRequest),
    ("POST", "/v1/email-verifications/confirm", Class::Confirmation),
    ("POST", "/v1/password-resets", Class::LinkRequest),
    ("POST", "/v1/password-resets/confirm", Class::Confirmation),
    ("POST", "/v1/email-changes/confirm", Class::Confirmation),
    ("POST", "/v1/email-changes/undo", Class::Confirmation),
    ("POST", "/v1/invitations/accept", Class::Confirmation),
    ("POST", "/v1/mail-reports/mailgun", Class::LinkUse),
    ("POST", "/v1/mail-reports/sendgrid", Class::LinkUse),
];

/// Whether a route is limited.
pub(crate) fn covers(method: &str, path: &str) -> bool {
    class_of(method, path).is_some()
}

fn class_of(method: &str, path: &str) -> Option<Class> {
    // None of these paths has a parameter. The router compares them byte by byte, too.
    let route = ROUTES.iter().find(|(m, p, _)| m.eq_ignore_ascii_case(method) && *p == path);
    let is_form = method == "POST" && Purpose::ALL.iter().any(|purpose| purpose.page() == path);
    route.map(|(_, _, class)| *class).or(is_form.then_some(Class::Form))
}

impl Class {
    /// Whether only failed requests count in the end: a successful one is refunded.
    fn counts_failures(self) -> bool {
        !matches!(self, Self::Registration | Self::LinkRequest)
    }

    /// The limits, with their names on the wire. The first one is applied here, the others in core.
    fn policies(self, limits: &Limits) -> Vec<(&'static str, Limit)> {
        match self {
            Self::Registration => vec![("registration", limits.registration)],
            Self::Login => vec![
                ("login", limits.login),
                ("login-account", limits.login_account),
                ("login-strangers", limits.login_strangers),
            ],
            Self::LinkRequest => vec![("link-request", limits.link_request)],
            Self::LinkUse => vec![("link-use", limits.link_use)],
            Self::Confirmation | Self::Form => vec![
                ("link-use", limits.link_use),
                ("code", limits.code),
                ("code-address", limits.code_address),
            ],
            Self::Reauthentication => vec![("reauthentication", limits.reauthentication)],
            Self::EmailChange => vec![
                ("reauthentication", limits.reauthentication),
                ("email-change", limits.email_change),
            ],
        }
    }

    /// What the first limit counts: an account or a network. `None` without a valid access token, where
    /// one is needed.
    async fn subject(self, request: &mut Request) -> Option<String> {
        if matches!(self, Self::Reauthentication | Self::EmailChange) {
            let user = AuthenticatedUser::of(request).await;
            return user.map(|user| user.actor.user_id.to_string()).ok();
        }
        let network = request.data::<Origin>().and_then(Origin::network);
        Some(network.map(|network| network.to_string()).unwrap_or_default())
    }
}

/// Whether the form of a page requests a link. If it has several actions, it does.
fn requests_link(form: &FormFields) -> bool {
    form.iter().any(|(name, value)| name == "action" && value == "send")
}

/// Limits the routes of [`ROUTES`] behind an endpoint.
pub(crate) fn wrap<E>(endpoint: E) -> impl Endpoint<Output = Response>
where
    E: IntoEndpoint<Endpoint: 'static>,
{
    endpoint.around(async |inner, request| Ok(limited(&*inner, request).await))
}

async fn limited(inner: &impl Endpoint, mut request: Request) -> Response {
    let Some(app) = request.data::<App>().cloned() else {
        return Problem::defect().into_response();
    };
    let route = class_of(request.method().as_str(), request.original_uri().path());
    let Some(mut class) = route.filter(|_| app.settings.limits.enabled) else {
        return problem::answer(inner, request).await;
    };
    if class == Class::Form {
        let form = payload::read_ahead::<FormFields>(&mut request).await;
        let requests_link = form.is_ok_and(|form| requests_link(&form));
        class = if requests_link { Class::LinkRequest } else { Class::Confirmation };
    }
    let policies = class.policies(&app.settings.limits);
    let subject = class.subject(&mut request).await;
    let buckets = policies.iter().zip(&subject);
    let buckets: Vec<Bucket> =
        buckets.map(|((name, limit), subject)| Bucket::new(name, *limit, subject)).collect();
    let verdict = app.limiter.decide(&buckets).await;
    let mut response = match verdict.refusal(&buckets) {
        Some(refusal) => Problem::from(refusal).into_response(),
        None => problem::answer(inner, request).await,
    };
    let has_failed = response.status().is_client_error();
    if verdict.is_allowed && class.counts_failures() && !has_failed {
        app.limiter.refund(&buckets).await;
    }
    if !buckets.is_empty() {
        set_headers(&mut response, &policies, verdict);
    }
    response
}

/// Sets the headers `RateLimit` and `RateLimit-Policy`, which are lists of structured fields
/// (RFC 9651):
///
/// ```text
/// RateLimit-Policy: "login";q=60;w=300, "login-account";q=10;w=600
/// RateLimit: "login";r=57;t=15
/// ```
///
/// A policy allows `q` requests in `w` seconds. `RateLimit` names the first limit, or the exhausted one:
/// `r` requests are left, and all are available again in `t` seconds. If `r` is 0, the next request
/// is allowed in `t` seconds.
fn set_headers(response: &mut Response, policies: &[(&'static str, Limit)], verdict: Verdict) {
    let policy = policies
        .iter()
        .map(|(name, limit)| format!("\"{name}\";q={};w={}", limit.burst, limit.period.as_secs()));
    put(response, "ratelimit-policy", &policy.collect::<Vec<_>>().join(", "));
    let exhausted =
        response.data::<Problem>().and_then(|problem| problem.subject.zip(problem.retry_after_s));
    let state = match (exhausted, policies.get(verdict.tightest)) {
        (Some((name, wait_s)), _) => format!("\"{name}\";r=0;t={wait_s}"),
        (None, Some((name, _))) => {
            let wait_s = whole_seconds(verdict.reset_after);
            format!("\"{name}\";r={};t={wait_s}", verdict.remaining)
        }
        (None, None) => String::new(),
    };
    put(response, "ratelimit", &state);
}

fn put(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_with_several_actions_requests_a_link() {
        let requests_link = |form: &[u8]| {
            requests_link(&form_urlencoded::parse(form).into_owned().collect::<FormFields>())
        };
        assert!(requests_link(b"action=send&email=a"));
        assert!(requests_link(b"action=use&action=%73end"));
        assert!(!requests_link(b"token=send&action="));
    }
}
