//! Commands that take effect once, however often a client sends their request.
//!
//! The result of a command is recorded in its transaction, so one key is one effect, also if the process
//! is killed. Refused and failed commands leave no record: a repetition is tried again. Within a process,
//! repetitions wait for the first request; in another process, the transaction that commits second is
//! rolled back, and its request gets the result of the first.

use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};

use super::{App, Command, records};
use crate::{
    Refusal, Result,
    domain::{Claim, IdempotencyKey},
    infra::keyed_lock::KeyedLockGuard,
    origin::Origin,
};

/// Longest time that a repetition waits for the first request.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// A request with an idempotency key. Others with this key wait until it is dropped.
pub struct Once {
    app: App,
    origin: Origin,
    claim: Claim,
    output: Option<String>,
    _guard: KeyedLockGuard<[u8; 32]>,
}

impl App {
    /// Begins a request with an idempotency key. `caller` says whose key it is, and `request` is what
    /// must be the same whenever the key is used.
    ///
    /// # Errors
    ///
    /// [`Refusal::IdempotencyKeyReused`] if the key belongs to another request;
    /// [`Refusal::IdempotencyInProgress`] if an earlier one takes too long;
    /// [`crate::Error::Unavailable`] if Postgres is unreachable.
    pub async fn once(
        &self,
        origin: &Origin,
        caller: &str,
        key: &IdempotencyKey,
        request: &[u8],
    ) -> Result<Once> {
        let claim = self.claims.claim(caller, key, request);
        let guard = self.idempotency_locks.lock(claim.key, LOCK_TIMEOUT).await;
        let guard = guard.ok_or(Refusal::IdempotencyInProgress)?;
        let origin = Origin { claim: Some(claim), ..origin.clone() };
        let output = self.recorded(&claim).await?;
        Ok(Once { app: self.clone(), origin, claim, output, _guard: guard })
    }

    async fn recorded(&self, claim: &Claim) -> Result<Option<String>> {
        let mut sql = self.write.acquire().await?;
        let record = records::find(&mut sql, claim, self.clock.now()).await?;
        record.map(|record| record.output_for(claim)).transpose()
    }

    /// Removes the records of keys that have expired.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Unavailable`] if Postgres is unreachable, or a lock is not free.
    pub async fn remove_expired_keys(&self) -> Result<()> {
        records::remove_expired(&mut *self.write.acquire().await?, self.clock.now()).await
    }
}

impl Once {
    /// What the command resulted in, if an earlier request has executed it.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Fault`] if the record is not a result of this command.
    pub fn output<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        self.output.as_deref().map(parse).transpose()
    }

    /// Executes a command, unless an earlier request has done so. Returns its result, and whether it is
    /// that of an earlier request.
    ///
    /// The command must end with `Tx::complete`.
    ///
    /// # Errors
    ///
    /// As [`App::execute`].
    pub async fn execute<C>(self, command: C) -> Result<(C::Output, bool)>
    where
        C: Command<Output: Serialize + DeserializeOwned>,
    {
        if let Some(output) = self.output()? {
            return Ok((output, true));
        }
        let error = match self.app.execute(command, &self.origin).await {
            Ok(output) => return Ok((output, false)),
            Err(error) => error,
        };
        // Another process may have been faster, or the reply to the commit was lost.
        match self.app.recorded(&self.claim).await {
            Ok(Some(output)) => Ok((parse(&output)?, true)),
            _ => Err(error),
        }
    }
}

fn parse<T: DeserializeOwned>(output: &str) -> Result<T> {
    Ok(serde_json::from_str(output).map_err(anyhow::Error::from)?)
}
