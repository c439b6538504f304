//! Jobs as people look for them.

use std::fmt;

use keyward_core::App;

use crate::queue::{list::list as page, search};
pub use crate::queue::{
    search::{Filter, Job, Place},
    states::State,
};

/// Up to `limit` of them: what waits in the order of its turn, what ended with the latest first.
///
/// # Errors
///
/// If Postgres is away.
pub async fn list(
    app: &App,
    filter: &Filter,
    after: Option<Place>,
    limit: i64,
) -> anyhow::Result<Vec<Job>> {
    Ok(page(&app.read, filter, after, limit).await?)
}

/// How many there are. Walks over all of them: for what is asked once, before something is done.
///
/// # Errors
///
/// If Postgres is away.
pub async fn count(app: &App, filter: &Filter) -> anyhow::Result<i64> {
    Ok(search::count(&app.read, filter).await?)
}

impl Filter {
    /// All jobs in a state, of a queue if one is named, with words of an error if there are some.
    #[must_use]
    pub fn new(queue: Option<String>, state: State, error: Option<String>) -> Self {
        let all = || crate::jobs::Job::QUEUES.iter().map(|&queue| queue.to_owned()).collect();
        let error = error.filter(|words| !words.is_empty());
        Self { queues: queue.map_or_else(all, |queue| vec![queue]), state, error }
    }
}

/// As it stands in the audit.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "all {} jobs", self.state)?;
        if let [queue] = &self.queues[..] {
            write!(f, " of {queue}")?;
        }
        match &self.error {
            Some(words) => write!(f, " whose error says {words:?}"),
            None => Ok(()),
        }
    }
}
