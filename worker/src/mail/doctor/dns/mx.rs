//! MX: whether replies and bounces find a mail server (RFC 5321, section 5.1).

use super::{
    super::finding::{Finding, Severity},
    answers::{Answers, NoAnswer},
    setup::Setup,
};

const TOPIC: &str = "MX";

/// Examines the sender's domain, and that of return paths.
pub(super) fn examine(setup: &Setup, answers: &Answers) -> Vec<Finding> {
    let mut findings = vec![examine_domain(&setup.from, "MAIL_FROM", answers)];
    if let Some(bounces) = setup.bounces.as_deref().filter(|bounces| *bounces != setup.from) {
        findings.push(examine_domain(bounces, "BOUNCE_DOMAIN", answers));
    }
    findings
}

fn examine_domain(domain: &str, setting: &str, answers: &Answers) -> Finding {
    let is_for_bounces = setting == "BOUNCE_DOMAIN";
    let publish = |host: &str| format!("Publish: {domain}. MX 10 {host}.");
    let consequence = if is_for_bounces {
        "bounces never arrive"
    } else {
        "some receivers reject a sender to whom they cannot reply"
    };
    let error = |text: String| Finding::error(TOPIC, format!("{domain}: {text}"));
    match answers.exchanges(domain) {
        Ok(hosts) if hosts.iter().all(String::is_empty) => error(format!(
            "the domain says that it takes no email (a null MX), so {consequence}. {} Or use another {setting}.",
            publish("THE-HOST-OF-YOUR-MAIL-SERVER")
        )),
        Ok(hosts) => judge_hosts(domain, &hosts, consequence, answers),
        Err(NoAnswer::NoRecord) => match answers.addresses(domain) {
            Ok(_) => {
                let text = format!(
                    "{domain}: there is no MX record, so mail goes to the address of {domain} itself. If a mail \
                     server listens there, say so. {}",
                    publish(domain)
                );
                Finding::warning(TOPIC, text)
            }
            Err(_) => error(format!(
                "there is no mail server, so {consequence}. {}",
                publish("THE-HOST-OF-YOUR-MAIL-SERVER")
            )),
        },
        Err(NoAnswer::NoName) => error(format!("the domain does not exist. Is {setting} right?")),
        Err(no) => error(format!("the mail server {no}.")),
    }
}

/// Whether the mail servers have addresses.
fn judge_hosts(domain: &str, hosts: &[String], consequence: &str, answers: &Answers) -> Finding {
    let without: Vec<&str> =
        hosts.iter().filter(|host| answers.addresses(host).is_err()).map(String::as_str).collect();
    if without.is_empty() {
        return Finding::ok(TOPIC, format!("{domain}: mail goes to {}", hosts.join(", ")));
    }
    let is_lost = without.len() == hosts.len();
    let severity = if is_lost { Severity::Error } else { Severity::Warning };
    let consequence = if is_lost { format!(", so {consequence}") } else { String::new() };
    let an_address = if without.iter().any(|host| host.parse::<std::net::IpAddr>().is_ok()) {
        " An MX record names a host, not an address."
    } else {
        " Give them an A or AAAA record, or remove them."
    };
    let text = format!(
        "{domain}: mail servers without an address: {}{consequence}.{an_address}",
        without.join(", ")
    );
    Finding::new(severity, TOPIC, text)
}

/// The addresses to which bounces go, the preferred host first.
pub(super) fn bounces_to(setup: &Setup, answers: &Answers) -> Vec<std::net::IpAddr> {
    let Some(domain) = &setup.bounces else { return Vec::new() };
    let hosts = match answers.exchanges(domain) {
        Err(NoAnswer::NoRecord) => vec![domain.clone()],
        hosts => hosts.unwrap_or_default(),
    };
    hosts.iter().filter_map(|host| answers.addresses(host).ok()).flatten().collect()
}
