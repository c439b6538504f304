//! Why a request failed, in the language of its reader. Problems are translated by their code; the
//! API's own words stay English.

use chrono::Duration;
use keyward_core::{
    error::Flaw,
    languages::{Arguments, Language},
};
use serde::Serialize;

use crate::http::problem::Problem;

/// What is wrong with each field, as sentences.
#[derive(Debug, Default, Serialize)]
pub(super) struct FieldFlaws {
    username: Option<String>,
    email: Option<String>,
    code: Option<String>,
    display_name: Option<String>,
    password: Option<String>,
}

impl FieldFlaws {
    /// The flaws of a problem. Each field has one at most.
    ///
    /// # Errors
    ///
    /// If a message is missing or malformed.
    pub(super) fn of(problem: Option<&Problem>, language: Language<'_>) -> anyhow::Result<Self> {
        let mut all = Self::default();
        for field in problem.iter().filter_map(|problem| problem.errors.as_ref()).flatten() {
            let (target, message) = match field.pointer.trim_start_matches('/') {
                "username" => (&mut all.username, "email"),
                "email" => (&mut all.email, "email"),
                "code" => (&mut all.code, "code"),
                "display_name" => (&mut all.display_name, "name"),
                _ => (&mut all.password, "password"),
            };
            *target = Some(of_flaw(language, message, &field.flaw)?);
        }
        Ok(all)
    }
}

/// What is wrong with a value. A flaw without a message of its own gets a general one.
///
/// # Errors
///
/// If a message is malformed.
pub(super) fn of_flaw(language: Language<'_>, field: &str, flaw: &Flaw) -> anyhow::Result<String> {
    let arguments = language.arguments(flaw.values.iter().cloned());
    let code = flaw.code.replace('_', "-");
    for id in [format!("page-flaw-{field}.{code}"), format!("page-flaw.{code}")] {
        if let Some(sentence) = language.find(&id, &arguments)? {
            return Ok(sentence);
        }
    }
    language.text("page-flaw.other", &arguments)
}

/// Why a request failed, if it was not because of a field.
///
/// # Errors
///
/// If a message is missing or malformed.
pub(super) fn of_problem(language: Language<'_>, problem: &Problem) -> anyhow::Result<String> {
    let kind = match problem.code {
        "throttled" => "throttled",
        _ if problem.status.is_server_error() => "unavailable",
        _ => "other",
    };
    after_wait(language, &format!("page-problem.{kind}"), problem)
}

/// A message that may say how long to wait before the next request.
///
/// # Errors
///
/// If the message is missing or malformed.
pub(super) fn after_wait(
    language: Language<'_>,
    id: &str,
    problem: &Problem,
) -> anyhow::Result<String> {
    let seconds = problem.retry_after_s.unwrap_or(1).into();
    let mut arguments = Arguments::new();
    arguments.set("within", language.within(Duration::seconds(seconds))?);
    language.text(id, &arguments)
}
