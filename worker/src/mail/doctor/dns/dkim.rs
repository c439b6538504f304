//! DKIM: the key under which receivers verify our signatures (RFC 6376, section 3.6.1).

use super::{
    super::finding::Finding,
    answers::{Answers, NoAnswer},
    setup::{DkimSetup, Setup},
    tags::Tags,
};

const TOPIC: &str = "DKIM";

/// The finding, and whether receivers can verify the signatures.
pub(super) fn examine(setup: &Setup, answers: &Answers) -> (Finding, bool) {
    let Some(dkim) = &setup.dkim else {
        let text = "Keyward does not sign emails: DKIM_KEY is not set. The relay may do it.";
        return (Finding::note(TOPIC, text), false);
    };
    let name = format!("{}._domainkey.{}", dkim.selector, setup.from);
    match answers.texts(&name) {
        Err(NoAnswer::Failed(reason)) => {
            let text = format!(
                "{name}: cannot be looked up: {reason}. Receivers defer your emails meanwhile."
            );
            (Finding::error(TOPIC, text), false)
        }
        Err(_) => (error(&name, dkim, "there is no record, so every signature is invalid."), false),
        Ok(texts) => match texts.as_slice() {
            [text] => judge(&name, dkim, text),
            _ => (error(&name, dkim, "there are several records. Keep one."), false),
        },
    }
}

fn judge(name: &str, dkim: &DkimSetup, text: &str) -> (Finding, bool) {
    let ours = Tags::parse(&dkim.record).unwrap_or_default();
    let Some(tags) = Tags::parse(text) else {
        return (
            error(name, dkim, "the record has a mistake, so every signature is invalid."),
            false,
        );
    };
    let compact = |value: &str| value.split_whitespace().collect::<String>();
    let lists = |name: &str, ours: &[&str]| {
        tags.get(name).is_none_or(|list| list.split(':').any(|one| ours.contains(&one.trim())))
    };
    let key = tags.get("p").map(compact);
    let is_version = tags.get("v").is_none_or(|version| version == "DKIM1");
    let problem = if !is_version {
        "the record is of another version than DKIM1."
    } else if key.is_none() {
        "the record has no key (`p=`)."
    } else if key.as_deref() == Some("") {
        "the key is revoked (`p=` is empty). Publish the key of DKIM_KEY, or set another DKIM_SELECTOR."
    } else if tags.get("k").unwrap_or("rsa") != ours.get("k").unwrap_or("rsa") {
        "the record is for a key of another kind (`k=`) than DKIM_KEY."
    } else if key.as_deref() != ours.get("p") {
        "the record publishes another key than that of DKIM_KEY. If the other one is still in use, set another \
         DKIM_SELECTOR."
    } else if !lists("h", &["sha256"]) {
        "the record does not allow sha256 (`h=`)."
    } else if !lists("s", &["*", "email"]) {
        "the record is not for email (`s=`)."
    } else if tags.get("t").is_some_and(|flags| flags.split(':').any(|flag| flag.trim() == "y")) {
        let text =
            format!("{name}: the domain is testing (`t=y`), so receivers may ignore signatures.");
        return (Finding::warning(TOPIC, text).publish(name, &dkim.record), true);
    } else {
        return (Finding::ok(TOPIC, format!("{name}: the key is that of DKIM_KEY")), true);
    };
    (error(name, dkim, problem), false)
}

fn error(name: &str, dkim: &DkimSetup, text: &str) -> Finding {
    Finding::error(TOPIC, format!("{name}: {text}")).publish(name, &dkim.record)
}
