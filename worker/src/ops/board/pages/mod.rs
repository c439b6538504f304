//! The HTML of the board, rendered on the server. A small script updates it; it works without.

mod actions;
mod assets;
mod audit;
mod chart;
mod job;
mod job_row;
mod jobs;
mod kind_row;
mod overview;
mod query;
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

pub(crate) use actions::Running;
use assets::Assets;
use when::When;

use crate::ops::actions::Actor;

/// The routes of the board. The guard has put the `Operator` into the request.
pub(crate) fn routes(stop: CancellationToken) -> Vec<(&'static str, RouteMethod)> {
    vec![
        ("/", get(overview::show)),
        ("/live", get(overview::live.data(overview::Stop(stop)))),
        ("/jobs", get(jobs::show)),
        ("/jobs/all", get(actions::ask).post(actions::all)),
        ("/jobs/:id", get(job::show)),
        ("/jobs/:id/:act", post(actions::one)),
        ("/queues/:queue/:act", post(actions::queue)),
        ("/trace", get(trace::show)),
        ("/unreadable", get(unreadable::show)),
        ("/unreadable/:id/:act", post(unreadable::act)),
        ("/audit", get(audit::show)),
        ("/assets/:name", get(Assets::endpoint())),
    ]
}

/// What every page shares.
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

    fn actor(&self) -> Actor {
        Actor::board(&self.operator.name)
    }
}

fn html(page: &impl Template) -> poem::Result<Response> {
    let html = page.render().map_err(poem::error::InternalServerError)?;
    Ok(Response::builder().content_type("text/html; charset=utf-8").body(html))
}

/// A page that explains a refusal in a sentence.
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

/// A fault, most likely because Postgres is unreachable. Logged and shown.
fn unavailable(frame: &Frame, error: &anyhow::Error) -> poem::Result<Response> {
    tracing::warn!(error = format!("{error:#}"), "the board could not answer");
    let reason = "Postgres is unreachable. Nothing has changed; try again in a moment.";
    refused(frame, StatusCode::SERVICE_UNAVAILABLE, reason, "/")
}
