//! Pages of jobs. A page costs the same however many there are: each state of each queue is read from
//! an index in the order in which it is shown.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgPool};

use super::{
    search::{Filter, Job, Place, anywhere, columns},
    states::{State, dead, open, running, with_words},
};

/// Jobs of a queue that are looked at for words, before all are asked for by the index of errors.
const LOOKED_AT: i64 = 1_000;

/// Of a state: its condition, by which time it is shown, whether the earliest comes first.
const fn shown(state: State) -> (&'static str, &'static str, bool) {
    // All our jobs have priority 0; saying so makes the order that of apalis' index.
    match state {
        State::Waiting => {
            (concat!(open!(), " and priority = 0 and run_at <= now()"), "run_at", true)
        }
        State::Scheduled => {
            (concat!(open!(), " and priority = 0 and run_at > now()"), "run_at", true)
        }
        State::Running => (running!(), "lock_at", true),
        State::Done => ("status = 'Done'", "done_at", false),
        State::Dead | State::Dropped => (dead!(), "done_at", false),
    }
}

/// Which jobs of a state, from the place `$2`, `$3` on, in the order in which they are shown. Made of
/// texts of ours alone.
fn page(state: State, further: &str) -> String {
    let (condition, at, is_rising) = shown(state);
    let (after, order) = if is_rising { (">", "asc") } else { ("<", "desc") };
    format!(
        "{condition} and ({at}, id) {after} ($2, $3) {further} order by {at} {order}, id {order}"
    )
}

/// Up to `limit` of them: what waits in the order of its turn, what ended with the latest first. A
/// job that is done has no error any more: none is found by its words.
pub(crate) async fn list(
    pool: &PgPool,
    filter: &Filter,
    after: Option<Place>,
    limit: i64,
) -> sqlx::Result<Vec<Job>> {
    match &filter.error {
        None => walk(pool, filter, None, after, limit).await,
        Some(_) if filter.state == State::Done => Ok(Vec::new()),
        Some(words) => list_with(pool, filter, words, after, limit).await,
    }
}

/// Walks along the index of the state, queue by queue, and takes up to `limit` jobs that match; with
/// `before` only those that were there and have not been tried since. Words that hardly any job has make it a walk
/// over all jobs in this state.
pub(super) async fn walk(
    pool: &PgPool,
    filter: &Filter,
    before: Option<DateTime<Utc>>,
    after: Option<Place>,
    limit: i64,
) -> sqlx::Result<Vec<Job>> {
    let (_, at, is_rising) = shown(filter.state);
    let order = if is_rising { "asc" } else { "desc" };
    // What waits and was never tried has come since, if it is due since.
    let since = if filter.state == State::Waiting { "run_at" } else { "'-infinity'" };
    let further = format!(
        "and ($5::text is null or metadata -> 'last_error' ilike $5)
         and ($6::timestamptz is null or coalesce(done_at, {since}) < $6)"
    );
    let page = page(filter.state, &further);
    let columns = columns!();
    let (begin, id) = after.unwrap_or_else(|| beginning(is_rising));
    sqlx::query_as(AssertSqlSafe(format!(
        "select job.* from unnest($1::text[]) as queue (name) cross join lateral (
             select {columns}, {at} as at from apalis.jobs
             where job_type = queue.name and {page} limit $4
         ) as job order by at {order}, id {order} limit $4"
    )))
    .bind(&filter.queues)
    .bind(begin)
    .bind(id)
    .bind(limit)
    .bind(filter.error.as_deref().map(anywhere))
    .bind(before)
    .fetch_all(pool)
    .await
}

/// After an outage most jobs have the same error: a page of them is found among the next ones of each
/// queue. An error that is rare is found by the index of errors, which says nothing of their order.
async fn list_with(
    pool: &PgPool,
    filter: &Filter,
    words: &str,
    after: Option<Place>,
    limit: i64,
) -> sqlx::Result<Vec<Job>> {
    let (_, at, is_rising) = shown(filter.state);
    let order = if is_rising { "asc" } else { "desc" };
    let (begin, id) = after.unwrap_or_else(|| beginning(is_rising));
    let next = page(filter.state, "");
    let nearby = format!(
        "select coalesce(bool_and(looked_at < {LOOKED_AT} or cardinality(found) >= $4), true),
                coalesce(array_agg(id) filter (where id is not null), '{{}}')
         from unnest($1::text[]) as queue (name) cross join lateral (
             select count(*) as looked_at,
                    coalesce((array_agg(id) filter (where error ilike $5))[:$4], '{{}}') as found
             from (select id, metadata -> 'last_error' as error from apalis.jobs
                   where job_type = queue.name and {next} limit {LOOKED_AT}) as job
         ) as job left join unnest(found) as id on true"
    );
    let (is_all, mut ids): (bool, Vec<String>) = sqlx::query_as(AssertSqlSafe(nearby))
        .bind(&filter.queues)
        .bind(begin)
        .bind(&id)
        .bind(limit)
        .bind(anywhere(words))
        .fetch_one(pool)
        .await?;
    if !is_all {
        let page = page(filter.state, concat!("and ", with_words!("$5")));
        let all =
            format!("select id from apalis.jobs where job_type = any($1) and {page} limit $4");
        ids = sqlx::query_scalar(AssertSqlSafe(all))
            .bind(&filter.queues)
            .bind(begin)
            .bind(id)
            .bind(limit)
            .bind(anywhere(words))
            .fetch_all(pool)
            .await?;
    }
    let columns = columns!();
    sqlx::query_as(AssertSqlSafe(format!(
        "select {columns} from apalis.jobs where id = any($1)
         order by {at} {order}, id {order} limit $2"
    )))
    .bind(ids)
    .bind(limit)
    .fetch_all(pool)
    .await
}

/// Before the first of all.
fn beginning(is_rising: bool) -> Place {
    if is_rising {
        return (DateTime::UNIX_EPOCH, String::new());
    }
    // The end of the time that our clocks and Postgres' have in common, and of all ULIDs.
    (DateTime::from_timestamp(253_402_300_799, 0).unwrap_or_default(), "~".to_owned())
}
