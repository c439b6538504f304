//! The HTTP interface: the part of Mailpit's API that tests use, the faults, and the pages.

use std::{collections::BTreeMap, net::TcpListener, sync::Arc};

use anyhow::Result;
use poem::{
    Body, EndpointExt, IntoResponse, Response, Route, Server, get, handler,
    http::{StatusCode, header},
    listener::TcpAcceptor,
    web::{Data, Json, Path, Query},
};
use serde::Deserialize;

use super::{
    behaviour::Behaviour,
    mail::Mail,
    mailbox::{Attempt, Mailbox},
    pages, search,
    wire::{Full, Summaries, Summary},
};

type Shared<'a> = Data<&'a Arc<Mailbox>>;

/// Serves until it is dropped.
pub(super) async fn serve(listener: TcpListener, mailbox: Arc<Mailbox>) -> Result<()> {
    let api = Route::new()
        .at("/messages", get(list).delete(remove))
        .at("/search", get(find).delete(remove_found))
        .at("/message/:id", get(show))
        .at("/message/:id/headers", get(headers))
        .at("/message/:id/raw", get(raw))
        .at("/behaviour", get(rules).put(behave).delete(behave_well))
        .at("/attempts", get(attempts));
    let routes = Route::new()
        .nest("/api/v1", api)
        .nest("/", pages::routes())
        .around(pages::guarded)
        .data(mailbox);
    let acceptor = TcpAcceptor::from_std(listener)?;
    Server::new_with_acceptor(acceptor).run(routes).await?;
    Ok(())
}

/// The mail with this id; the newest for `latest`.
pub(super) fn look_up(mailbox: &Mailbox, id: &str) -> poem::Result<Arc<Mail>> {
    let mails = mailbox.mails();
    let mail = match id {
        "latest" => mails.last(),
        id => mails.iter().find(|mail| mail.id == id),
    };
    mail.cloned()
        .ok_or_else(|| poem::Error::from_string("message not found", StatusCode::NOT_FOUND))
}

#[derive(Deserialize)]
struct Window {
    #[serde(default)]
    query: String,
    #[serde(default)]
    start: usize,
    #[serde(default = "fifty")]
    limit: usize,
}

fn fifty() -> usize {
    50
}

#[handler]
fn list(mailbox: Shared<'_>, Query(window): Query<Window>) -> Json<Summaries> {
    Json(page(&mailbox, &window, ""))
}

#[handler]
fn find(mailbox: Shared<'_>, Query(window): Query<Window>) -> Json<Summaries> {
    Json(page(&mailbox, &window, &window.query))
}

fn page(mailbox: &Mailbox, window: &Window, query: &str) -> Summaries {
    let mut mails = mailbox.mails();
    let total = mails.len();
    mails.retain(|mail| search::fits(query, mail));
    let newest_first = mails.iter().rev();
    let shown = newest_first.skip(window.start).take(window.limit);
    let messages: Vec<Summary> = shown.map(|mail| Summary::from(&**mail)).collect();
    Summaries {
        total,
        unread: total,
        count: messages.len(),
        messages_count: mails.len(),
        start: window.start,
        messages,
    }
}

#[derive(Deserialize)]
struct Ids {
    #[serde(rename = "IDs", default)]
    ids: Vec<String>,
}

#[handler]
async fn remove(mailbox: Shared<'_>, body: Body) -> poem::Result<&'static str> {
    let body = body.into_bytes().await?;
    let meant = match body.trim_ascii().is_empty() {
        true => Ids { ids: Vec::new() },
        false => serde_json::from_slice(&body).map_err(poem::error::BadRequest)?,
    };
    mailbox.remove(|mail| meant.ids.is_empty() || meant.ids.contains(&mail.id));
    Ok("ok")
}

#[handler]
fn remove_found(mailbox: Shared<'_>, Query(window): Query<Window>) -> poem::Result<&'static str> {
    if window.query.is_empty() {
        let reason = "`query` is missing";
        return Err(poem::Error::from_string(reason, StatusCode::BAD_REQUEST));
    }
    mailbox.remove(|mail| search::fits(&window.query, mail));
    Ok("ok")
}

#[handler]
fn show(mailbox: Shared<'_>, Path(id): Path<String>) -> poem::Result<Json<Full>> {
    Ok(Json(Full::from(&*look_up(&mailbox, &id)?)))
}

#[handler]
fn headers(
    mailbox: Shared<'_>,
    Path(id): Path<String>,
) -> poem::Result<Json<BTreeMap<String, Vec<String>>>> {
    let mail = look_up(&mailbox, &id)?;
    let mut headers = BTreeMap::<String, Vec<String>>::new();
    for (name, value) in &mail.headers {
        let values = headers.entry(name.clone()).or_default();
        values.push(value.clone());
    }
    Ok(Json(headers))
}

#[handler]
fn raw(mailbox: Shared<'_>, Path(id): Path<String>) -> poem::Result<Response> {
    let mail = look_up(&mailbox, &id)?;
    let text = mail.raw.clone();
    Ok(text.with_header(header::CONTENT_TYPE, "text/plain; charset=utf-8").into_response())
}

#[handler]
fn rules(mailbox: Shared<'_>) -> Json<Vec<Behaviour>> {
    Json(mailbox.rules())
}

#[handler]
fn behave(mailbox: Shared<'_>, Json(behaviour): Json<Behaviour>) -> &'static str {
    mailbox.behave(behaviour);
    "ok"
}

#[handler]
fn behave_well(mailbox: Shared<'_>) -> &'static str {
    mailbox.behave_well();
    "ok"
}

#[handler]
fn attempts(mailbox: Shared<'_>) -> Json<Vec<Attempt>> {
    Json(mailbox.attempts())
}
