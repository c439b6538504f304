//! Lists of jobs. A page costs the same however many jobs there are: an index has the jobs of each
//! kind and state in the order of the list.

use std::fmt;

use chrono::{DateTime, Utc};
use keyward_core::infra::postgres::Pool;
use sqlx::{Postgres, QueryBuilder};

use super::{
    job_record::{JobRecord, Position, columns},
    state::{JobState, sql},
};

/// Jobs that are searched for the words of an error before the index of errors is used.
const WINDOW: i64 = 500;

/// Which jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Of these kinds.
    pub kinds: Vec<String>,
    /// In this state.
    pub state: JobState,
    /// Whose last error contains these words, in any case.
    pub error: Option<String>,
}

/// As the audit log shows it.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "all {} jobs", self.state)?;
        if let [kind] = &self.kinds[..] {
            write!(f, " of {kind}")?;
        }
        match &self.error {
            Some(words) => write!(f, " whose error contains {words:?}"),
            None => Ok(()),
        }
    }
}

/// Up to `limit` jobs after a position: open jobs in the order in which they are due, ended jobs with
/// the latest first. A completed job has no error, so none matches words.
///
/// After an outage most jobs have the same error, and a page of them is found among the next jobs. A
/// rare error is found by the index of errors, which does not know the order.
pub(crate) async fn list(
    pool: &Pool,
    filter: &Filter,
    after: Option<Position>,
    limit: i64,
) -> sqlx::Result<Vec<JobRecord>> {
    let Some(words) = &filter.error else {
        return walk(pool, filter, None, after, limit).await;
    };
    if filter.state == JobState::Completed {
        return Ok(Vec::new());
    }
    let any_error = Filter { error: None, ..filter.clone() };
    let window = walk(pool, &any_error, None, after.clone(), WINDOW).await?;
    let (is_all, words) = ((window.len() as i64) < WINDOW, words.to_lowercase());
    let has_words = |job: &JobRecord| {
        job.last_error.as_ref().is_some_and(|error| error.to_lowercase().contains(&words))
    };
    let found: Vec<_> = window.into_iter().filter(has_words).take(limit as usize).collect();
    if is_all || found.len() as i64 == limit {
        return Ok(found);
    }
    let mut query = QueryBuilder::new(concat!("select ", columns!(), " from apalis.jobs where "));
    push_filter(&mut query, filter);
    push_page(&mut query, filter.state, after, limit);
    query.build_query_as().fetch_all(pool).await
}

/// Up to `limit` matching jobs after a position, kind by kind along the index of the state. With
/// `before`, only jobs that were there at that time and have had no attempt since: a bulk action makes
/// jobs match again, and must not see one twice.
pub(crate) async fn walk(
    pool: &Pool,
    filter: &Filter,
    before: Option<DateTime<Utc>>,
    after: Option<Position>,
    limit: i64,
) -> sqlx::Result<Vec<JobRecord>> {
    let (column, is_ascending) = filter.state.order();
    let mut query = QueryBuilder::new("select job.* from unnest(");
    query.push_bind(&filter.kinds);
    query.push("::text[]) as kind (name) cross join lateral (select ");
    query.push(concat!(columns!(), " from apalis.jobs where ", sql!(kind), " = name and "));
    query.push(filter.state.condition());
    if let Some(words) = &filter.error {
        query.push(" and metadata -> 'last_error' ilike ").push_bind(containing(words));
    }
    if let Some(before) = before {
        // An available job that had no attempt came when it became due.
        let since = if filter.state == JobState::Available { "run_at" } else { "'-infinity'" };
        query.push(format_args!(" and coalesce(done_at, {since}) < ")).push_bind(before);
    }
    push_page(&mut query, filter.state, after, limit);
    let order = if is_ascending { "asc" } else { "desc" };
    query.push(format_args!(") as job order by {column} {order}, id {order} limit "));
    query.push_bind(limit);
    query.build_query_as().fetch_all(pool).await
}

/// The number of matching jobs. Reads all of them: for use before a bulk action.
pub(crate) async fn count(pool: &Pool, filter: &Filter) -> sqlx::Result<i64> {
    let mut query = QueryBuilder::new("select count(*) from apalis.jobs where ");
    push_filter(&mut query, filter);
    query.build_query_scalar().fetch_one(pool).await
}

/// Kind, state and words; the index of errors answers the words.
fn push_filter(query: &mut QueryBuilder<Postgres>, filter: &Filter) {
    query.push(concat!(sql!(kind), " = any(")).push_bind(filter.kinds.clone()).push(") and ");
    query.push(filter.state.condition());
    if let Some(words) = &filter.error {
        query.push(
            " and status <> 'Done' and metadata ? 'last_error' and metadata -> 'last_error' ilike ",
        );
        query.push_bind(containing(words));
    }
}

fn push_page(
    query: &mut QueryBuilder<Postgres>,
    state: JobState,
    after: Option<Position>,
    limit: i64,
) {
    let (column, is_ascending) = state.order();
    let (operator, order) = if is_ascending { (">", "asc") } else { ("<", "desc") };
    if let Some((at, id)) = after {
        query.push(format_args!(" and ({column}, id) {operator} ("));
        query.push_bind(at).push(", ").push_bind(id).push(")");
    }
    query.push(format_args!(" order by {column} {order}, id {order} limit ")).push_bind(limit);
}

/// A pattern for `ilike` that finds the words anywhere and takes every character literally.
fn containing(words: &str) -> String {
    let escaped = words.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_words_are_literal() {
        assert_eq!(containing(r"50%_\"), r"%50\%\_\\%");
    }
}
