//! Where a request comes from: the address that limits count, mails name and sessions keep (OWASP
//! ASVS 5.0, 4.1.3 and 15.3.4).
//!
//! It is the peer of the connection, unless that is one of `TRUSTED_PROXIES`; then it is the
//! right-most address of `X-Forwarded-For` that is none of them. Everything further left was
//! written by strangers. What cannot be read ends the search at the last hop that could. The header
//! `Forwarded` (RFC 7239) is not read at all: a proxy that knows only the other one would pass on
//! what strangers wrote into it.

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
    // Several lines are one list (RFC 9110, section 5.3); the last line's last hop is the nearest.
    let lines = headers.get_all(FORWARDED_FOR).iter().collect::<Vec<_>>();
    let mut hops = lines.into_iter().rev().flat_map(hops);
    while is_trusted(client) {
        match hops.next() {
            Some(Some(hop)) => client = hop,
            Some(None) | None => break,
        }
    }
    Some(client)
}

/// The hops of one line, the nearest first; nothing for one that is no address.
fn hops(line: &HeaderValue) -> Vec<Option<IpAddr>> {
    let Ok(text) = line.to_str() else { return vec![None] };
    text.rsplit(',').map(|hop| parse(hop.trim())).collect()
}

/// An address as proxies write it: bare, in brackets, or with a port.
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
    fn a_stranger_is_who_its_connection_says_whatever_it_claims() {
        assert_eq!(client("192.0.2.1", &[b"203.0.113.9"]), "192.0.2.1");
        assert_eq!(client("192.0.2.1", &[b"127.0.0.1", b"10.0.0.1"]), "192.0.2.1");
        assert_eq!(client("::ffff:192.0.2.1", &[b"203.0.113.9"]), "192.0.2.1");
    }

    #[test]
    fn behind_a_proxy_it_is_the_nearest_hop_that_is_no_proxy() {
        assert_eq!(client("127.0.0.1", &[b"203.0.113.9"]), "203.0.113.9");
        assert_eq!(client("::1", &[b"198.51.100.1, 203.0.113.9, 10.0.0.7"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &[b"198.51.100.1", b"203.0.113.9"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &[b"203.0.113.9,10.0.0.2", b"10.0.0.3"]), "203.0.113.9");
        assert_eq!(client("127.0.0.1", &[b"10.0.0.2"]), "10.0.0.2");
        assert_eq!(client("127.0.0.1", &[]), "127.0.0.1");
    }

    #[test]
    fn ports_and_brackets_are_no_part_of_an_address() {
        assert_eq!(client("127.0.0.1", &[b"203.0.113.9:4711"]), "203.0.113.9");
        assert_eq!(client("127.0.0.1", &[b"2001:db8::7"]), "2001:db8::7");
        assert_eq!(client("127.0.0.1", &[b"[2001:db8::7]"]), "2001:db8::7");
        assert_eq!(client("127.0.0.1", &[b"[2001:db8::7]:4711"]), "2001:db8::7");
        assert_eq!(client("127.0.0.1", &[b"::ffff:203.0.113.9"]), "203.0.113.9");
    }

    #[test]
    fn garbage_ends_the_search_at_the_last_hop_that_could_be_read() {
        for garbage in
            [&b"unknown"[..], b"", b",", b"203.0.113", b"[::1", b"_hidden", b"\xff", b"1.2.3.4 5"]
        {
            assert_eq!(client("127.0.0.1", &[garbage]), "127.0.0.1", "{garbage:?}");
        }
        assert_eq!(client("127.0.0.1", &[b"203.0.113.9, junk, 10.0.0.1"]), "10.0.0.1");
    }
}
