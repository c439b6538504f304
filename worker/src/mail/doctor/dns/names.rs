//! Names of machines: the one in `EHLO`, and the one of the relay's address (RFC 8499, "reverse DNS").

use std::net::IpAddr;

use super::{
    super::finding::Finding,
    answers::{Answers, NoAnswer},
    setup::{Location, Setup},
};

/// Names of an address that are looked up.
const MAX_NAMES: usize = 10;

/// Examines our name in `EHLO`, and the names of a relay of our own.
pub(super) fn examine(setup: &Setup, answers: &Answers) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(setup.ehlo.as_deref().and_then(|name| ehlo(name, answers)));
    if let Location::Own(addresses) = setup.location(answers) {
        findings.extend(addresses.into_iter().map(|address| reverse(address, setup, answers)));
    }
    findings
}

fn ehlo(name: &str, answers: &Answers) -> Option<Finding> {
    if name == "localhost" {
        return None;
    }
    let finding = match answers.addresses(name) {
        Ok(_) => Finding::ok("EHLO", format!("{name}: the name has an address")),
        Err(no) if no.is_void() => {
            let text = format!(
                "{name}: the name by which Keyward introduces itself {no}, and strict relays refuse it. Give it an A \
                 or AAAA record, or set SMTP_EHLO_NAME to a name that has one."
            );
            Finding::warning("EHLO", text)
        }
        Err(no) => Finding::warning("EHLO", format!("{name}: {no}.")),
    };
    Some(finding)
}

/// Large providers reject email from an address without a name that leads back to it.
fn reverse(address: IpAddr, setup: &Setup, answers: &Answers) -> Finding {
    let relay = &setup.relay;
    let ask =
        format!("Ask the provider of the machine to set the name of {address} (PTR) to {relay}.");
    let names = match answers.names(address) {
        Ok(names) => names,
        Err(NoAnswer::Failed(reason)) => {
            return Finding::warning("PTR", format!("{address}: cannot be looked up: {reason}."));
        }
        Err(_) => {
            let text = format!(
                "{address}, the address of {relay}, has no name, and large providers reject its email. {ask}"
            );
            return Finding::warning("PTR", text);
        }
    };
    let leads_back =
        |name: &&String| answers.addresses(name).is_ok_and(|all| all.contains(&address));
    // Not `find`: every name is looked up in one round.
    match names.iter().take(MAX_NAMES).filter(leads_back).collect::<Vec<_>>().first() {
        Some(name) => Finding::ok("PTR", format!("{address} is {name}")),
        None => {
            let text = format!(
                "{address}, the address of {relay}, is called {}, which does not lead back to it, and large \
                 providers reject its email. {ask}",
                names.join(", ")
            );
            Finding::warning("PTR", text)
        }
    }
}
