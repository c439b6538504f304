//! What a client prefers to receive (RFC 9110, section 12.5.1).

use poem::http::{HeaderMap, header};

/// What `Accept` names for a media type.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
struct Preference {
    /// 0 for a media type that the client does not accept.
    weight: f32,
    /// How exactly the client names it: 3 by type and subtype, 2 by type, 1 as anything.
    exactness: u8,
}

/// Whether a client prefers HTML to JSON, as a browser does that opens a page. A client without a
/// preference (`*/*`, or no `Accept`) does not.
pub(crate) fn prefers_html(headers: &HeaderMap) -> bool {
    let accept = accept(headers);
    let json = preference(&accept, "application/json");
    let json = json.max_by(preference(&accept, "application/problem+json"));
    preference(&accept, "text/html").beats(json)
}

/// Whether a client prefers a problem as `application/json`.
pub(crate) fn prefers_plain_json(headers: &HeaderMap) -> bool {
    let accept = accept(headers);
    let problem = preference(&accept, "application/problem+json");
    preference(&accept, "application/json").beats(problem)
}

/// Whether a client prefers server-sent events to JSON.
pub(crate) fn prefers_event_stream(headers: &HeaderMap) -> bool {
    let accept = accept(headers);
    preference(&accept, "text/event-stream").beats(preference(&accept, "application/json"))
}

impl Preference {
    fn beats(self, other: Self) -> bool {
        self.weight > 0.0 && self > other
    }

    fn max_by(self, other: Self) -> Self {
        if other > self { other } else { self }
    }
}

/// All lines of `Accept` as one list.
fn accept(headers: &HeaderMap) -> String {
    let lines = headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
    lines.collect::<Vec<_>>().join(",")
}

/// What a client thinks of a media type: the most exact range that matches decides. A range with a
/// malformed weight does not count.
fn preference(accept: &str, media_type: &str) -> Preference {
    let kind = media_type.split('/').next().unwrap_or_default();
    let mut best = Preference::default();
    for item in accept.split(',') {
        let mut parts = item.split(';').map(str::trim);
        let range = parts.next().unwrap_or_default();
        let exactness = match range.split_once('/') {
            _ if range.eq_ignore_ascii_case(media_type) => 3,
            Some((range, "*")) if range.eq_ignore_ascii_case(kind) => 2,
            Some(("*", "*")) => 1,
            _ => continue,
        };
        let q = parts.find_map(|part| part.split_once('=').filter(|(n, _)| is_weight(n)));
        let weight = q.map_or(Some(1.0), |(_, weight)| weight.trim().parse::<f32>().ok());
        let weight = weight.filter(|weight| (0.0..=1.0).contains(weight));
        if let Some(weight) = weight.filter(|_| exactness > best.exactness) {
            best = Preference { weight, exactness };
        }
    }
    best
}

fn is_weight(name: &str) -> bool {
    name.trim().eq_ignore_ascii_case("q")
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::ACCEPT, HeaderValue::from_str(line).unwrap());
        }
        headers
    }

    #[test]
    fn only_browsers_prefer_html() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
        for (accept, expected) in [
            (browser, true),
            ("text/html", true),
            ("text/html, */*", true),
            ("TEXT/HTML;q=0.5, application/json;q=0.4", true),
            ("application/json;q=0.4, text/*", true),
            ("", false),
            ("*/*", false),
            ("*/*, text/html;q=0.9", false),
            ("application/json, text/html", false),
            ("text/html;q=0.4, application/problem+json;q=0.5", false),
            ("text/html;q=0", false),
            ("text/html;q=0, */*;q=0.1", false),
            ("text/html;q=2, */*;q=0.1", false),
            ("image/png", false),
            ("text html", false),
        ] {
            assert_eq!(prefers_html(&headers(&[accept])), expected, "{accept:?}");
        }
        assert!(!prefers_html(&HeaderMap::new()));
    }

    #[test]
    fn the_most_exact_range_decides() {
        for (accept, expected) in [
            (&["application/problem+json;q=0.1, application/json"][..], true),
            (&["application/problem+json;q=0.1", "application/json"], true),
            (&["application/json, text/plain, */*"], true),
            (&["application/*;q=0.9, application/json"], true),
            (&["application/json ; q=0.2 , application/problem+json;q=0"], true),
            (&["application/*;q=0.2, application/problem+json;q=0.1"], true),
            (&["application/json;q=0.5, application/problem+json;q=0.6"], false),
            (&["application/json, application/problem+json"], false),
            (&["application/json;q=0, */*"], false),
            (&["application/json;q=0"], false),
            (&["*/*"], false),
            (&["text/html"], false),
            (&[], false),
        ] {
            assert_eq!(prefers_plain_json(&headers(accept)), expected, "{accept:?}");
        }
    }

    proptest! {
        #[test]
        fn the_order_of_ranges_means_nothing(q in 0..=1000_u16, p in 0..=1000_u16) {
            let (json, problem) = (f32::from(q) / 1000.0, f32::from(p) / 1000.0);
            let ranges = [
                format!("application/json;q={json}"),
                format!("application/problem+json;q={problem}"),
            ];
            let expected = json > problem;
            let [first, second] = ranges.each_ref().map(String::as_str);
            prop_assert_eq!(prefers_plain_json(&headers(&[first, second])), expected);
            prop_assert_eq!(prefers_plain_json(&headers(&[second, first])), expected);
        }

        #[test]
        fn any_text_is_read(accept in "[ -~]{0,80}") {
            prefers_plain_json(&headers(&[&accept]));
            prefers_html(&headers(&[&accept]));
        }
    }
}
