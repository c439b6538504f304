//! HTML responses.

use askama::Template;
use poem::{Response, http::header};

/// Allows only what this server serves, and nothing inline.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                   form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A page.
///
/// # Errors
///
/// 500 if the template fails, which is a defect.
pub(super) fn html(template: &impl Template) -> poem::Result<Response> {
    let html = template.render().map_err(poem::error::InternalServerError)?;
    Ok(Response::builder()
        .header(header::CONTENT_SECURITY_POLICY, CSP)
        .content_type("text/html; charset=utf-8")
        .body(html))
}
