//! The host that a request names. Keyward uses it for nothing, but servers and proxies that read a
//! request differently can be played off against each other (RFC 9112, section 11.2).

use std::net::Ipv6Addr;

use poem::{
    Request,
    http::{Version, header::HOST},
};

/// Whether a request names exactly one valid host (RFC 9112, section 3.2; RFC 9113, section 8.3.1).
/// HTTP/1.0 may name none.
pub(crate) fn is_valid(request: &Request) -> bool {
    let lines: Vec<_> =
        request.headers().get_all(HOST).iter().map(|line| line.as_bytes()).collect();
    // `:authority` of HTTP/2, or the host of a request target in absolute form.
    let authority = request.uri().authority().map(|authority| authority.as_str().as_bytes());
    let is_http2 = request.version() == Version::HTTP_2;
    let agrees = match (&lines[..], authority) {
        ([host], Some(authority)) if is_http2 => host.eq_ignore_ascii_case(authority),
        ([_], _) => true,
        ([], None) => request.version() == Version::HTTP_10,
        ([], Some(_)) => request.version() != Version::HTTP_11,
        _ => false,
    };
    agrees && lines.into_iter().chain(authority).all(is_host)
}

/// Whether a text is the name or the address of a host, with or without a port.
fn is_host(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    let is_name = |host: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        !host.is_empty() && host.bytes().all(is_plain)
    };
    let (is_valid, port) = match text.strip_prefix('[').map(|rest| rest.split_once(']')) {
        Some(Some((address, port))) => (address.parse::<Ipv6Addr>().is_ok(), port),
        Some(None) => return false,
        None => {
            let (host, port) = text.split_at(text.find(':').unwrap_or(text.len()));
            (is_name(host), port)
        }
    };
    let is_port =
        |port: &str| port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok();
    is_valid && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

#[cfg(test)]
mod tests {
    use poem::http::Uri;

    use super::*;

    fn accepts(version: Version, target: &str, hosts: &[&str]) -> bool {
        let mut request = Request::builder().version(version).uri(target.parse::<Uri>().unwrap());
        for host in hosts {
            request = request.header(HOST, *host);
        }
        is_valid(&request.finish())
    }

    #[test]
    fn http_1_1_needs_exactly_one_host() {
        let accepts = |hosts: &[&str]| accepts(Version::HTTP_11, "/", hosts);
        assert!(
            accepts(&["api.example"]) && accepts(&["127.0.0.1:8080"]) && accepts(&["[::1]:80"])
        );
        assert!(!accepts(&[]) && !accepts(&["a", "a"]) && !accepts(&["a", "b"]));
        for odd in [
            "",
            " ",
            "a b",
            "a,b",
            "a/b",
            "a@b",
            "http://a",
            "a:",
            "a:b",
            "a:+1",
            "a:65536",
            "a:1:2",
            ":80",
            "[::1",
            "::1",
            "[a]",
            "[::1]a",
            "a%00b",
            "a\"",
            "\u{e9}.example",
            "a?b",
            "a#b",
        ] {
            assert!(!accepts(&[odd]), "{odd:?}");
        }
    }

    #[test]
    fn http_1_0_may_name_no_host() {
        assert!(accepts(Version::HTTP_10, "/", &[]) && accepts(Version::HTTP_10, "/", &["a"]));
        assert!(!accepts(Version::HTTP_10, "/", &["a", "a"]));
        assert!(!accepts(Version::HTTP_10, "/", &["a b"]));
    }

    #[test]
    fn an_absolute_target_does_not_replace_the_host() {
        assert!(accepts(Version::HTTP_11, "http://a/", &["b"]));
        assert!(!accepts(Version::HTTP_11, "http://a/", &[]));
        assert!(!accepts(Version::HTTP_11, "http://u@a/", &["a"]));
    }

    #[test]
    fn http_2_names_its_host_once_or_twice_alike() {
        assert!(accepts(Version::HTTP_2, "http://a/", &[]));
        assert!(accepts(Version::HTTP_2, "http://a/", &["A"]));
        assert!(accepts(Version::HTTP_2, "/", &["a"]));
        assert!(!accepts(Version::HTTP_2, "/", &[]));
        assert!(!accepts(Version::HTTP_2, "http://a/", &["b"]));
        assert!(!accepts(Version::HTTP_2, "http://a/", &["a", "a"]));
    }
}
