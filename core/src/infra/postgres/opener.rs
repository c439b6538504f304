//! Opens and closes connections, in tasks that no caller can cancel.
#![expect(
    clippy::disallowed_methods,
    reason = "these tasks must outlive their callers; each has a timeout of its own"
)]

use std::{sync::Arc, time::Duration};

use sqlx::{Connection as _, Executor as _, PgConnection};
use tokio::{runtime::Handle, sync::Semaphore, time::timeout};

use super::shared::{Life, Shared};
use crate::infra::retry::RetryDelays;

/// Longest time that opening a connection may take.
pub(super) const OPEN_TIMEOUT: Duration = Duration::from_secs(15);
/// Longest delay before another attempt to open a connection.
const MAX_DELAY: Duration = Duration::from_secs(1);
/// Longest time that closing a connection, or testing it after its use, may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);

/// What a connection needs before it can be used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AfterUse {
    /// All its statements have completed.
    Nothing,
    /// A statement may have been cancelled.
    Test,
    /// A transaction may be open.
    RollBack,
}

/// The connections that this process opens at a time.
static OPENING: Semaphore = Semaphore::const_new(2);

/// Opens connections for callers that wait.
pub(super) fn open_more(shared: &Arc<Shared>) {
    while shared.reserve() {
        tokio::spawn(open(shared.clone()));
    }
}

/// Opens connections while callers wait for them; after a failure, tries again.
async fn open(shared: Arc<Shared>) {
    let mut delays = RetryDelays::default();
    loop {
        let permit = OPENING.acquire().await;
        if !shared.keep_reservation() {
            return;
        }
        let opened = timeout(OPEN_TIMEOUT, PgConnection::connect_with(&shared.options)).await;
        drop(permit);
        let failure = match opened {
            Ok(Ok(sql)) => {
                let mut state = shared.lock();
                (state.opening, state.failure) = (state.opening - 1, None);
                drop(state);
                shared.put(sql, Life::begin());
                if shared.reserve() {
                    continue;
                }
                return;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no connection was opened within {OPEN_TIMEOUT:?}"),
        };
        tracing::debug!(error = failure, "a connection to postgres cannot be opened");
        shared.lock().failure = Some(failure);
        tokio::time::sleep(delays.next_delay().min(MAX_DELAY)).await;
    }
}

/// Makes a connection available after its use, if it is usable.
pub(super) fn recycle(shared: Arc<Shared>, mut sql: PgConnection, after_use: AfterUse, life: Life) {
    let Ok(runtime) = Handle::try_current() else { return lost(&shared) };
    runtime.spawn(async move {
        if shared.is_over(life) || shared.available.is_closed() {
            shared.lock().size -= 1;
            close(sql).await;
        } else if is_usable(&mut sql, after_use).await {
            return shared.put(sql, life);
        } else {
            lost(&shared);
        }
        open_more(&shared);
    });
}

/// Ends what was cancelled on a connection. Returns whether Postgres answers.
async fn is_usable(sql: &mut PgConnection, after_use: AfterUse) -> bool {
    let test = async {
        match after_use {
            AfterUse::RollBack => sql.execute("rollback").await.map(drop),
            AfterUse::Nothing | AfterUse::Test => sql.ping().await,
        }
    };
    matches!(timeout(CLOSE_TIMEOUT, test).await, Ok(Ok(())))
}

fn lost(shared: &Shared) {
    shared.lock().size -= 1;
}

/// Ends the session in Postgres.
pub(super) async fn close(sql: PgConnection) {
    // An unreachable Postgres ends the session when it notices.
    let _ = timeout(CLOSE_TIMEOUT, sql.close()).await;
}
