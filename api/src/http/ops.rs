//! The operations listener: health, and metrics for users with a password.

use keyward_core::{App, infra::metrics::Metrics};
use poem::{
    Endpoint, EndpointExt as _, Request, Response, Route, get, handler,
    http::{StatusCode, header},
    web::Data,
};

use super::health::{self, is_connected};

/// The routes of the operations listener.
pub(crate) fn routes(app: App, nats: async_nats::Client) -> impl Endpoint<Output = Response> {
    Route::new()
        .at("/metrics", get(metrics))
        .at("/health/live", get(health::live))
        .at("/health/ready", get(health::ready))
        .data(app)
        .data(nats)
        .map_to_response()
}

/// All metrics, for operators and viewers (Basic authentication, RFC 7617).
#[handler]
fn metrics(app: Data<&App>, nats: Data<&async_nats::Client>, request: &Request) -> Response {
    if app.settings.operations.admit(request.header(header::AUTHORIZATION)).is_none() {
        return Response::builder()
            .status(StatusCode::UNAUTHORIZED)
            .header(header::WWW_AUTHENTICATE, "Basic realm=\"Keyward operations\"")
            .finish();
    }
    let text = app.render_metrics(is_connected(*nats), None);
    Response::builder().content_type(Metrics::CONTENT_TYPE).body(text)
}
