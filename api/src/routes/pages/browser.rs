//! What browsers get where the API has nothing for them.

use askama::Template;
use keyward_core::{App, domain::Purpose};
use poem::{
    Endpoint, EndpointExt as _, Request, Response, handler,
    http::{HeaderValue, Method, StatusCode, header},
};

use super::{html::html, links};
use crate::http::{
    accept::prefers_html,
    assets,
    problem::{self, Problem},
};

/// Where password managers look for the page that changes a password (W3C, "A Well-Known URL for
/// Changing Passwords").
pub(crate) const CHANGE_PASSWORD: &str = "/.well-known/change-password";

#[derive(Template)]
#[template(path = "start.html")]
struct StartPage<'a> {
    app: &'a App,
}

#[derive(Template)]
#[template(path = "not_found.html")]
struct NotFoundPage<'a> {
    app: &'a App,
}

/// `GET /.well-known/change-password`
#[handler]
pub(crate) fn change_password() -> Response {
    see_other(Purpose::ResetPassword.page())
}

/// Adds a start page, a page for unknown paths outside the API, and redirects for links that were
/// changed on their way. Other clients get problems.
pub(crate) fn wrap<E: Endpoint + 'static>(
    routes: E,
    app: &App,
) -> impl Endpoint<Output = Response> + use<E> {
    let app = app.clone();
    routes.around(move |inner, request| {
        let app = app.clone();
        async move { answer(&*inner, request, &app).await }
    })
}

async fn answer(inner: &impl Endpoint, request: Request, app: &App) -> poem::Result<Response> {
    if request.uri().path().starts_with("/v1/") {
        return Ok(problem::answer(inner, request).await);
    }
    let is_read = [Method::GET, Method::HEAD].contains(request.method());
    let is_start = is_read && request.uri().path() == "/";
    // The path may contain a token, but no log has paths.
    if is_read && let Some(location) = links::original(request.uri().path()) {
        return Ok(see_other(&location));
    }
    let prefers_html = prefers_html(request.headers());
    let mut response = problem::answer(inner, request).await;
    let is_unknown = response.data::<Problem>().is_some_and(|it| it.code == "not_found");
    if !is_unknown {
        return Ok(response);
    }
    if prefers_html && is_start {
        response = html(&StartPage { app })?;
    } else if prefers_html {
        response = html(&NotFoundPage { app })?;
        response.set_status(StatusCode::NOT_FOUND);
    }
    if prefers_html {
        // Problems have it anyway.
        response.headers_mut().append(header::VARY, HeaderValue::from_static("Accept"));
    }
    Ok(response)
}

/// 303: browsers open another path. They keep the fragment, unless the other path has one.
fn see_other(location: &str) -> Response {
    Response::builder().status(StatusCode::SEE_OTHER).header(header::LOCATION, location).finish()
}
