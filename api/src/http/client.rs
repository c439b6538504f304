//! The client's IP address, which rate limits, emails and sessions use (OWASP ASVS 5.0, 4.1.3 and
//! 15.3.4).
//!
//! It is the peer of the connection. If the peer is one of `TRUSTED_PROXIES`, it is the right-most
//! address of `X-Forwarded-For` that is not a trusted proxy: the client may have written everything
//! further left. A malformed hop ends the search at the last valid one. `Forwarded` (RFC 7239) is
//! ignored, because a proxy that sets only `X-Forwarded-For` passes it on from the client.

use std::net::{IpAddr, SocketAddr};

use poem::http::{HeaderMap, HeaderValue};

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The client's address.
pub(crate) fn address(
    peer: Option<IpAddr>,
    headers: &HeaderMap,
    is_trusted: impl Fn(IpAddr) -> bool,
) -> Option<IpAddr> {
    let mut client = peer?.to_canonical();
    // Several lines are one list (RFC 9110, section 5.3). The last hop of the last line is nearest.
    let mut hops = headers.get_all(FORWARDED_FOR).iter().rev().flat_map(hops);
    while is_trusted(client)
        && let Some(Some(hop)) = hops.next()
    {
        client = hop;
    }
    Some(client)
}

/// The hops of a line, nearest first. None for a malformed hop.
fn hops(line: &HeaderValue) -> Vec<Option<IpAddr>> {
    let Ok(text) = line.to_str() else { return vec![None] };
    text.rsplit(',').map(|hop| parse(hop.trim())).collect()
}

/// Parses an address, which may have brackets or a port.
fn parse(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    let address = bare.parse::<IpAddr>().ok();
    let address = address.or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, lines: &[&'static [u8]]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_bytes(line).unwrap());
        }
        let is_trusted = |ip: IpAddr| ip.is_loopback() || ip.to_string().starts_with("10.");
        address(peer.parse().ok(), &headers, is_trusted).unwrap().to_string()
    }

    #[test]
    fn an_untrusted_peer_cannot_forge_its_address() {
        assert_eq!(client("192.0.2.1", &[b"203.0.113.9"]), "192.0.2.1");
        assert_eq!(client("192.0.2.1", &[b"127.0.0.1", b"10.0.0.1"]), "192.0.2.1");
        assert_eq!(client("::ffff:192.0.2.1", &[b"203.0.113.9"]), "192.0.2.1");
    }

    #[test]
    fn behind_a_proxy_the_client_is_the_nearest_untrusted_hop() {
        assert_eq!(client("127.0.0.1", &[b"203.0.113.9"]), "203.0.113.9");
        assert_eq!(client("::1", &[b"198.51.100.1, 203.0.113.9, 10.0.0.7"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &[b"198.51.100.1", b"203.0.113.9"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &[b"203.0.113.9,10.0.0.2", b"10.0.0.3"]), "203.0.113.9");
        assert_eq!(client("127.0.0.1", &[b"10.0.0.2"]), "10.0.0.2");
        assert_eq!(client("127.0.0.1", &[]), "127.0.0.1");
    }

    #[test]
    fn ports_and_brackets_are_not_part_of_an_address() {
        assert_eq!(client("127.0.0.1", &[b"203.0.113.9:4711"]), "203.0.113.9");
        assert_eq!(client("127.0.0.1", &[b"2001:db8::7"]), "2001:db8::7");
        assert_eq!(client("127.0.0.1", &[b"[2001:db8::7]"]), "2001:db8::7");
        assert_eq!(client("127.0.0.1", &[b"[2001:db8::7]:4711"]), "2001:db8::7");
        assert_eq!(client("127.0.0.1", &[b"::ffff:203.0.113.9"]), "203.0.113.9");
    }

    #[test]
    fn a_malformed_hop_ends_the_search_at_the_last_valid_one() {
        for garbage in
            [&b"unknown"[..], b"", b",", b"203.0.113", b"[::1", b"_hidden", b"\xff", b"1.2.3.4 5"]
        {
            assert_eq!(client("127.0.0.1", &[garbage]), "127.0.0.1", "{garbage:?}");
        }
        assert_eq!(client("127.0.0.1", &[b"203.0.113.9, junk, 10.0.0.1"]), "10.0.0.1");
    }
}
