//! The origin of a request. Follows it into events, jobs and log lines.

use std::net::IpAddr;

use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};
use serde::{Deserialize, Serialize};
use sqlx::types::ipnetwork::IpNetwork;
use uuid::Uuid;

use crate::domain::{Claim, hex::is_hex};

/// Client and trace of a request.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// Identifies the request in answers, logs, events and jobs.
    pub trace: Trace,
    /// Address of the client.
    pub ip: Option<IpAddr>,
    /// User agent of the client, cut to 256 characters.
    pub user_agent: Option<String>,
    /// What the command of the request records, if the request has an idempotency key.
    pub claim: Option<Claim>,
}

impl Origin {
    /// The client's network.
    #[must_use]
    pub fn network(&self) -> Option<Network> {
        self.ip.and_then(network_of)
    }
}

/// The network of a client: its IPv4 address, or the /64 of its IPv6 address, all of which belong to
/// one client (RFC 6177, section 2).
pub type Network = IpNetwork;

/// The network of an address. Never none: both prefixes are valid.
#[must_use]
pub fn network_of(ip: IpAddr) -> Option<Network> {
    let ip = ip.to_canonical();
    let network = IpNetwork::new(ip, if ip.is_ipv4() { 32 } else { 64 }).ok()?;
    IpNetwork::new(network.network(), network.prefix()).ok()
}

/// Identifies a request and everything it causes. Stored with its events and jobs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// `X-Request-Id`: the client's if it is valid, or a new one.
    pub request_id: String,
    /// `traceparent` (W3C Trace Context): the client's trace, our span.
    pub traceparent: String,
    /// `tracestate`, as the client sent it with its trace; empty if it sent none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tracestate: String,
}

impl Trace {
    /// Maximum length of a client's request id.
    const MAX_REQUEST_ID: usize = 128;
    /// Maximum length of a `tracestate` (W3C Trace Context, section 3.3.1.5).
    const MAX_TRACESTATE: usize = 512;

    /// Continues the client's trace and request id, or starts new ones.
    ///
    /// A valid request id has 1 to 128 letters, digits, `-`, `_`, `.` or `:`, so it cannot forge a log
    /// line or a header.
    #[must_use]
    pub fn continue_from(
        request_id: Option<&str>,
        traceparent: Option<&str>,
        tracestate: &str,
    ) -> Self {
        let request_id = request_id
            .filter(|id| is_valid(id))
            .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned);
        let caller = traceparent.and_then(parse_traceparent);
        // Vendors put their own data in it, which has no meaning in another trace.
        let is_kept = caller.is_some() && is_tracestate(tracestate);
        let tracestate = if is_kept { tracestate.to_owned() } else { String::new() };
        let (trace_id, flags) = match caller {
            Some(caller) => (caller.trace_id(), caller.trace_flags()),
            None => (TraceId::from(Uuid::new_v4().as_u128()), TraceFlags::SAMPLED),
        };
        let span_id = SpanId::from(Uuid::new_v4().as_u64_pair().1);
        let span = SpanContext::new(trace_id, span_id, flags, false, TraceState::NONE);
        Self { request_id, traceparent: traceparent_of(&span), tracestate }
    }

    /// The trace id: 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> &str {
        self.traceparent.split('-').nth(1).unwrap_or_default()
    }
}

fn is_valid(id: &str) -> bool {
    (1..=Trace::MAX_REQUEST_ID).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
}

fn is_tracestate(text: &str) -> bool {
    text.len() <= Trace::MAX_TRACESTATE && text.bytes().all(|b| matches!(b, b' '..=b'~'))
}

/// Parses a `traceparent` (W3C Trace Context, version 00, and what later versions have in common with it).
/// Returns `None` if it is malformed, or an id is all zero.
pub(crate) fn parse_traceparent(text: &str) -> Option<SpanContext> {
    let parts: Vec<&str> = text.splitn(5, '-').collect();
    let (version, trace_id, span_id, flags) = match parts[..] {
        [version, trace_id, span_id, flags] => (version, trace_id, span_id, flags),
        // Later versions may add parts.
        [version, trace_id, span_id, flags, _] if version != "00" => {
            (version, trace_id, span_id, flags)
        }
        _ => return None,
    };
    if !is_hex(version, 2)
        || version == "ff"
        || !is_hex(trace_id, 32)
        || !is_hex(span_id, 16)
        || !is_hex(flags, 2)
    {
        return None;
    }
    let (trace_id, span_id) = (TraceId::from_hex(trace_id).ok()?, SpanId::from_hex(span_id).ok()?);
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?);
    let span = SpanContext::new(trace_id, span_id, flags, true, TraceState::NONE);
    span.is_valid().then_some(span)
}

/// The `traceparent` of a span.
pub(crate) fn traceparent_of(span: &SpanContext) -> String {
    format!("00-{}-{}-{:02x}", span.trace_id(), span.span_id(), span.trace_flags())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn trace_of_the_client_continues_with_a_new_span() {
        let caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let trace = Trace::continue_from(Some("req-1"), Some(caller), "a=1,b@c=2");
        assert_eq!(trace.tracestate, "a=1,b@c=2");
        assert_eq!(trace.request_id, "req-1");
        assert_eq!(trace.trace_id(), "0af7651916cd43dd8448eb211c80319c");
        assert_ne!(trace.traceparent, caller);
        assert!(trace.traceparent.ends_with("-01"));
    }

    #[test]
    fn forged_request_id_or_trace_is_replaced() {
        for bad in ["", "a b", "a\nINFO forged", "\u{1b}[31m", &"x".repeat(129)] {
            assert_ne!(Trace::continue_from(Some(bad), None, "").request_id, bad);
        }
        let (trace, span) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
        for bad in [
            "",
            "01-x-y-z",
            &format!("00-{}-{span}-01", "0".repeat(32)),
            &format!("00-{trace}-{}-01", "0".repeat(16)),
            &format!("00-{}-{span}-01", trace.to_uppercase()),
            &format!("00-{trace}-{span}-01-more"),
            &format!("00-{trace}-{span}-1"),
            &format!("ff-{trace}-{span}-01"),
            &format!("0-{trace}-{span}-01"),
            &format!("{trace}-{span}-01"),
        ] {
            assert_eq!(parse_traceparent(bad), None, "{bad}");
        }
    }

    #[test]
    fn trace_of_a_later_version_continues() {
        let (trace, span) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
        for later in [format!("01-{trace}-{span}-01"), format!("cc-{trace}-{span}-01-what-comes")] {
            assert_eq!(Trace::continue_from(None, Some(&later), "").trace_id(), trace, "{later}");
        }
    }

    #[test]
    fn addresses_of_one_client_are_one_network() {
        let network = |ip: &str| {
            let origin = Origin { ip: Some(ip.parse().unwrap()), ..Origin::default() };
            origin.network().unwrap().to_string()
        };
        assert_eq!(network("192.0.2.7"), "192.0.2.7/32");
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7/32");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(network("2001:db8:1:2::1"), "2001:db8:1:2::/64");
        assert_eq!(network("2001:db8:1:3::1"), "2001:db8:1:3::/64");
    }

    proptest! {
        #[test]
        fn trace_is_well_formed_for_any_input(
            id in "\\PC{0,200}",
            parent in "\\PC{0,80}|[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.{0,9})?",
            state in "\\PC{0,600}|[ -~]{0,600}",
        ) {
            let trace = Trace::continue_from(Some(&id), Some(&parent), &state);
            prop_assert!(is_tracestate(&trace.tracestate));
            prop_assert!(is_valid(&trace.request_id));
            prop_assert!(parse_traceparent(&trace.traceparent).is_some());
        }
    }
}
