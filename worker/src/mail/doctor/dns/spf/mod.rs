//! SPF: who may send with a return path in a domain (RFC 7208).

mod record;
mod relay;
mod walk;

use super::{
    super::finding::{Finding, Severity},
    answers::{Answers, NoAnswer},
    setup::{Location, Setup},
};
use record::{Qualifier, SpfRecord};
use relay::{allowing, ask, coverage};
use walk::{Flaw, MAX_LOOKUPS, MAX_VOID, Walk, record_of};

const TOPIC: &str = "SPF";

/// Examines the domain of return paths and, if it is another one, that of the sender.
pub(super) fn examine(setup: &Setup, answers: &Answers) -> Vec<Finding> {
    let location = setup.location(answers);
    let mut findings =
        examine_domain(setup.return_path(), Severity::Error, &location, setup, answers);
    if setup.return_path() != setup.from {
        // Receivers check it for bounces only, but some filters want it.
        findings.extend(examine_domain(&setup.from, Severity::Warning, &location, setup, answers));
    }
    findings
}

/// `worst` is how much a domain without a usable record matters.
fn examine_domain(
    domain: &str,
    worst: Severity,
    location: &Location,
    setup: &Setup,
    answers: &Answers,
) -> Vec<Finding> {
    let broken = |text: String| Finding::new(worst, TOPIC, format!("{domain}: {text}"));
    let (text, record) = match record_of(answers, domain) {
        Ok(found) => found,
        Err(flaw) => return vec![missing(domain, flaw, location, &broken)],
    };
    let walk = Walk::new(answers, domain, None);
    let mut findings: Vec<Finding> = walk
        .faults
        .iter()
        .map(|fault| broken(format!("receivers ignore the record, because {fault}. Correct or remove that term of: {text}")))
        .collect();
    if walk.lookups > MAX_LOOKUPS {
        let costs: Vec<String> =
            walk.costs.iter().map(|(term, count)| format!("{term} ({count})")).collect();
        findings.push(broken(format!(
            "the record needs {} DNS look-ups, and receivers ignore it above {MAX_LOOKUPS}: {}. Remove \
             providers that no longer send for you, or replace an include by its networks (ip4:, ip6:).",
            walk.lookups,
            costs.join(", ")
        )));
    }
    if walk.void > MAX_VOID {
        findings.push(broken(format!(
            "{} hosts of the record do not exist, and receivers ignore it above {MAX_VOID}. Remove them \
             from: {text}",
            walk.void
        )));
    }
    let is_broken = !findings.is_empty();
    findings.extend(doubts(domain, &text, &record, walk.uses_ptr));
    findings.extend(end(domain, &text, &record, &walk));
    if !is_broken {
        findings.extend(coverage(domain, &text, location, setup, answers));
    }
    findings
}

fn missing(
    domain: &str,
    flaw: Flaw,
    location: &Location,
    broken: &impl Fn(String) -> Finding,
) -> Finding {
    let suggested = format!("v=spf1 {} ~all", allowing(location));
    match flaw {
        Flaw::Missing(NoAnswer::NoName) => {
            let text =
                "the domain does not exist. Is the setting right, and the domain registered?";
            broken(text.to_owned())
        }
        Flaw::Missing(no) if no.is_void() => {
            let text = "there is no SPF record, so receivers cannot tell your relay from a forger.";
            broken(format!("{text}{}", ask(location))).publish(domain, &suggested)
        }
        Flaw::Missing(no) => {
            broken(format!("the record {no}. Receivers defer your emails meanwhile."))
        }
        Flaw::Several(texts) => {
            let mut terms: Vec<&str> = Vec::new();
            for term in texts.iter().flat_map(|text| text.split(' ').skip(1)) {
                let is_all =
                    term.trim_start_matches(['+', '-', '~', '?']).eq_ignore_ascii_case("all");
                if !(term.is_empty() || is_all || terms.contains(&term)) {
                    terms.push(term);
                }
            }
            let text = format!(
                "there are {} SPF records, and receivers ignore them all. Keep one.",
                texts.len()
            );
            broken(text).publish(domain, &format!("v=spf1 {} ~all", terms.join(" ")))
        }
        Flaw::Malformed(mistake) => {
            broken(format!("receivers ignore the record, because of a mistake: {mistake}."))
        }
    }
}

/// What weakens a record that works.
fn doubts(domain: &str, text: &str, record: &SpfRecord, uses_ptr: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    if uses_ptr {
        let advice =
            "`ptr` is slow, and some receivers ignore it (RFC 7208, 5.5). Name networks instead";
        findings.push(Finding::warning(TOPIC, format!("{domain}: {advice}: {text}")));
    }
    if let Some(all) = record.all() {
        let is_last = all + 1 == record.terms.len() && record.redirect.is_none();
        if !is_last {
            let advice = "what follows `all` is ignored. Move `all` to the end of";
            findings.push(Finding::warning(TOPIC, format!("{domain}: {advice}: {text}")));
        }
    }
    findings
}

/// What the record says about all others.
fn end(domain: &str, text: &str, record: &SpfRecord, walk: &Walk<'_>) -> Option<Finding> {
    let all = record.all().map(|all| &record.terms[all]);
    let with = |qualifier: &str| {
        let words = text.split(' ').filter(|word| {
            !word.trim_start_matches(['+', '-', '~', '?']).eq_ignore_ascii_case("all")
        });
        format!("{} {qualifier}all", words.collect::<Vec<_>>().join(" "))
    };
    let finding = match all.map_or(walk.verdict, |term| Some(term.qualifier)) {
        Some(Qualifier::Fail | Qualifier::SoftFail) => return None,
        Some(Qualifier::Pass) => {
            let text = "the record allows the whole internet to send in your name.";
            Finding::error(TOPIC, format!("{domain}: {text}")).publish(domain, &with("~"))
        }
        // A broken include: its fault is a finding.
        None if !walk.faults.is_empty() => return None,
        Some(Qualifier::Neutral) | None => {
            let text = "the record says nothing about senders that it does not name: end it with ~all or -all.";
            Finding::warning(TOPIC, format!("{domain}: {text}")).publish(domain, &with("~"))
        }
    };
    Some(finding)
}
