//! The page that displays mail, and the headers that isolate a mail in its frame.

use std::sync::Arc;

use poem::{
    Endpoint, IntoResponse, Request, Response, Route, get, handler,
    http::{HeaderValue, StatusCode, header},
    web::{Data, Path},
};

use super::{http::look_up, mailbox::Mailbox};

/// For the page: its own script and style only.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    connect-src 'self'; frame-src 'self'; img-src 'self' data:; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// For a mail: no scripts and nothing loaded; its links open in a window without these limits.
const MAIL_POLICY: &str = "sandbox allow-popups allow-popups-to-escape-sandbox; \
    default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; \
    frame-ancestors 'self'";

/// The page, its assets, and the HTML of a mail for its frame.
pub(super) fn routes() -> Route {
    Route::new()
        .at("/", get(page))
        .at("/page.css", get(style))
        .at("/page.js", get(script))
        .at("/view/:file", get(view))
}

/// Responds only to requests for names of this machine: a site whose name resolves to 127.0.0.1 (DNS
/// rebinding) must not read the links in mails.
pub(super) async fn guarded<E: Endpoint>(
    endpoint: Arc<E>,
    request: Request,
) -> poem::Result<Response> {
    let host = request.header(header::HOST).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if !["127.0.0.1", "localhost"].contains(&name) {
        return Ok(StatusCode::MISDIRECTED_REQUEST.into());
    }
    let mut response = endpoint.get_response(request).await;
    let headers = response.headers_mut();
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(PAGE_POLICY));
    Ok(response)
}

#[handler]
fn page() -> Response {
    asset("text/html; charset=utf-8", include_str!("page/page.html"))
}

#[handler]
fn style() -> Response {
    asset("text/css; charset=utf-8", include_str!("page/page.css"))
}

#[handler]
fn script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("page/page.js"))
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    text.with_header(header::CONTENT_TYPE, kind).into_response()
}

/// The HTML of a mail; its links open in a new window.
#[handler]
fn view(mailbox: Data<&Arc<Mailbox>>, Path(file): Path<String>) -> poem::Result<Response> {
    let id = file.strip_suffix(".html").unwrap_or(&file);
    let mail = look_up(&mailbox, id)?;
    let base = "<base target=\"_blank\">";
    let html = match mail.html.find("<head>") {
        Some(at) => {
            let (before, after) = mail.html.split_at(at + "<head>".len());
            format!("{before}{base}{after}")
        }
        None => format!("{base}{}", mail.html),
    };
    Ok(html
        .with_header(header::CONTENT_TYPE, "text/html; charset=utf-8")
        .with_header(header::CONTENT_SECURITY_POLICY, MAIL_POLICY)
        .into_response())
}
