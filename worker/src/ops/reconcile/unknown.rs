//! Events of the stream that this database never committed.
//!
//! Either Postgres was restored from a backup, and they are what is lost; or another program publishes
//! to Keyward's subjects. They have no effect. [`Unknown::accept`] ends the report of those so far.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use keyward_core::{
    App,
    domain::{EventId, UserId},
    infra::cache::Invalidation,
    pipeline::outbox::{self, lost},
};
use serde::Deserialize;

use crate::pipeline::stream;

/// Accounts in one statement.
const BATCH: usize = 1_000;

/// A message of the stream whose event the outbox does not have.
#[derive(Debug)]
pub(super) struct UnknownMessage {
    sequence: u64,
    event_id: Option<EventId>,
    subject: Option<String>,
    account: Option<(UserId, i64)>,
}

/// The members of an event that are reported.
#[derive(Deserialize)]
struct Payload {
    #[serde(rename = "type")]
    subject: String,
    data: Subject,
}

#[derive(Deserialize)]
struct Subject {
    user_id: Option<UserId>,
    version: Option<i64>,
}

impl UnknownMessage {
    pub(super) fn new(sequence: u64, event_id: Option<EventId>, payload: &[u8]) -> Self {
        let event = serde_json::from_slice::<Payload>(payload).ok();
        let account = event
            .as_ref()
            .and_then(|event| Some((event.data.user_id?, event.data.version.unwrap_or_default())));
        Self { sequence, event_id, subject: event.map(|event| event.subject), account }
    }
}

/// The unknown events up to a message of the stream.
#[derive(Debug, Default)]
pub struct Unknown {
    limit: usize,
    up_to: u64,
    /// The first ones, each with its type, or the number of the message if it names no event.
    pub named: Vec<String>,
    /// Their numbers by type.
    pub types: BTreeMap<String, usize>,
    /// Messages without an event id.
    pub nameless: usize,
    /// Earlier ones that were accepted as lost; not counted with the others.
    pub accepted: u64,
    /// When the first and the last of them occurred.
    pub period: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// The accounts that they are about, with the highest version of each.
    accounts: HashMap<UserId, i64>,
}

/// The accounts that have lost changes.
#[derive(Debug)]
pub struct AffectedAccounts {
    /// They exist, in an earlier state.
    pub set_back: Vec<UserId>,
    /// They do not exist.
    pub missing: Vec<UserId>,
}

impl Unknown {
    pub(super) fn new(limit: usize, up_to: u64) -> Self {
        Self { limit, up_to, ..Self::default() }
    }

    /// The number of the last message that is judged.
    pub(super) fn up_to(&self) -> u64 {
        self.up_to
    }

    /// Their number.
    #[must_use]
    pub fn count(&self) -> usize {
        self.nameless + self.events()
    }

    /// The number of those that are events.
    #[must_use]
    pub fn events(&self) -> usize {
        self.types.values().sum()
    }

    pub(super) fn add(&mut self, message: UnknownMessage) {
        let subject = message.subject.unwrap_or_else(|| "unreadable".into());
        let name = match message.event_id {
            Some(id) => format!("{id} is in the stream and was not committed ({subject})"),
            None => format!("message {} is in the stream and is no event", message.sequence),
        };
        if self.named.len() < self.limit {
            self.named.push(name);
        }
        let Some(id) = message.event_id else {
            self.nameless += 1;
            return;
        };
        *self.types.entry(subject).or_default() += 1;
        if let Some(at) = id.made_at() {
            let (first, last) = self.period.unwrap_or((at, at));
            self.period = Some((first.min(at), last.max(at)));
        }
        if let Some((account, version)) = message.account {
            let highest = self.accounts.entry(account).or_default();
            *highest = version.max(*highest);
        }
    }

    /// Looks up the accounts that have lost changes.
    ///
    /// # Errors
    ///
    /// If Postgres is unreachable.
    pub async fn affected_accounts(&self, app: &App) -> anyhow::Result<AffectedAccounts> {
        let mut affected = AffectedAccounts { set_back: Vec::new(), missing: Vec::new() };
        let mut accounts: Vec<_> = self.accounts.keys().copied().collect();
        accounts.sort();
        for batch in accounts.chunks(BATCH) {
            let existing = lost::existing(&mut *app.read.acquire().await?, batch).await?;
            let (set_back, missing): (Vec<UserId>, Vec<UserId>) =
                batch.iter().copied().partition(|account| existing.contains(account));
            affected.set_back.extend(set_back);
            affected.missing.extend(missing);
        }
        Ok(affected)
    }

    /// Accepts that these events are lost: raises the versions of their accounts above the lost ones,
    /// publishes events again that were pending in the backup, and ends the report. Can be repeated.
    ///
    /// # Errors
    ///
    /// If Postgres is unreachable; then the report continues.
    pub async fn accept(&self, app: &App) -> anyhow::Result<()> {
        let accounts: Vec<_> = self.accounts.iter().map(|(id, version)| (*id, *version)).collect();
        for batch in accounts.chunks(BATCH) {
            let mut sql = app.write.acquire().await?;
            let raised = lost::raise_versions(&mut sql, batch).await?;
            drop(sql);
            let raised: Vec<_> = raised
                .into_iter()
                .map(|(account, version)| Invalidation::User(account, version))
                .collect();
            // Without Redis the entries are not trusted, or expire.
            app.cache.write_tombstones(&raised).await;
        }
        let mut tx = app.write.begin().await?;
        let name = stream::name(&app.settings.namespace);
        outbox::stream::publish_again(&mut tx, &name, 0).await?;
        lost::accept(&mut tx, &name, self.up_to.cast_signed()).await?;
        tx.commit().await?;
        app.committed.notify_one();
        Ok(())
    }
}
