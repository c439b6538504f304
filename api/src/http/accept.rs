//! What a client prefers to receive (RFC 9110, section 12.5.1).

use poem::{FromRequest as _, Request, web::Accept};

/// Whether a client prefers HTML to JSON, as a browser does that opens a page. A client without a
/// preference (`*/*`, or no `Accept`) does not.
pub(crate) async fn prefers_html(request: &Request) -> bool {
    let accepted = Accept::from_request_without_body(request).await;
    // By weight, then in the order of the header.
    let mut kinds = accepted.map(|Accept(kinds)| kinds).unwrap_or_default().into_iter();
    let first = kinds.find_map(|kind| {
        let weight = kind.get_param("q").map_or(Ok(1.0), |weight| weight.as_str().parse::<f32>());
        let is_html = match kind.essence_str() {
            "text/html" | "application/xhtml+xml" | "text/*" => true,
            "application/json" | "application/problem+json" | "application/*" | "*/*" => false,
            _ => return None,
        };
        weight.is_ok_and(|weight| weight > 0.0).then_some(is_html)
    });
    first.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_browsers_prefer_html() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
        for (accept, expected) in [
            (browser, true),
            ("text/html", true),
            ("TEXT/HTML;q=0.5, application/json;q=0.4", true),
            ("application/json;q=0.4, text/*", true),
            ("", false),
            ("*/*", false),
            ("*/*, text/html;q=0.9", false),
            ("application/json, text/html", false),
            ("text/html;q=0.4, application/problem+json;q=0.5", false),
            ("text/html;q=0", false),
            ("text/html;q=0, */*;q=0.1", false),
            ("image/png", false),
            ("text html", false),
        ] {
            let request = Request::builder().header("accept", accept).finish();
            assert_eq!(prefers_html(&request).await, expected, "{accept:?}");
        }
        assert!(!prefers_html(&Request::default()).await);
    }
}
