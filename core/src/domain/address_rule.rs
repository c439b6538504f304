//! The addresses that webhooks may be sent to.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::LazyLock,
};

use ipnetwork::IpNetwork;

/// The addresses that Keyward connects to for webhooks: public ones, and networks that an operator
/// has allowed (OWASP Server-Side Request Forgery Prevention). An administrator who names an endpoint
/// must not reach what only Keyward's own machines reach.
///
/// Check the address of every connection when it is made: a host name can resolve to another one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressRule(Vec<IpNetwork>);

impl AddressRule {
    /// Creates a rule that also allows these networks.
    #[must_use]
    pub fn new(networks: Vec<IpNetwork>) -> Self {
        Self(networks)
    }

    /// Whether a connection is allowed. Without TLS only allowed networks are.
    #[must_use]
    pub fn allows(&self, address: IpAddr, with_tls: bool) -> bool {
        let address = unwrapped(address);
        self.0.iter().any(|network| network.contains(address)) || (with_tls && is_public(address))
    }

    /// Whether an operator has allowed any network.
    #[must_use]
    pub fn names_any(&self) -> bool {
        !self.0.is_empty()
    }
}

/// Returns the address that is reached: an IPv6 address may wrap an IPv4 one, mapped (RFC 4291, section
/// 2.5.5.2) or for a translator (NAT64: RFC 6052, section 2.1).
fn unwrapped(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) if v6.segments()[..6] == [0x64, 0xff9b, 0, 0, 0, 0] => {
            let [.., a, b, c, d] = v6.octets();
            Ipv4Addr::new(a, b, c, d).into()
        }
        address => address,
    }
}

/// Networks that are not single machines of the public internet: the IANA registries of special-purpose
/// addresses (RFC 6890), multicast and reserved networks. For IPv6 those in 2000::/3: protocol
/// assignments with Teredo, documentation, and 6to4, which wraps any IPv4 address.
const NOT_PUBLIC: [&str; 21] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "3ffe::/16",
];

#[expect(clippy::expect_used, reason = "the networks are constants, and the tests read them")]
static NOT_PUBLIC_NETWORKS: LazyLock<Vec<IpNetwork>> = LazyLock::new(|| {
    NOT_PUBLIC.iter().map(|network| network.parse().expect("a network")).collect()
});

fn is_public(address: IpAddr) -> bool {
    // Outside of 2000::/3 no IPv6 address is global unicast (RFC 4291).
    let is_unicast = match address {
        IpAddr::V4(_) => true,
        IpAddr::V6(v6) => v6.segments()[0] >> 13 == 0b001,
    };
    is_unicast && !NOT_PUBLIC_NETWORKS.iter().any(|network| network.contains(address))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use super::*;
    use proptest::prelude::*;

    fn allows(address: &str) -> bool {
        AddressRule::default().allows(address.parse().unwrap(), true)
    }

    #[test]
    fn special_addresses_are_refused_in_every_wrapping() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
        ] {
            assert!(!allows(address), "{address}");
            for prefix in ["::ffff:", "64:ff9b::", "::"] {
                assert!(!allows(&format!("{prefix}{address}")), "{prefix}{address}");
            }
        }
        for address in [
            "::",
            "::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "fc00::1",
            "fd12:3456::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "64:ff9b:1::1",
            "100::1",
            "::7f00:1",
            "::ffff:0:7f00:1",
        ] {
            assert!(!allows(address), "{address}");
        }
    }

    #[test]
    fn public_addresses_are_allowed_with_tls_only() {
        for address in [
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "11.0.0.1",
            "223.255.255.255",
            "2606:4700::1",
            "2a00::1",
            "2001:4860::8",
            "64:ff9b::1.1.1.1",
            "::ffff:1.1.1.1",
        ] {
            assert!(allows(address), "{address}");
            let plain = AddressRule::default().allows(address.parse().unwrap(), false);
            assert!(!plain, "{address} without TLS");
        }
    }

    #[test]
    fn allowed_networks_need_no_tls() {
        let rule =
            AddressRule::new(vec!["10.1.0.0/16".parse().unwrap(), "::1/128".parse().unwrap()]);
        for (address, expected) in [
            ("10.1.2.3", true),
            ("::ffff:10.1.2.3", true),
            ("64:ff9b::a01:203", true),
            ("::1", true),
            ("10.2.0.1", false),
            ("::2", false),
            ("127.0.0.1", false),
        ] {
            let address = address.parse().unwrap();
            assert_eq!(rule.allows(address, false), expected, "{address}");
            assert_eq!(rule.allows(address, true), expected, "{address}");
        }
    }

    proptest! {
        #[test]
        fn no_address_that_std_calls_local_is_allowed(bits: u32) {
            let v4 = Ipv4Addr::from(bits);
            let is_local = v4.is_private() || v4.is_loopback() || v4.is_link_local()
                || v4.is_multicast() || v4.is_broadcast() || v4.is_documentation()
                || v4.octets()[0] == 0;
            prop_assert!(!is_local || !is_public(v4.into()), "{v4}");
            for wrapped in [v4.to_ipv6_mapped(), Ipv6Addr::from(0x64_ff9b << 96 | u128::from(bits))] {
                let rule = AddressRule::default();
                prop_assert_eq!(rule.allows(wrapped.into(), true), rule.allows(v4.into(), true));
            }
            prop_assert!(!is_public(v4.to_ipv6_compatible().into()), "{}", v4);
            let six_to_four = Ipv6Addr::from(0x2002 << 112 | u128::from(bits) << 80);
            prop_assert!(!is_public(six_to_four.into()), "{}", six_to_four);
        }

        #[test]
        fn no_address_in_a_private_network_is_public(low: u128, nth in 0..NOT_PUBLIC.len()) {
            let inside: IpAddr = match NOT_PUBLIC_NETWORKS[nth] {
                IpNetwork::V4(network) => {
                    let host = low as u32 & !u32::from(network.mask());
                    Ipv4Addr::from(u32::from(network.ip()) | host).into()
                }
                IpNetwork::V6(network) => {
                    let host = low & !u128::from(network.mask());
                    Ipv6Addr::from(u128::from(network.ip()) | host).into()
                }
            };
            prop_assert!(!AddressRule::default().allows(inside, true), "{inside}");
        }

        #[test]
        fn no_ipv6_address_outside_global_unicast_is_public(high in 0_u16..0xff, low: u128) {
            let address = Ipv6Addr::from(low >> 16 | u128::from(high) << 112);
            prop_assume!(address.to_ipv4_mapped().is_none());
            let is_local = address.is_loopback() || address.is_unique_local()
                || address.is_unicast_link_local() || address.is_multicast()
                || address.is_unspecified();
            prop_assert!(!is_local || !is_public(address.into()), "{address}");
            prop_assert!(!is_public(address.into()), "{address}");
        }
    }
}
