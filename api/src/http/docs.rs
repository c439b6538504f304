//! `/docs` and `/openapi.json`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use poem::{Endpoint, Response, endpoint::make_sync, http::header};
use sha2::{Digest as _, Sha256};

use crate::routes::pages::Assets;

/// Serves the OpenAPI document.
pub(crate) fn document(json: String) -> impl Endpoint<Output = Response> {
    make_sync(move |_| Response::builder().content_type("application/json").body(json.clone()))
}

/// Serves Swagger UI: bundled, nothing loaded from outside. Its scripts are named by their hashes,
/// so that no other one runs.
pub(crate) fn swagger_ui(html: &str) -> impl Endpoint<Output = Response> + use<> {
    let html = html.replacen("<html charset=\"UTF-8\">", "<!doctype html>\n<html lang=\"en\">", 1);
    let html = html.replacen("<title>Swagger UI</title>", &head(), 1);
    let hashes: Vec<String> = scripts(&html)
        .map(|script| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(script))))
        .collect();
    let csp = format!(
        "default-src 'none'; script-src {}; style-src 'unsafe-inline'; img-src 'self' data:; \
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

/// What the page lacks: a name, an icon, and a shape that fits a phone.
fn head() -> String {
    format!(
        "<title>Keyward API</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <link rel=\"icon\" href=\"{}\" type=\"image/svg+xml\">\n\
         <style>@media (max-width: 40rem) {{\n\
         body .swagger-ui .opblock-tag small {{ display: none }}\n\
         }}</style>",
        Assets::get().icon,
    )
}

/// What stands in the page's script elements; one holds the text of such an element itself.
fn scripts(html: &str) -> impl Iterator<Item = &str> {
    let mut rest = html;
    std::iter::from_fn(move || {
        let (_, element) = rest.split_once("<script")?;
        let (_, content) = element.split_once('>')?;
        let (script, after) = content.split_once("</script>")?;
        rest = after;
        Some(script)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_may_speak_of_scripts() {
        let html = "<script charset=\"UTF-8\">make(\"<script>\")</script> <script>run()</script>";
        assert_eq!(scripts(html).collect::<Vec<_>>(), ["make(\"<script>\")", "run()"]);
    }
}
