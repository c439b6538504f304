//! What a page says to whoever asks too often.

use std::time::Duration;

use askama::Template;
use keyward_core::App;
use poem::{
    Response,
    http::{StatusCode, header},
};

use super::{Assets, html};
use crate::http::rate_limit::whole_seconds;

#[derive(Template)]
#[template(path = "throttled.html")]
struct Page<'a> {
    product: &'a str,
    assets: &'static Assets,
    wait: String,
}

/// The page, with the status and the wait of the refusal.
pub(crate) fn throttled(app: &App, wait: Duration) -> poem::Result<Response> {
    let (product, assets) = (app.settings.product.as_str(), Assets::get());
    let mut response = html(&Page { product, assets, wait: in_words(wait) })?;
    response.set_status(StatusCode::TOO_MANY_REQUESTS);
    response.headers_mut().insert(header::RETRY_AFTER, whole_seconds(wait).into());
    Ok(response)
}

fn in_words(wait: Duration) -> String {
    match (whole_seconds(wait).max(1), whole_seconds(wait).div_ceil(60)) {
        (1, _) => "a second".to_owned(),
        (seconds @ ..60, _) => format!("{seconds} seconds"),
        (_, 1) => "a minute".to_owned(),
        (_, minutes) => format!("{minutes} minutes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_words() {
        let words = |seconds| in_words(Duration::from_secs(seconds));
        assert_eq!(
            (words(0), words(1), words(59)),
            ("a second".into(), "a second".into(), "59 seconds".into())
        );
        assert_eq!(
            (words(60), words(61), words(3_600)),
            ("a minute".into(), "2 minutes".into(), "60 minutes".into())
        );
    }
}
