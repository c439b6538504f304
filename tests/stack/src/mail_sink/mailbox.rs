//! Stored mails, delivery attempts, and the rules for faults.

use std::{
    collections::VecDeque,
    fs,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result};
use serde::Serialize;
use tokio::sync::watch;

use super::{
    behaviour::{Action, Behaviour, Stage},
    mail::Mail,
};

/// Number of mails, and of attempts, kept by default.
pub(super) const KEPT: usize = 1000;
/// Header that stores a mail's envelope in its file (RFC 9228); not part of the mail.
const ENVELOPE: &str = "Delivered-To: ";

/// One attempt to deliver a mail, up to the reply that decided it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// Its time, in milliseconds since 1970.
    pub at_ms: u64,
    /// The client's name in `EHLO`.
    pub helo: String,
    /// The address of `MAIL FROM`.
    pub from: String,
    /// The addresses of `RCPT TO` that the reply concerns.
    pub to: Vec<String>,
    /// The stage it reached.
    pub stage: Stage,
    /// The reply that decided it; empty if the sink sent none.
    pub reply: String,
}

/// Shared by the SMTP server, the HTTP interface and the tests.
#[derive(Debug)]
pub(super) struct Mailbox {
    contents: Mutex<Contents>,
    changes: watch::Sender<()>,
    folder: Option<PathBuf>,
    keep: usize,
}

#[derive(Debug, Default)]
struct Contents {
    mails: VecDeque<Arc<Mail>>,
    attempts: VecDeque<Attempt>,
    rules: Vec<Behaviour>,
    last_id: u64,
}

impl Mailbox {
    /// Reads the mails of earlier runs if a folder keeps them.
    pub(super) fn open(folder: Option<PathBuf>, keep: usize) -> Result<Self> {
        let mut contents = Contents::default();
        if let Some(folder) = &folder {
            fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
            let mut files: Vec<_> = fs::read_dir(folder)?.flatten().map(|e| e.path()).collect();
            files.sort();
            for file in files {
                let id = file.file_stem().and_then(|stem| stem.to_str());
                let Some((id, number)) =
                    id.and_then(|id| Some((id, u64::from_str_radix(id, 16).ok()?)))
                else {
                    continue;
                };
                let (envelope_to, raw) = split_envelope(fs::read(&file)?);
                let mail = Mail::parse(number >> 8, id.to_owned(), envelope_to, raw);
                contents.last_id = contents.last_id.max(number);
                contents.mails.push_back(Arc::new(mail));
            }
        }
        Ok(Self { contents: Mutex::new(contents), changes: watch::Sender::new(()), folder, keep })
    }

    /// All mails, oldest first.
    pub(super) fn mails(&self) -> Vec<Arc<Mail>> {
        self.contents().mails.iter().cloned().collect()
    }

    /// All attempts, oldest first.
    pub(super) fn attempts(&self) -> Vec<Attempt> {
        self.contents().attempts.iter().cloned().collect()
    }

    /// Stores a mail, and writes it to disk, before the client gets a reply.
    pub(super) fn keep(&self, envelope_to: Vec<String>, raw: Vec<u8>) -> Result<Arc<Mail>> {
        let mut contents = self.contents();
        let now = now_ms();
        let number = (now << 8).max(contents.last_id + 1);
        contents.last_id = number;
        let mail = Arc::new(Mail::parse(now, format!("{number:014x}"), envelope_to, raw));
        if let Some(file) = self.file_of(&mail) {
            let mut bytes = String::new();
            for recipient in &mail.envelope_to {
                bytes += &format!("{ENVELOPE}{recipient}\r\n");
            }
            let mut bytes = bytes.into_bytes();
            bytes.extend_from_slice(&mail.raw);
            fs::write(file, bytes)?;
        }
        contents.mails.push_back(mail.clone());
        while contents.mails.len() > self.keep {
            let oldest = contents.mails.pop_front();
            self.remove_file_of(oldest);
        }
        drop(contents);
        self.changes.send_replace(());
        Ok(mail)
    }

    /// Records an attempt.
    pub(super) fn note(&self, mut attempt: Attempt) {
        attempt.at_ms = now_ms();
        let mut contents = self.contents();
        contents.attempts.push_back(attempt);
        if contents.attempts.len() > self.keep {
            contents.attempts.pop_front();
        }
        drop(contents);
        self.changes.send_replace(());
    }

    /// Removes the mails for which `is_meant` is true.
    pub(super) fn remove(&self, is_meant: impl Fn(&Mail) -> bool) {
        let mut contents = self.contents();
        let all = std::mem::take(&mut contents.mails);
        let (gone, rest): (VecDeque<_>, _) = all.into_iter().partition(|mail| is_meant(mail));
        contents.mails = rest;
        drop(contents);
        for mail in gone {
            self.remove_file_of(Some(mail));
        }
        self.changes.send_replace(());
    }

    /// Replaces the rule for the same recipient, or the rule for all mail.
    pub(super) fn behave(&self, behaviour: Behaviour) {
        let mut contents = self.contents();
        contents.rules.retain(|rule| rule.recipient != behaviour.recipient);
        if behaviour.action != Action::Accept || behaviour.recipient.is_some() {
            contents.rules.push(behaviour);
        }
    }

    /// Removes all rules.
    pub(super) fn behave_well(&self) {
        self.contents().rules.clear();
    }

    /// The current rules.
    pub(super) fn rules(&self) -> Vec<Behaviour> {
        self.contents().rules.clone()
    }

    /// The action for these recipients, if `applies` is true for it. A rule for a recipient takes
    /// precedence over the rule for all mail. Counts one use of the rule.
    pub(super) fn due(&self, to: &[String], applies: impl Fn(&Action) -> bool) -> Option<Action> {
        let mut contents = self.contents();
        let is_for = |rule: &Behaviour| match &rule.recipient {
            Some(recipient) => to.iter().any(|one| one.eq_ignore_ascii_case(recipient)),
            None => false,
        };
        let rules = &mut contents.rules;
        let index = rules
            .iter()
            .position(is_for)
            .or_else(|| rules.iter().position(|rule| rule.recipient.is_none()))?;
        if !applies(&rules[index].action) {
            return None;
        }
        let action = rules[index].action.clone();
        if let Some(times) = &mut rules[index].times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                rules.remove(index);
            }
        }
        Some(action)
    }

    /// How long a connection that delivered to these recipients may be idle.
    pub(super) fn idle_limit(&self, to: &[String]) -> Option<Duration> {
        let contents = self.contents();
        contents.rules.iter().find_map(|rule| match rule.action {
            Action::CloseIdle(after)
                if rule.recipient.as_ref().is_none_or(|one| to.contains(one)) =>
            {
                Some(after)
            }
            _ => None,
        })
    }

    /// Notified of every change.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file_of(&self, mail: &Mail) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.join(format!("{}.eml", mail.id)))
    }

    fn remove_file_of(&self, mail: Option<Arc<Mail>>) {
        if let Some(file) = mail.and_then(|mail| self.file_of(&mail)) {
            let _ = fs::remove_file(file);
        }
    }
}

fn split_envelope(mut bytes: Vec<u8>) -> (Vec<String>, Vec<u8>) {
    let mut recipients = Vec::new();
    while bytes.starts_with(ENVELOPE.as_bytes()) {
        let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
            break;
        };
        let rest = bytes.split_off(end + 1);
        let line = String::from_utf8_lossy(&bytes[ENVELOPE.len()..]);
        recipients.push(line.trim_end().to_owned());
        bytes = rest;
    }
    (recipients, bytes)
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(0))
}
