//! The queries of the board's URLs.

use poem::web::Redirect;
use serde::Deserialize;

use crate::{
    jobs::kinds_named,
    ops::{Filter, JobRecord, JobState, Position, words},
};

/// Which jobs a page shows.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct JobQuery {
    pub(super) queue: String,
    pub(super) state: String,
    /// Words of an error, or an id.
    pub(super) q: String,
    /// The [`cursor`] of the job before the page.
    pub(super) after: String,
}

impl JobQuery {
    /// The filter of the job list, or why there is none.
    pub(super) fn filter(&self, default: JobState) -> Result<Filter, String> {
        let name = Some(self.queue.as_str()).filter(|name| !name.is_empty());
        if name.is_some_and(|name| kinds_named(name).is_empty()) {
            return Err(format!("There is no queue or kind {:?}.", self.queue));
        }
        let state = match self.state.as_str() {
            "" => default,
            state => state.parse().map_err(|error: anyhow::Error| error.to_string())?,
        };
        Ok(Filter::new(name, state, Some(self.q.trim().to_owned())))
    }

    /// Where the page begins.
    pub(super) fn position(&self) -> Option<Position> {
        let (at, id) = self.after.split_once('-')?;
        let at = chrono::DateTime::from_timestamp_micros(at.parse().ok()?)?;
        ulid::Ulid::from_string(id).is_ok().then(|| (at, id.to_owned()))
    }

    /// The URL of these jobs in `state`, from the job after `cursor` on.
    pub(super) fn link(&self, state: &JobState, cursor: &str) -> String {
        let query =
            [("state", state.as_str()), ("queue", &self.queue), ("q", &self.q), ("after", cursor)];
        let query = query.into_iter().filter(|(_, value)| !value.is_empty());
        let mut link = form_urlencoded::Serializer::for_suffix("/jobs?".to_owned(), "/jobs?".len());
        link.extend_pairs(query).finish()
    }
}

/// The position of a job in a list: microseconds since 1970, and its id.
pub(super) fn cursor(job: &JobRecord) -> String {
    let (at, id) = job.position();
    format!("{}-{id}", at.timestamp_micros())
}

/// The page that a button returns to.
#[derive(Deserialize)]
pub(super) struct Back {
    pub(super) back: Option<String>,
}

/// What the operator has just done.
#[derive(Deserialize)]
pub(super) struct Notice {
    did: String,
    n: i64,
}

impl Notice {
    /// In a sentence; `None` if it is no action of the board.
    pub(super) fn text(&self) -> Option<String> {
        let jobs = words::count(self.n, "job");
        Some(match self.did.as_str() {
            "retry" => format!("{jobs} will be retried."),
            "run_now" => format!("{jobs} will run now."),
            "discard" => format!("{jobs} discarded."),
            "continue" => "The action continues. Reload this page to see its progress.".to_owned(),
            "pause" => "Paused: running attempts end, and no new attempt starts.".to_owned(),
            "resume" => "Resumed.".to_owned(),
            "unsuppress" => "The address gets email again.".to_owned(),
            "discard_event" => "The event was discarded.".to_owned(),
            _ => return None,
        })
    }

    /// Redirects to a page that shows the notice; to the overview if `back` is not a page of the board.
    pub(super) fn after(back: &str, did: &str, n: i64) -> Redirect {
        let is_ours = back.starts_with('/') && !back.starts_with("//") && !back.contains('\\');
        let back = if is_ours { back } else { "/" };
        let separator = if back.contains('?') { '&' } else { '?' };
        Redirect::see_other(format!("{back}{separator}did={did}&n={n}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_stay_on_the_board() {
        let back = |to: &str| Notice::after(to, "retry", 3);
        assert_eq!(back("/jobs?state=dead"), Redirect::see_other("/jobs?state=dead&did=retry&n=3"));
        for to in ["/", "https://evil.example/", "//evil.example", "/\\evil.example", "", "jobs"] {
            assert_eq!(back(to), Redirect::see_other("/?did=retry&n=3"), "{to}");
        }
    }

    #[test]
    fn invalid_cursor_is_the_first_page() {
        let position =
            |after: &str| JobQuery { after: after.into(), ..JobQuery::default() }.position();
        for forged in
            ["", "x", "1-", "1-01J", "x-01ARZ3NDEKTSV4RRFFQ69G5FAV", "1-' or 1=1--' or 1=1--' or"]
        {
            assert_eq!(position(forged), None, "{forged}");
        }
        assert!(position("1764000000000000-01ARZ3NDEKTSV4RRFFQ69G5FAV").is_some());
    }
}
