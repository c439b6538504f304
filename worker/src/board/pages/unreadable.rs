//! Events that could not be read.

use askama::Template;
use keyward_core::dead_letters;
use poem::{
    Response, handler,
    http::StatusCode,
    web::{Path, Query},
};

use super::{Frame, When, acts::see_other, away, html, query::Said, refused};
use crate::{board::words, dead};

/// Events on the page.
const LIMIT: i64 = 100;
/// Characters of an event that are shown.
const PAYLOAD: usize = 2_000;

#[derive(Template)]
#[template(path = "board/unreadable.html")]
struct Unreadable<'a> {
    frame: &'a Frame,
    said: Option<String>,
    letters: Vec<Letter>,
}

struct Letter {
    id: String,
    subject: String,
    reason: String,
    payload: String,
    received: When,
}

#[handler]
pub(super) async fn show(frame: Frame, said: Query<Said>) -> poem::Result<Response> {
    let looking = async {
        let mut sql = frame.app.read.acquire().await?;
        Ok(dead_letters::list(&mut sql, None, LIMIT).await?)
    };
    let found: Vec<dead_letters::DeadLetter> = match looking.await {
        Ok(found) => found,
        Err(error) => return away(&frame, &error),
    };
    let letters = found.into_iter().map(|letter| Letter {
        id: letter.id.to_string(),
        subject: letter.subject,
        reason: letter.reason,
        payload: words::plain(
            &String::from_utf8_lossy(&letter.payload).chars().take(PAYLOAD).collect::<String>(),
        ),
        received: frame.when(letter.received_at),
    });
    html(&Unreadable { said: said.0.sentence(), letters: letters.collect(), frame: &frame })
}

/// Reads one anew, or lets it rest.
#[handler]
pub(super) async fn act(frame: Frame, path: Path<(String, String)>) -> poem::Result<Response> {
    let Path((id, act)) = path;
    let (did, result) = match act.as_str() {
        "retry" => ("read", dead::retry(&frame.app, &frame.who(), &id).await),
        "discard" => ("drop", dead::let_rest(&frame.app, &frame.who(), &id).await),
        _ => return Err(StatusCode::NOT_FOUND.into()),
    };
    match result {
        Ok(()) => Ok(see_other(&Said::after("/unreadable", did, 1))),
        Err(error) => refused(
            &frame,
            StatusCode::CONFLICT,
            format!("It stays as it is: {error:#}"),
            "/unreadable",
        ),
    }
}
