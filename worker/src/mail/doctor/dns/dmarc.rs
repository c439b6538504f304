//! DMARC: what receivers do with emails that neither SPF nor DKIM proves to be the sender's (RFC 9989).

use super::{
    super::finding::Finding,
    answers::Answers,
    organisation::{organisation, records},
    setup::Setup,
    tags::Tags,
};

const TOPIC: &str = "DMARC";

/// Whether receivers can use a check.
#[derive(Debug, Clone, Copy)]
pub(super) struct Works {
    pub(super) spf: bool,
    pub(super) dkim: bool,
}

/// Examines the policy, and whether the checks count for it.
pub(super) fn examine(setup: &Setup, works: Works, answers: &Answers) -> Vec<Finding> {
    let from = setup.from.as_str();
    let own = match records(answers, from) {
        Ok(own) => own,
        Err(no) => {
            let text =
                format!("_dmarc.{from}: the record {no}. Receivers defer your emails meanwhile.");
            return vec![Finding::error(TOPIC, text)];
        }
    };
    let organisation = organisation(answers, from);
    let (domain, record) = match (own.as_slice(), organisation) {
        ([record], _) => (from, record.clone()),
        ([], Some(above)) => match records(answers, above).as_deref() {
            Ok([record]) => (above, record.clone()),
            _ => return Vec::new(),
        },
        ([], None) => {
            let text = format!(
                "_dmarc.{from}: there is no DMARC record. Large providers demand one from senders of many \
                 emails, and anyone can write in your name."
            );
            return vec![
                Finding::error(TOPIC, text).publish(&format!("_dmarc.{from}"), &harmless(from)),
            ];
        }
        _ => {
            let text = format!(
                "_dmarc.{from}: there are {} DMARC records, and receivers ignore them all. Keep one.",
                own.len()
            );
            return vec![Finding::error(TOPIC, text).publish(&format!("_dmarc.{from}"), &own[0])];
        }
    };
    let name = format!("_dmarc.{domain}");
    let Some(tags) = Tags::parse(&record) else {
        let text = format!("{name}: the record has a mistake, and receivers ignore it: {record}.");
        return vec![Finding::error(TOPIC, text).publish(&name, &harmless(from))];
    };
    vec![
        policy(&name, domain != from, &record, &tags, from),
        alignment(setup, works, &tags, answers),
    ]
}

fn policy(name: &str, is_inherited: bool, record: &str, tags: &Tags<'_>, from: &str) -> Finding {
    let inherited = tags.get("sp").filter(|_| is_inherited);
    let policy = inherited.or(tags.get("p")).unwrap_or_default();
    match policy {
        "reject" | "quarantine" => {
            let text = format!("{name}: receivers {policy} emails of others in your name");
            Finding::ok(TOPIC, text)
        }
        "none" => {
            let tag = if inherited.is_some() { "sp" } else { "p" };
            let strict = record.replacen(&format!("{tag}=none"), &format!("{tag}=quarantine"), 1);
            let text = format!(
                "{name}: {tag}=none asks receivers to let emails of others in your name through. When the reports \
                 show that your own emails pass, tighten it."
            );
            Finding::warning(TOPIC, text).publish(name, &strict)
        }
        _ => {
            let text = format!(
                "{name}: the record has no valid policy (p=none, quarantine or reject): {record}."
            );
            Finding::error(TOPIC, text).publish(name, &harmless(from))
        }
    }
}

/// Whether the domain that SPF or DKIM proves is that of the sender.
fn alignment(setup: &Setup, works: Works, tags: &Tags<'_>, answers: &Answers) -> Finding {
    let (from, return_path) = (setup.from.as_str(), setup.return_path());
    let is_strict = tags.get("aspf") == Some("s");
    let is_aligned = return_path == from
        || !is_strict && organisation(answers, return_path) == organisation(answers, from);
    let (mismatch, cure) = if is_aligned {
        ("its record has an error".to_owned(), "correct the SPF record".to_owned())
    } else if is_strict {
        let mismatch = format!(
            "the record demands (aspf=s) that return paths are in {from} itself, and they are in {return_path}"
        );
        (mismatch, "change aspf=s to aspf=r".to_owned())
    } else {
        let mismatch =
            format!("return paths are in {return_path}, which does not belong to {from}");
        (mismatch, format!("set BOUNCE_DOMAIN to a domain below {from}"))
    };
    match (works.dkim, works.spf && is_aligned) {
        (true, true) => Finding::ok(TOPIC, format!("{from}: SPF and DKIM both count")),
        (true, false) => {
            Finding::ok(TOPIC, format!("{from}: DKIM counts. SPF does not: {mismatch}"))
        }
        (false, true) => Finding::warning(
            TOPIC,
            format!(
                "{from}: only SPF counts, which fails when a recipient forwards the email. Sign emails: set \
                 DKIM_KEY, and publish its record, unless the relay signs for {from}."
            ),
        ),
        (false, false) => Finding::error(
            TOPIC,
            format!(
                "{from}: neither SPF nor DKIM counts, so your emails are treated like forgeries: {mismatch}, and \
                 no signature can be verified. Set DKIM_KEY and publish its record, or {cure}."
            ),
        ),
    }
}

/// A record that only asks for reports.
fn harmless(domain: &str) -> String {
    format!("v=DMARC1; p=none; rua=mailto:postmaster@{domain}")
}
