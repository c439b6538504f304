//! What stands behind the question mark of an address of the board.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::{
    jobs::kinds_named,
    ops::{Filter, JobState, Position, words},
};

/// Which jobs a page shows.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    pub(super) queue: String,
    #[serde(default)]
    pub(super) state: String,
    #[serde(default)]
    pub(super) q: String,
    #[serde(default)]
    pub(super) after: String,
}

impl Wanted {
    /// As the queue is searched with; the reason, if it cannot be.
    pub(super) fn filter(&self, default: JobState) -> Result<Filter, String> {
        let name = Some(self.queue.as_str()).filter(|name| !name.is_empty());
        if let Some(name) = name.filter(|name| kinds_named(name).is_empty()) {
            return Err(format!("There is no queue or kind {name:?}."));
        }
        let state = match self.state.as_str() {
            "" => default,
            state => state.parse().map_err(|error: anyhow::Error| error.to_string())?,
        };
        Ok(Filter::new(name, state, Some(self.q.trim().to_owned())))
    }

    /// Where the page begins: microseconds since 1970, and a job's id.
    pub(super) fn place(&self) -> Option<Position> {
        let (at, id) = self.after.split_once('-')?;
        let at = DateTime::<Utc>::from_timestamp_micros(at.parse().ok()?)?;
        let is_id = id.len() == 26 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_id.then(|| (at, id.to_owned()))
    }

    /// The address of the same jobs in another state, from another place on.
    pub(super) fn link(&self, path: &str, state: JobState, after: Option<Position>) -> String {
        let mut link = to(path);
        link.append_pair("state", state.as_str());
        for (name, value) in [("queue", &self.queue), ("q", &self.q)] {
            if !value.is_empty() {
                link.append_pair(name, value);
            }
        }
        if let Some((at, id)) = after {
            link.append_pair("after", &format!("{}-{id}", at.timestamp_micros()));
        }
        link.finish()
    }
}

/// An address of the board, to append pairs to.
pub(super) fn to(path: &str) -> form_urlencoded::Serializer<'static, String> {
    form_urlencoded::Serializer::for_suffix(format!("{path}?"), path.len() + 1)
}

/// What has just been done, as the address says after it.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Said {
    #[serde(default)]
    did: String,
    #[serde(default)]
    n: i64,
}

impl Said {
    /// In a sentence; only words of ours, whatever the address says.
    pub(super) fn sentence(&self) -> Option<String> {
        let count = |one| words::count(self.n, one);
        Some(match self.did.as_str() {
            "retry" => format!("{} will be retried.", count("job")),
            "run_now" => format!("{} will run now.", count("job")),
            "discard" => format!("{} discarded.", count("job")),
            "running" => "The action continues. Reload this page to see its progress.".to_owned(),
            "pause" => "Paused: running attempts end, no new attempt starts.".to_owned(),
            "resume" => "Resumed.".to_owned(),
            "read" => "The event was read and its jobs were inserted.".to_owned(),
            "drop" => "The event was discarded.".to_owned(),
            _ => return None,
        })
    }

    /// An address of ours that says it; another one than ours becomes the first page.
    pub(super) fn after(back: &str, did: &str, n: i64) -> String {
        let is_ours = back.starts_with('/') && !back.starts_with("//") && !back.contains('\\');
        let (path, query) = if is_ours { back } else { "/" }.split_once('?').unwrap_or((back, ""));
        let path = if is_ours { path } else { "/" };
        let kept = form_urlencoded::parse(query.as_bytes())
            .filter(|(name, _)| name != "did" && name != "n");
        to(path)
            .extend_pairs(kept)
            .append_pair("did", did)
            .append_pair("n", &n.to_string())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_led_back_to_pages_of_ours_only() {
        let back = |to: &str| Said::after(to, "retry", 3);
        assert_eq!(back("/jobs?state=dead&did=retry&n=1"), "/jobs?state=dead&did=retry&n=3");
        assert_eq!(back("/"), "/?did=retry&n=3");
        for other in ["https://evil.example/", "//evil.example", "/\\evil.example", "", "jobs"] {
            assert_eq!(back(other), "/?did=retry&n=3", "{other}");
        }
    }

    #[test]
    fn a_forged_place_is_the_beginning() {
        let place = |after: &str| Wanted { after: after.into(), ..Wanted::default() }.place();
        for forged in
            ["", "x", "1-", "1-01J", "x-01ARZ3NDEKTSV4RRFFQ69G5FAV", "1-' or 1=1--' or 1=1--' or"]
        {
            assert_eq!(place(forged), None, "{forged}");
        }
        assert!(place("1764000000000000-01ARZ3NDEKTSV4RRFFQ69G5FAV").is_some());
    }
}
