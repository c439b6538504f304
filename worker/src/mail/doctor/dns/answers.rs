//! What DNS has answered so far.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

/// The type of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    A,
    Aaaa,
    Mx,
    Ptr,
    Txt,
}

/// A name without a dot at its end, and the type of its records.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Question {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// A record. Names are in lower case, without a dot at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Record {
    Address(IpAddr),
    /// Preference and host; an empty host means that the domain takes no email (RFC 7505).
    Exchange(u16, String),
    Name(String),
    /// The strings of a TXT record without anything between them.
    Text(String),
}

/// Why there is no record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoAnswer {
    #[error("has no such record")]
    NoRecord,
    #[error("does not exist")]
    NoName,
    #[error("cannot be looked up: {0}")]
    Failed(String),
    /// The question is still to be asked.
    #[error("was not looked up")]
    NotAsked,
}

impl NoAnswer {
    /// Whether DNS says that there is no record.
    pub(super) fn is_void(&self) -> bool {
        matches!(self, Self::NoRecord | Self::NoName)
    }
}

pub(super) type Answer<T = Record> = Result<Vec<T>, NoAnswer>;

/// Answers, and the questions that were needed but not asked yet.
#[derive(Debug, Default)]
pub(super) struct Answers {
    known: BTreeMap<Question, Answer>,
    missing: RefCell<BTreeSet<Question>>,
}

impl Answers {
    pub(super) fn insert(&mut self, question: Question, answer: Answer) {
        self.known.insert(question, answer);
    }

    /// Takes the questions that have been needed since the last call.
    pub(super) fn take_missing(&self) -> BTreeSet<Question> {
        self.missing.take()
    }

    /// Why every look-up failed, if none was answered.
    pub(super) fn outage(&self) -> Option<&str> {
        let mut reasons = self.known.values().map(|answer| match answer {
            Err(NoAnswer::Failed(reason)) => Some(reason.as_str()),
            _ => None,
        });
        let first = reasons.next()??;
        reasons.all(|reason| reason.is_some()).then_some(first)
    }

    /// The TXT records of a name.
    pub(super) fn texts(&self, name: &str) -> Answer<String> {
        self.get(name, Kind::Txt, |record| match record {
            Record::Text(text) => Some(text.clone()),
            _ => None,
        })
    }

    /// The MX records of a name, the preferred one first.
    pub(super) fn exchanges(&self, name: &str) -> Answer<String> {
        let mut found = self.get(name, Kind::Mx, |record| match record {
            Record::Exchange(preference, host) => Some((*preference, host.clone())),
            _ => None,
        })?;
        found.sort();
        Ok(found.into_iter().map(|(_, host)| host).collect())
    }

    /// The IPv4 and IPv6 addresses of a name.
    pub(super) fn addresses(&self, name: &str) -> Answer<IpAddr> {
        let address = |record: &Record| match record {
            Record::Address(address) => Some(*address),
            _ => None,
        };
        match [Kind::A, Kind::Aaaa].map(|kind| self.get(name, kind, address)) {
            [Ok(v4), Ok(v6)] => Ok([v4, v6].concat()),
            [Ok(some), Err(_)] | [Err(_), Ok(some)] => Ok(some),
            [Err(no), Err(other)] => Err(if no.is_void() { other } else { no }),
        }
    }

    /// The names of an address.
    pub(super) fn names(&self, address: IpAddr) -> Answer<String> {
        self.get(&reverse_name(address), Kind::Ptr, |record| match record {
            Record::Name(name) => Some(name.clone()),
            _ => None,
        })
    }

    fn get<T>(&self, name: &str, kind: Kind, pick: impl Fn(&Record) -> Option<T>) -> Answer<T> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let question = Question { name, kind };
        match self.known.get(&question) {
            Some(Ok(records)) => match records.iter().filter_map(pick).collect::<Vec<_>>() {
                none if none.is_empty() => Err(NoAnswer::NoRecord),
                some => Ok(some),
            },
            Some(Err(no)) => Err(no.clone()),
            None => {
                self.missing.borrow_mut().insert(question);
                Err(NoAnswer::NotAsked)
            }
        }
    }
}

/// Where the names of an address are.
fn reverse_name(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = v4.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(v6) => {
            let nibbles = format!("{:032x}", u128::from(v6));
            let labels: Vec<String> = nibbles.chars().rev().map(String::from).collect();
            format!("{}.ip6.arpa", labels.join("."))
        }
    }
}

#[cfg(test)]
impl Answers {
    /// The records of a zone, one a line: `name TYPE data`. `FAILED` is a type, too. No other name exists.
    pub(super) fn of_zone(zone: &str, judge: impl Fn(&Self)) -> Self {
        let mut answers = Self::default();
        loop {
            judge(&answers);
            let missing = answers.take_missing();
            if missing.is_empty() {
                return answers;
            }
            for question in missing {
                let answer = tests::answer(zone, &question);
                answers.insert(question, answer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn answer(zone: &str, question: &Question) -> Answer {
        let lines = zone.lines().filter_map(|line| {
            let mut parts = line.trim().splitn(3, ' ');
            Some((parts.next()?, parts.next()?, parts.next().unwrap_or_default()))
        });
        let of_name: Vec<_> = lines.filter(|(name, ..)| *name == question.name).collect();
        if of_name.iter().any(|(_, kind, _)| *kind == "FAILED") {
            return Err(NoAnswer::Failed("the name server failed (SERVFAIL)".to_owned()));
        }
        let records: Vec<Record> = of_name
            .iter()
            .filter_map(|(_, kind, data)| match (question.kind, *kind) {
                (Kind::A, "A") | (Kind::Aaaa, "AAAA") => {
                    Some(Record::Address(data.parse().unwrap()))
                }
                (Kind::Txt, "TXT") => Some(Record::Text((*data).to_owned())),
                (Kind::Ptr, "PTR") => Some(Record::Name((*data).to_owned())),
                (Kind::Mx, "MX") => {
                    let (preference, host) = data.split_once(' ').unwrap();
                    let host = host.trim_end_matches('.').to_owned();
                    Some(Record::Exchange(preference.parse().unwrap(), host))
                }
                _ => None,
            })
            .collect();
        match () {
            () if !records.is_empty() => Ok(records),
            () if of_name.is_empty() => Err(NoAnswer::NoName),
            () => Err(NoAnswer::NoRecord),
        }
    }

    #[test]
    fn address_has_a_reverse_name() {
        let of = |text: &str| reverse_name(text.parse().unwrap());
        assert_eq!(of("192.0.2.1"), "1.2.0.192.in-addr.arpa");
        assert!(of("2001:db8::1").starts_with("1.0.0.0.0."));
        assert!(of("2001:db8::1").ends_with(".8.b.d.0.1.0.0.2.ip6.arpa"));
    }

    #[test]
    fn one_family_of_addresses_suffices() {
        let answers = Answers::of_zone("a.example A 192.0.2.1\nb.example FAILED", |answers| {
            for name in ["a.example", "b.example", "c.example"] {
                _ = answers.addresses(name);
            }
        });

        assert_eq!(answers.addresses("A.example.").unwrap().len(), 1);
        assert!(!answers.addresses("b.example").unwrap_err().is_void());
        assert_eq!(answers.addresses("c.example"), Err(NoAnswer::NoName));
        assert_eq!(answers.outage(), None);
    }
}
