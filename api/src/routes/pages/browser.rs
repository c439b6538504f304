//! What browsers get where the API has nothing for them.

use keyward_core::domain::Purpose;
use poem::{
    Endpoint, EndpointExt as _, Request, Response, handler,
    http::{HeaderValue, Method, StatusCode, header},
};

use super::{html::Pages, links, reader::Reader};
use crate::http::{
    accept::prefers_html,
    context::Context,
    problem::{self, Problem},
};

/// Where password managers look for the page that changes a password (W3C, "A Well-Known URL for
/// Changing Passwords").
pub(crate) const CHANGE_PASSWORD: &str = "/.well-known/change-password";

/// `GET /.well-known/change-password`
#[handler]
pub(crate) fn change_password() -> Response {
    see_other(Purpose::ResetPassword.page())
}

/// Adds a start page, a page for unknown paths outside the API, and redirects for links that were
/// changed on their way. Other clients get problems.
pub(crate) fn wrap<E: Endpoint + 'static>(
    routes: E,
    pages: &Pages,
) -> impl Endpoint<Output = Response> + use<E> {
    let pages = pages.clone();
    routes.around(move |inner, request| {
        let pages = pages.clone();
        async move { answer(&*inner, request, &pages).await }
    })
}

async fn answer(inner: &impl Endpoint, request: Request, pages: &Pages) -> poem::Result<Response> {
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
    let reader = Reader::of(&Context::of(&request)?);
    let response = problem::answer(inner, request).await;
    let is_unknown = response.data::<Problem>().is_some_and(|it| it.code == "not_found");
    if !is_unknown || !prefers_html {
        return Ok(response);
    }
    let id = if is_start { "page-start" } else { "page-not-found" };
    let mut page = Pages::response(pages.message(id, reader.locale), reader)?;
    if !is_start {
        page.set_status(StatusCode::NOT_FOUND);
    }
    let vary = if reader.is_chosen { "accept" } else { "accept, accept-language" };
    page.headers_mut().insert(header::VARY, HeaderValue::from_static(vary));
    Ok(page)
}

/// 303: browsers open another path. They keep the fragment, unless the other path has one.
fn see_other(location: &str) -> Response {
    Response::builder().status(StatusCode::SEE_OTHER).header(header::LOCATION, location).finish()
}
