//! The operations board: pages for operators, rendered on the server. A small script updates them; they
//! work without it. The texts are in `templates/board`.

mod actions;
mod assets;
mod audit;
mod jobs;
mod overview;
mod page;
mod query;
mod suppressions;
mod trace;
mod unreadable;

use std::sync::Arc;

use askama::Template;
use chrono::{DateTime, Utc};
use keyward_core::{App, settings::Operator};
use poem::{
    Endpoint, FromRequest, IntoResponse as _, Request, RequestBody, Response, RouteMethod, get,
    http::StatusCode, post, web::Data,
};

pub(crate) use actions::Background;
use query::Notice;

use crate::ops::actions::ActingOperator;

/// The routes of the board. The guard has put the `Operator` into the request.
pub(crate) fn routes() -> Vec<(&'static str, RouteMethod)> {
    vec![
        ("/", get(overview::show)),
        ("/live", get(overview::live)),
        ("/jobs", get(jobs::search)),
        ("/jobs/all", get(actions::confirm).post(actions::on_matching)),
        ("/jobs/:id", get(jobs::show)),
        ("/jobs/:id/:action", post(actions::on_job)),
        ("/queues/:queue/:action", post(actions::on_queue)),
        ("/trace", get(trace::show)),
        ("/unreadable", get(unreadable::list)),
        ("/unreadable/:id/discard", post(unreadable::discard)),
        ("/suppressions", get(suppressions::list)),
        ("/suppressions/:id/lift", post(suppressions::lift)),
        ("/audit", get(audit::list)),
        ("/assets/:name", get(assets::serve)),
    ]
}

/// What every page shows.
struct Frame {
    app: App,
    operator: Operator,
    notice: Option<Notice>,
}

impl<'a> FromRequest<'a> for Frame {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let app = Data::<&App>::from_request_without_body(request).await?;
        let operator = Data::<&Operator>::from_request_without_body(request).await?;
        let notice = request.params().ok();
        Ok(Self { app: app.0.clone(), operator: operator.0.clone(), notice })
    }
}

impl Frame {
    fn now(&self) -> DateTime<Utc> {
        self.app.clock.now()
    }

    fn role(&self) -> &'static str {
        if self.operator.may_act { "operator" } else { "viewer" }
    }

    fn actor(&self) -> ActingOperator {
        ActingOperator::board(&self.operator.name)
    }
}

/// Why there is no page. [`show_errors`] shows it.
struct PageError(poem::Error);

type Result<T = Response> = std::result::Result<T, PageError>;

impl PageError {
    /// A request that the board refuses, with a sentence for the operator.
    fn refused(status: StatusCode, reason: impl Into<String>) -> Self {
        Self(poem::Error::from_string(reason, status))
    }

    fn bad_request(reason: String) -> Self {
        Self::refused(StatusCode::BAD_REQUEST, reason)
    }

    /// An action that failed.
    fn unchanged(error: anyhow::Error) -> Self {
        Self::refused(StatusCode::CONFLICT, format!("Nothing has changed: {error:#}."))
    }
}

/// A fault, most likely because Postgres is unreachable.
impl<E: Into<anyhow::Error>> From<E> for PageError {
    fn from(error: E) -> Self {
        tracing::warn!(error = format!("{:#}", error.into()), "the board could not answer");
        let reason = "Postgres is unreachable. Nothing has changed; try again in a moment.";
        Self::refused(StatusCode::SERVICE_UNAVAILABLE, reason)
    }
}

impl From<PageError> for poem::Error {
    fn from(failure: PageError) -> Self {
        failure.0
    }
}

fn html(page: &impl Template) -> Result {
    Ok(Response::builder().content_type("text/html; charset=utf-8").body(page.render()?))
}

#[derive(Template)]
#[template(path = "board/error.html")]
struct ErrorPage<'a> {
    frame: &'a Frame,
    reason: String,
    /// Where to go back to.
    back: &'a str,
}

/// Shows errors as pages.
pub(crate) async fn show_errors<E: Endpoint>(
    endpoint: Arc<E>,
    request: Request,
) -> poem::Result<Response> {
    let frame = Frame::from_request_without_body(&request).await?;
    let path = request.uri().path().to_owned();
    let error = match endpoint.call(request).await {
        Ok(response) => return Ok(response.into_response()),
        Err(error) => error,
    };
    let lists = ["/jobs", "/trace", "/unreadable", "/suppressions", "/audit"];
    let back = lists.into_iter().find(|list| path.starts_with(list)).unwrap_or("/");
    let mut page = html(&ErrorPage { frame: &frame, reason: error.to_string(), back })?;
    page.set_status(error.status());
    Ok(page)
}
