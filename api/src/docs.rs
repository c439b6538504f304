//! `/docs` and `/openapi.json`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use poem::{Endpoint, Response, endpoint::make_sync, http::header};
use sha2::{Digest as _, Sha256};

/// Serves the OpenAPI document.
pub(crate) fn document(json: String) -> impl Endpoint<Output = Response> {
    make_sync(move |_| Response::builder().content_type("application/json").body(json.clone()))
}

/// Serves Swagger UI: bundled, nothing loaded from outside. Its scripts are named by their hashes,
/// so that no other one runs.
pub(crate) fn swagger_ui(html: String) -> impl Endpoint<Output = Response> {
    let hashes: Vec<String> = scripts(&html)
        .map(|script| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(script))))
        .collect();
    let csp = format!(
        "default-src 'none'; script-src {}; style-src 'unsafe-inline'; img-src data:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        hashes.join(" "),
    );
    make_sync(move |_| {
        Response::builder()
            .content_type("text/html; charset=utf-8")
            .header(header::CONTENT_SECURITY_POLICY, &csp)
            .body(html.clone())
    })
}

fn scripts(html: &str) -> impl Iterator<Item = &str> {
    html.split("<script").skip(1).filter_map(|rest| {
        let (_, content) = rest.split_once('>')?;
        content.split_once("</script>").map(|(script, _)| script)
    })
}
