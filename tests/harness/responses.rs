//! The record of the API's responses: which documented statuses of which routes the tests produce.
//!
//! The harness compares every response that it receives with the OpenAPI document. A status that the
//! document does not list for the route fails the test. A status that it lists is appended to the
//! file that `KEYWARD_TEST_RESPONSES` names, as a line like `POST /v1/users 202`. `keyward-stack test`
//! sets the variable, and after a run of the whole suite it checks that no documented response is
//! missing.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::OpenOptions,
    io::Write as _,
    sync::{LazyLock, Mutex},
};

use crate::Route;

/// The documented paths, the methods of each, and the statuses of each method.
static PATHS: LazyLock<BTreeMap<String, BTreeMap<String, BTreeSet<u16>>>> = LazyLock::new(|| {
    let mut paths: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for route in Route::all() {
        let statuses = route.statuses();
        paths.entry(route.template).or_default().insert(route.method.to_string(), statuses);
    }
    paths
});

/// The lines that this process has written.
static WRITTEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Every documented response, as a line of the record.
#[must_use]
pub fn documented() -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for (path, methods) in PATHS.iter() {
        for (method, statuses) in methods {
            lines.extend(statuses.iter().map(|status| format!("{method} {path} {status}")));
        }
    }
    lines
}

/// Records a response of the API. Ignores routes outside the document: pages, health, and the
/// operations of the worker.
///
/// # Panics
///
/// If the document does not list the status for the route.
#[track_caller]
pub(crate) fn record(method: &str, path: &str, status: u16) {
    let Some((template, statuses)) = find(method, path) else { return };
    let line = format!("{method} {template} {status}");
    assert!(statuses.contains(&status), "{line}: the OpenAPI document does not list this status");
    let Some(file) = std::env::var_os("KEYWARD_TEST_RESPONSES") else { return };
    if !WRITTEN.lock().unwrap().insert(line.clone()) {
        return;
    }
    // One write at the end of the file keeps the lines of concurrent processes whole.
    let mut file = OpenOptions::new().create(true).append(true).open(file).unwrap();
    file.write_all(format!("{line}\n").as_bytes()).unwrap();
}

/// Records a response that was read as bytes. Ignores responses without a request id: they come from
/// the HTTP parser, not from a route.
#[track_caller]
pub(crate) fn record_raw(request: &[u8], response: &str) {
    let request = String::from_utf8_lossy(request);
    let mut words = request.split(' ');
    let status = response.split(' ').nth(1).and_then(|status| status.parse().ok());
    if let (Some(method), Some(target), Some(status)) = (words.next(), words.next(), status)
        && response.contains("\r\nx-request-id: ")
    {
        record(method, target.split(['?', '#']).next().unwrap_or_default(), status);
    }
}

/// The template that a path matches and the documented statuses of a method. As in the router, a
/// template without parameters takes precedence.
fn find(method: &str, path: &str) -> Option<(&'static str, &'static BTreeSet<u16>)> {
    let exact = PATHS.get_key_value(path);
    let (template, methods) =
        exact.or_else(|| PATHS.iter().find(|(template, _)| matches(template, path)))?;
    Some((template, methods.get(method)?))
}

fn matches(template: &str, path: &str) -> bool {
    let (known, asked) = (template.split('/'), path.split('/'));
    known.clone().count() == asked.clone().count()
        && known.zip(asked).all(|(known, asked)| known.starts_with('{') || known == asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn template_without_parameters_takes_precedence() {
        let template = |method, path| find(method, path).map(|(template, _)| template);

        assert_eq!(template("GET", "/v1/users/7"), Some("/v1/users/{id}"));
        assert_eq!(template("GET", "/v1/users/me"), Some("/v1/users/me"));
        assert_eq!(template("DELETE", "/v1/sessions/current"), Some("/v1/sessions/current"));
        assert_eq!(template("PUT", "/v1/users/me"), None, "the path has no such method");
        assert_eq!(template("GET", "/v1/users/7/"), None);
        assert_eq!(template("GET", "/health/live"), None);
    }

    #[test]
    #[should_panic(expected = "does not list this status")]
    fn undocumented_status_fails_the_test() {
        record("GET", "/v1/users/7", 418);
    }
}
