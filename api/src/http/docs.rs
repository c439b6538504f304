//! `/openapi.json` and `/docs`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use poem::{
    Endpoint, Response,
    endpoint::make_sync,
    http::{HeaderValue, header},
};
use sha2::{Digest as _, Sha256};

use super::{assets, content::Content};

/// Browsers ask each time whether the content has changed.
const REVALIDATED: &str = "no-cache";

/// Serves the OpenAPI document.
pub(crate) fn document(json: String) -> impl Endpoint<Output = Response> {
    let content = Content::new("application/json", REVALIDATED, json);
    make_sync(move |request| content.response(&request))
}

/// Serves Swagger UI, which loads nothing from other servers. The policy names its scripts by their
/// hashes, so that no other script runs.
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
    let csp = HeaderValue::try_from(csp);
    let content = Content::new("text/html; charset=utf-8", REVALIDATED, html);
    make_sync(move |request| {
        let mut response = content.response(&request);
        if let Ok(csp) = &csp {
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, csp.clone());
        }
        response
    })
}

/// Adds a title, an icon, and a layout for phones.
fn head() -> String {
    format!(
        "<title>Keyward API</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <link rel=\"icon\" href=\"{}\" type=\"image/svg+xml\">\n\
         <style>@media (max-width: 40rem) {{\n\
         body .swagger-ui .opblock-tag small {{ display: none }}\n\
         }}</style>",
        assets::url("favicon.svg"),
    )
}

/// The contents of the script elements. One script contains the text of such an element.
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
    fn a_script_may_contain_the_text_of_a_script_element() {
        let html = "<script charset=\"UTF-8\">make(\"<script>\")</script> <script>run()</script>";
        assert_eq!(scripts(html).collect::<Vec<_>>(), ["make(\"<script>\")", "run()"]);
    }
}
