//! Follows an SPF record through its includes, as a receiver does (RFC 7208, sections 4.6.4 and 5).

use std::net::IpAddr;

use ipnetwork::IpNetwork;

use super::{
    super::answers::{Answers, NoAnswer},
    record::{Hosts, Mechanism, Qualifier, SpfRecord, Term, has_macro, is_spf},
};

/// Look-ups that a receiver makes for one email.
pub(super) const MAX_LOOKUPS: usize = 10;
/// Look-ups without an answer that a receiver makes for one email.
pub(super) const MAX_VOID: usize = 2;
/// Mail servers of an `mx` that a receiver looks at.
const MAX_EXCHANGES: usize = 10;
/// Where following a record ends, however bad it is.
const END: usize = 30;

/// Why a receiver cannot use the records of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Flaw {
    Missing(NoAnswer),
    /// Several records, of which the receiver cannot choose one.
    Several(Vec<String>),
    Malformed(String),
}

/// The only SPF record of a domain, and its text.
pub(super) fn record_of(answers: &Answers, domain: &str) -> Result<(String, SpfRecord), Flaw> {
    let texts = answers.texts(domain).map_err(Flaw::Missing)?;
    let found: Vec<String> = texts.into_iter().filter(|text| is_spf(text)).collect();
    match found.as_slice() {
        [] => Err(Flaw::Missing(NoAnswer::NoRecord)),
        [text] => {
            let record = SpfRecord::parse(text).map_err(Flaw::Malformed)?;
            Ok((text.clone(), record))
        }
        _ => Err(Flaw::Several(found)),
    }
}

/// A walk through the records of a domain. Every term is followed, as for a sender that matches none.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    answers: &'a Answers,
    /// The address to be judged.
    sender: Option<IpAddr>,
    /// The domains on the way to the present record.
    path: Vec<String>,
    /// Terms of the first record that need look-ups, and their number.
    pub(super) costs: Vec<(String, usize)>,
    pub(super) lookups: usize,
    pub(super) void: usize,
    /// Domains whose records count.
    pub(super) included: Vec<String>,
    pub(super) uses_ptr: bool,
    /// What breaks the record for every email.
    pub(super) faults: Vec<String>,
    pub(super) verdict: Option<Qualifier>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(answers: &'a Answers, domain: &str, sender: Option<IpAddr>) -> Self {
        let mut walk = Self {
            answers,
            sender,
            path: Vec::new(),
            costs: Vec::new(),
            lookups: 0,
            void: 0,
            included: Vec::new(),
            uses_ptr: false,
            faults: Vec::new(),
            verdict: None,
        };
        walk.verdict = walk.visit(domain);
        walk
    }

    fn visit(&mut self, domain: &str) -> Option<Qualifier> {
        if self.path.iter().any(|one| one == domain) {
            let fault =
                format!("{} leads back to {domain}, without an end", self.path.join(" -> "));
            self.faults.push(fault);
            return None;
        }
        if self.lookups > END {
            return None;
        }
        let record = match record_of(self.answers, domain) {
            Ok((_, record)) => record,
            Err(flaw) => {
                self.faults.push(explain(domain, flaw));
                return None;
            }
        };
        self.path.push(domain.to_owned());
        let mut verdict = None;
        let end = record.all().map_or(record.terms.len(), |all| all + 1);
        for term in &record.terms[..end] {
            if self.lookups > END {
                break;
            }
            let before = self.lookups;
            let is_match = self.matches(term, domain);
            verdict = verdict.or(is_match.then_some(term.qualifier));
            self.note_cost(&term.text, before);
        }
        if let Some(target) = record.redirect.as_ref().filter(|_| record.all().is_none()) {
            let before = self.lookups;
            let redirected = self.follow(target);
            verdict = verdict.or(redirected);
            self.note_cost(&format!("redirect={target}"), before);
        }
        self.path.pop();
        verdict
    }

    fn note_cost(&mut self, term: &str, before: usize) {
        if self.path.len() == 1 && self.lookups > before {
            self.costs.push((term.to_owned(), self.lookups - before));
        }
    }

    fn matches(&mut self, term: &Term, domain: &str) -> bool {
        match &term.mechanism {
            Mechanism::All => true,
            Mechanism::Network(network) => self.is_in(*network),
            Mechanism::Include(target) => self.follow(target) == Some(Qualifier::Pass),
            Mechanism::A(hosts) => {
                self.lookups += 1;
                self.has_address(hosts.domain.as_deref().unwrap_or(domain), hosts, true)
            }
            Mechanism::Mx(hosts) => {
                self.lookups += 1;
                self.has_exchange(hosts.domain.as_deref().unwrap_or(domain), hosts)
            }
            Mechanism::Exists => {
                self.lookups += 1;
                false
            }
            Mechanism::Ptr => {
                self.lookups += 1;
                self.uses_ptr = true;
                false
            }
        }
    }

    fn follow(&mut self, target: &str) -> Option<Qualifier> {
        self.lookups += 1;
        if has_macro(target) {
            return None;
        }
        self.included.push(target.to_owned());
        self.visit(target)
    }

    fn has_exchange(&mut self, domain: &str, hosts: &Hosts) -> bool {
        if has_macro(domain) {
            return false;
        }
        match self.answers.exchanges(domain) {
            Ok(found) if found.len() > MAX_EXCHANGES => {
                self.faults.push(format!("{domain} has more than {MAX_EXCHANGES} mail servers"));
                false
            }
            // Not `any`: every server must be looked up.
            Ok(found) => {
                found.iter().filter(|host| self.has_address(host, hosts, false)).count() > 0
            }
            Err(no) => {
                self.void += usize::from(no.is_void());
                false
            }
        }
    }

    fn has_address(&mut self, domain: &str, hosts: &Hosts, counts: bool) -> bool {
        if has_macro(domain) {
            return false;
        }
        match self.answers.addresses(domain) {
            Ok(found) => found.into_iter().any(|address| {
                let bits = if address.is_ipv4() { hosts.v4 } else { hosts.v6 };
                IpNetwork::new(address, bits).is_ok_and(|network| self.is_in(network))
            }),
            Err(no) => {
                self.void += usize::from(counts && no.is_void());
                false
            }
        }
    }

    fn is_in(&self, network: IpNetwork) -> bool {
        self.sender.is_some_and(|sender| network.contains(sender))
    }
}

/// Why the record of an included domain breaks the whole.
fn explain(domain: &str, flaw: Flaw) -> String {
    match flaw {
        Flaw::Missing(no) if no.is_void() => format!("{domain} has no SPF record"),
        Flaw::Missing(no) => format!("{domain} {no}"),
        Flaw::Several(_) => format!("{domain} has several SPF records"),
        Flaw::Malformed(mistake) => format!("the record of {domain} has a mistake: {mistake}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZONE: &str = "\
        e.example TXT v=spf1 a mx ip4:198.51.100.0/24 include:p.example -all\n\
        e.example A 192.0.2.1\n\
        e.example MX 10 mx.e.example\n\
        mx.e.example AAAA 2001:db8::5\n\
        p.example TXT v=spf1 ip4:203.0.113.7 ?ip4:203.0.113.8 -all\n\
        r.example TXT v=spf1 redirect=e.example\n\
        m.example TXT v=spf1 mx/16 ~all\n\
        m.example MX 10 e.example\n\
        v.example TXT v=spf1 a:x.example a:y.example mx:z.example exists:%{i}.e.example ~all\n\
        l.example TXT v=spf1 include:k.example -all\n\
        k.example TXT v=spf1 include:l.example -all\n\
        d.example TXT v=spf1 include:none.example include:two.example include:bad.example include:f.example -all\n\
        two.example TXT v=spf1 -all\n\
        two.example TXT v=spf1 ~all\n\
        bad.example TXT v=spf1 ip5:1 -all\n\
        f.example FAILED";

    fn answers() -> Answers {
        Answers::of_zone(ZONE, |answers| {
            for domain in ["e", "r", "m", "v", "l", "d"] {
                Walk::new(answers, &format!("{domain}.example"), None);
            }
        })
    }

    #[test]
    fn address_is_judged_as_a_receiver_does() {
        let answers = answers();
        let verdict = |domain: &str, sender: &str| {
            Walk::new(&answers, domain, Some(sender.parse().unwrap())).verdict
        };
        for (sender, expected) in [
            ("192.0.2.1", Qualifier::Pass),
            ("192.0.2.2", Qualifier::Fail),
            ("2001:db8::5", Qualifier::Pass),
            ("198.51.100.77", Qualifier::Pass),
            ("203.0.113.7", Qualifier::Pass),
            ("203.0.113.8", Qualifier::Fail),
        ] {
            assert_eq!(verdict("e.example", sender), Some(expected), "{sender}");
            assert_eq!(verdict("r.example", sender), Some(expected), "{sender}, redirected");
        }
        assert_eq!(verdict("m.example", "192.0.77.1"), Some(Qualifier::Pass));
        assert_eq!(verdict("m.example", "192.1.2.1"), Some(Qualifier::SoftFail));
    }

    #[test]
    fn lookups_and_void_lookups_are_counted() {
        let answers = answers();
        let count = |domain: &str| {
            let walk = Walk::new(&answers, domain, None);
            (walk.lookups, walk.void)
        };
        assert_eq!(count("e.example"), (3, 0));
        assert_eq!(count("r.example"), (4, 0));
        assert_eq!(count("v.example"), (4, 3));
        let walk = Walk::new(&answers, "e.example", None);
        let costs = ["a", "mx", "include:p.example"].map(|term| (term.to_owned(), 1));
        assert_eq!(walk.costs, costs);
    }

    #[test]
    fn loops_and_broken_includes_are_named() {
        let answers = answers();
        let faults = |domain: &str| Walk::new(&answers, domain, None).faults.join("; ");

        assert_eq!(
            faults("l.example"),
            "l.example -> k.example leads back to l.example, without an end"
        );
        assert_eq!(
            faults("d.example"),
            "none.example has no SPF record; two.example has several SPF records; \
             the record of bad.example has a mistake: `ip5:1` is not something that SPF knows; \
             f.example cannot be looked up: the name server failed (SERVFAIL)"
        );
    }
}
