//! Whether a record allows the relay, and the terms that do.

use std::net::IpAddr;

use super::{
    super::{
        super::finding::Finding,
        answers::Answers,
        setup::{Location, Setup},
    },
    record::Qualifier,
    walk::Walk,
};

const TOPIC: &str = "SPF";

/// Whether the relay may send.
pub(super) fn coverage(
    domain: &str,
    text: &str,
    location: &Location,
    setup: &Setup,
    answers: &Answers,
) -> Option<Finding> {
    let relay = &setup.relay;
    let (addresses, include) = match location {
        Location::Local => {
            let ask = "The relay is on this machine or its network: check that the record allows the public \
                       address from which it sends";
            return Some(Finding::note(TOPIC, format!("{domain}: {text}. {ask}.")));
        }
        Location::Unknown => return Some(Finding::note(TOPIC, format!("{domain}: {text}."))),
        Location::Own(addresses) => (addresses, None),
        Location::Provider(addresses, include) => (addresses, *include),
    };
    let allows = |address: &&IpAddr| {
        Walk::new(answers, domain, Some(**address)).verdict == Some(Qualifier::Pass)
    };
    let refused: Vec<IpAddr> =
        addresses.iter().filter(|address| !allows(address)).copied().collect();
    let includes = include.is_some_and(|include| {
        Walk::new(answers, domain, None).included.iter().any(|one| one == include)
    });
    if includes || refused.is_empty() {
        return Some(Finding::ok(TOPIC, format!("{domain}: the record allows {relay}: {text}")));
    }
    let more = match location {
        Location::Own(_) => allowing(&Location::Own(refused)),
        _ => allowing(location),
    };
    let (version, rest) = text.split_at("v=spf1".len());
    let extended = format!("{version} {more}{rest}");
    let finding = match (location, include) {
        (Location::Own(_), _) => {
            let what = format!(
                "{domain}: the record does not allow {relay}, and receivers see its address."
            );
            Finding::warning(TOPIC, what).publish(domain, &extended)
        }
        (_, Some(_)) => {
            let what = format!("{domain}: the record does not allow the provider of {relay}.");
            Finding::warning(TOPIC, what).publish(domain, &extended)
        }
        _ => {
            let what =
                format!("{domain}: the record does not name the addresses of {relay}: {text}.");
            Finding::warning(TOPIC, format!("{what}{}", ask(location)))
        }
    };
    Some(finding)
}

/// The terms that allow the relay.
pub(super) fn allowing(location: &Location) -> String {
    let literal = |address: &IpAddr| match address {
        IpAddr::V4(v4) => format!("ip4:{v4}"),
        IpAddr::V6(v6) => format!("ip6:{v6}"),
    };
    match location {
        Location::Own(addresses) => addresses.iter().map(literal).collect::<Vec<_>>().join(" "),
        Location::Provider(_, Some(include)) => format!("include:{include}"),
        Location::Provider(_, None) | Location::Unknown => {
            "include:THE-NAME-FROM-YOUR-PROVIDER".to_owned()
        }
        Location::Local => "ip4:THE-PUBLIC-ADDRESS-OF-YOUR-RELAY".to_owned(),
    }
}

/// What the operator has to find out.
pub(super) fn ask(location: &Location) -> &'static str {
    match location {
        Location::Provider(_, None) | Location::Unknown => {
            " Ask your provider which `include:` to add: it sends from other addresses than the one that \
             takes your emails."
        }
        _ => "",
    }
}
