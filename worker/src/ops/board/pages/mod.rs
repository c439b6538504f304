//! The HTML of the board: written by the server, alive with a small script, usable without it.

mod acts;
mod assets;
mod audit;
mod chart;
mod job;
mod job_row;
mod jobs;
mod overview;
mod query;
mod queue_row;
mod story;
mod trace;
mod unreadable;
mod when;

use askama::Template;
use keyward_core::{App, settings::Operator};
use poem::{
    EndpointExt as _, FromRequest, Request, RequestBody, Response, RouteMethod, get,
    http::StatusCode, post, web::Data,
};
use tokio_util::sync::CancellationToken;

pub(crate) use acts::Begun;
use assets::Assets;
use when::When;

/// Everything that the board answers, path by path; for those who were let in, as the `Operator` in the
/// request.
pub(crate) fn routes(stop: CancellationToken) -> Vec<(&'static str, RouteMethod)> {
    vec![
        ("/", get(overview::show)),
        ("/live", get(overview::live.data(overview::Stop(stop)))),
        ("/jobs", get(jobs::show)),
        ("/jobs/all", get(acts::ask).post(acts::all)),
        ("/jobs/:id", get(job::show)),
        ("/jobs/:id/:act", post(acts::one)),
        ("/queues/:queue/:act", post(acts::queue)),
        ("/trace", get(trace::show)),
        ("/unreadable", get(unreadable::show)),
        ("/unreadable/:id/:act", post(unreadable::act)),
        ("/audit", get(audit::show)),
        ("/assets/:name", get(Assets::endpoint())),
    ]
}

/// What stands around every page.
struct Frame {
    app: App,
    operator: Operator,
    assets: &'static Assets,
}

impl<'a> FromRequest<'a> for Frame {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let app = Data::<&App>::from_request_without_body(request).await?;
        let operator = Data::<&Operator>::from_request_without_body(request).await?;
        Ok(Self { app: app.0.clone(), operator: operator.0.clone(), assets: Assets::get() })
    }
}

impl Frame {
    fn product(&self) -> &str {
        &self.app.settings.product
    }

    fn role(&self) -> &'static str {
        if self.operator.may_act { "operator" } else { "viewer" }
    }

    fn when(&self, at: chrono::DateTime<chrono::Utc>) -> When {
        When::new(at, self.app.clock.now())
    }

    fn who(&self) -> super::acts::Who {
        super::acts::Who::at_board(&self.operator.name)
    }
}

fn html(page: &impl Template) -> poem::Result<Response> {
    let html = page.render().map_err(poem::error::InternalServerError)?;
    Ok(Response::builder().content_type("text/html; charset=utf-8").body(html))
}

/// What cannot be done, in a sentence on a page of its own.
#[derive(Template)]
#[template(path = "board/refused.html")]
struct Refused<'a> {
    frame: &'a Frame,
    reason: String,
    back: String,
}

fn refused(
    frame: &Frame,
    status: StatusCode,
    reason: impl Into<String>,
    back: impl Into<String>,
) -> poem::Result<Response> {
    let mut response = html(&Refused { frame, reason: reason.into(), back: back.into() })?;
    response.set_status(status);
    Ok(response)
}

/// A fault: Postgres is away, most likely. It is logged, and the page says so.
fn away(frame: &Frame, error: &anyhow::Error) -> poem::Result<Response> {
    tracing::warn!(error = format!("{error:#}"), "the board could not answer");
    let reason = "Postgres did not answer. Nothing has changed; try again in a moment.";
    refused(frame, StatusCode::SERVICE_UNAVAILABLE, reason, "/")
}
