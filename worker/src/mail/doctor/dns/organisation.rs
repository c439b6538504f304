//! DMARC records of a domain and above it, and the organisation that a domain belongs to (RFC 9989,
//! section 4.10: the DNS tree walk).

use super::{
    answers::{Answers, NoAnswer},
    tags::Tags,
};

/// Labels of a name of which the tree walk looks at every parent.
const MAX_LABELS: usize = 8;

/// The DMARC records at `_dmarc` below a domain.
pub(super) fn records(answers: &Answers, domain: &str) -> Result<Vec<String>, NoAnswer> {
    let texts = match answers.texts(&format!("_dmarc.{domain}")) {
        Err(no) if no.is_void() => Vec::new(),
        texts => texts?,
    };
    let is_dmarc = |text: &String| {
        text.split(';').next().is_some_and(|first| {
            first
                .split_once('=')
                .is_some_and(|(tag, version)| tag.trim() == "v" && version.trim() == "DMARC1")
        })
    };
    Ok(texts.into_iter().filter(is_dmarc).collect())
}

/// The domains at which receivers look for records: the domain itself first, the top level last.
fn levels(domain: &str) -> Vec<&str> {
    let mut levels = vec![domain];
    let mut rest = domain;
    while let Some((_, parent)) = rest.split_once('.') {
        if parent.split('.').count() < MAX_LABELS {
            levels.push(parent);
        }
        rest = parent;
    }
    levels
}

/// The organisational domain; none if neither the domain nor one above it has a record.
pub(super) fn organisation<'a>(answers: &Answers, domain: &'a str) -> Option<&'a str> {
    let (mut highest, mut below) = (None, domain);
    for level in levels(domain) {
        // Several records count as none.
        if let Ok([record]) = records(answers, level).as_deref() {
            match Tags::parse(record).as_ref().and_then(|tags| tags.get("psd")) {
                Some("n") => return Some(level),
                Some("y") if level != domain => return Some(below),
                _ => highest = Some(level),
            }
        }
        below = level;
    }
    highest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn organisation_is_the_highest_domain_with_a_record() {
        let zone = "_dmarc.example.org TXT v=DMARC1; p=none\n\
                    _dmarc.a.b.example.org TXT v=DMARC1; p=none\n\
                    _dmarc.unit.example.org TXT v=DMARC1; p=none; psd=n\n\
                    _dmarc.bank TXT v=DMARC1; p=reject; psd=y\n\
                    _dmarc.two.example TXT v=DMARC1; p=none\n\
                    _dmarc.two.example TXT v=DMARC1; p=reject\n\
                    _dmarc.other.example TXT v=DMARC10; p=none";
        for (domain, expected) in [
            ("example.org", Some("example.org")),
            ("a.b.example.org", Some("example.org")),
            ("mail.unit.example.org", Some("unit.example.org")),
            ("mail.my.bank", Some("my.bank")),
            ("two.example", None),
            ("other.example", None),
            ("1.2.3.4.5.6.7.8.9.example.org", Some("example.org")),
        ] {
            let answers = Answers::of_zone(zone, |answers| _ = organisation(answers, domain));
            assert_eq!(organisation(&answers, domain), expected, "{domain}");
        }
        assert_eq!(levels("1.2.3.4.5.6.7.8.9.example.org").len(), 8);
    }
}
