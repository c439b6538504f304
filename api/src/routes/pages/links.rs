//! Links that were changed on their way: by mail gateways, which encode the `#` or add a slash, by
//! mail programs, which take the punctuation after a link for a part of it, and by people, who copy
//! too much.

use keyward_core::domain::{LinkToken, Purpose};
use percent_encoding::percent_decode_str;

/// What may stand before the fragment, or after the token.
const PUNCTUATION: [char; 16] =
    ['.', ',', ';', ':', '!', '?', '/', '\\', ')', ']', '>', '»', '"', '\'', '’', '”'];
/// What may stand before a token.
const OPENING: [char; 7] = ['<', '(', '[', '"', '\'', '«', '“'];
/// A `#`, encoded up to three times.
const SEPARATORS: [&str; 4] = ["#", "%23", "%2523", "%252523"];
/// A blank, as text and encoded.
const BLANKS: [&str; 3] = ["=20", "%20", "%C2%A0"];

/// Where a path leads that was the link of a page before a gateway changed it. Nothing but the page
/// and the token is taken over.
pub(super) fn original(path: &str) -> Option<String> {
    let decoded = decoded(path)?;
    let page = Purpose::ALL.iter().map(|purpose| purpose.page()).find(|page| {
        decoded.get(..page.len()).is_some_and(|start| start.eq_ignore_ascii_case(page))
    })?;
    let rest = &decoded[page.len()..];
    let (before, after) = rest.split_once('#').unwrap_or((rest, ""));
    let is_page = before.chars().all(|c| c.is_whitespace() || PUNCTUATION.contains(&c));
    if path == page || !is_page {
        return None;
    }
    let token = token_after(after).filter(|token| !token.is_empty());
    Some(token.map_or_else(|| page.to_owned(), |token| format!("{page}#{token}")))
}

/// The token in a text: a token, or a link that contains one. A text that is neither stays as it is.
pub(super) fn token_in(text: &str) -> String {
    let text = text.trim().trim_start_matches(OPENING);
    let ends = SEPARATORS.iter().filter_map(|one| text.rfind(one).map(|at| at + one.len()));
    let after = ends.max().map_or(text, |end| &text[end..]);
    token_after(after).unwrap_or_else(|| after.to_owned())
}

/// The token that a text begins with; `None` if something else follows it.
fn token_after(text: &str) -> Option<String> {
    let (token, rest) = split(text);
    if token.len() >= LinkToken::LEN || rest.is_empty() {
        return is_end(rest).then(|| token.to_owned());
    }
    // A blank within a token is where a mail program has broken the line.
    let joined = BLANKS.iter().fold(text.to_owned(), |text, blank| text.replace(blank, " "));
    let joined: String = joined.split_whitespace().collect();
    let (token, rest) = split(&joined);
    is_end(rest).then(|| token.to_owned())
}

/// Splits a text after the characters of a token.
fn split(text: &str) -> (&str, &str) {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    text.split_at(text.find(|c| !is_plain(c)).unwrap_or(text.len()))
}

/// Whether a text can follow a token: nothing, punctuation, a parameter or a blank.
fn is_end(text: &str) -> bool {
    let starts = |c: char| c.is_whitespace() || c == '%' || c == '&' || PUNCTUATION.contains(&c);
    text.is_empty() || text.starts_with(starts) || text.starts_with("=20")
}

/// Decodes a path that was encoded up to three times.
fn decoded(path: &str) -> Option<String> {
    let mut text = path.to_owned();
    for _ in 0..SEPARATORS.len() - 1 {
        text = percent_decode_str(&text).decode_utf8().ok()?.into_owned();
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TOKEN: &str = "AZtqVz1fcYqu0mC8kqkz5Jx3mB1S2W9zq4yK7g_-0nQh6rPvT8dXwLoJbMeUaIf1";

    #[test]
    fn changed_path_leads_to_the_page_with_its_token() {
        let whole = format!("/verify-email#{TOKEN}");
        for path in [
            format!("/verify-email%23{TOKEN}"),
            format!("/verify-email%2523{TOKEN}"),
            format!("/verify-email%252523{TOKEN}"),
            format!("/verify-email/%23{TOKEN}"),
            format!("/verify-email%2F%23{TOKEN}."),
            format!("/Verify-Email%23{TOKEN}%3E"),
            format!("/verify%2Demail%23{TOKEN}%20"),
            format!("/verify-email%23{TOKEN}=20"),
            format!("/verify-email%23{TOKEN}&data=05"),
            format!("/verify-email%23{}%20{}", &TOKEN[..20], &TOKEN[20..]),
        ] {
            assert_eq!(original(&path).as_deref(), Some(&*whole), "{path}");
        }
    }

    #[test]
    fn path_without_a_token_leads_to_the_page() {
        for path in [
            "/reset-password/",
            "/RESET-PASSWORD",
            "/reset-password.",
            "/reset-password%3E",
            "/reset-password%23",
            "/reset-password%23%3Cscript%3E",
            "/reset-password%20",
        ] {
            assert_eq!(original(path).as_deref(), Some("/reset-password"), "{path}");
        }
    }

    #[test]
    fn other_paths_lead_nowhere() {
        for page in Purpose::ALL.iter().map(|purpose| purpose.page()) {
            assert_eq!(original(page), None, "{page}");
        }
        for path in [
            "/",
            "//verify-email",
            "/verify-emails",
            "/verify-email/https://evil.example",
            "/verify-email/..//evil.example",
            "/v1/users",
            "/verify-email%FF",
            "/verify-emailé",
        ] {
            assert_eq!(original(path), None, "{path}");
        }
    }

    #[test]
    fn token_is_found_in_what_people_paste() {
        let link = format!("https://id.example/reset-password#{TOKEN}");
        for text in [
            TOKEN.to_owned(),
            format!(" {TOKEN}\n"),
            link.clone(),
            format!("<{link}>."),
            format!("(\"{TOKEN}\")."),
            format!("{link}=20"),
            format!("{link} It is valid for 30 minutes."),
            format!("https://id.example/reset-password%2523{TOKEN}%29"),
            format!(
                "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fid.example\
                 %2Freset-password%23{TOKEN}&data=05%7C02%7Cada%40example.org"
            ),
            format!("{} {}", &TOKEN[..40], &TOKEN[40..]),
            format!("{}=20{}\u{a0}", &TOKEN[..40], &TOKEN[40..]),
        ] {
            assert_eq!(token_in(&text), TOKEN, "{text}");
        }
    }

    #[test]
    fn other_texts_stay_as_they_are() {
        for text in [format!("{TOKEN}="), format!("{TOKEN}é"), "a<b>".into()] {
            assert_eq!(token_in(&text), text);
        }
        assert_eq!(token_in(&format!("{TOKEN}A")), format!("{TOKEN}A"), "is not shortened");
        assert_eq!(token_in(" WDJB-MJHT "), "WDJB-MJHT");
        assert_eq!(token_in(""), "");
    }

    proptest! {
        #[test]
        fn a_redirect_leads_to_a_page_and_carries_nothing_but_a_token(path in "/(verify-email|undo-email)?(%23|%25|[/.#%>=])?\\PC{0,80}") {
            if let Some(location) = original(&path) {
                let (page, token) = location.split_once('#').unwrap_or((&location, ""));
                prop_assert!(Purpose::ALL.iter().any(|purpose| purpose.page() == page));
                prop_assert_eq!(split(token), (token, ""));
            }
        }

        #[test]
        fn punctuation_around_a_token_is_ignored(end in "[.,;:!?/)\\]> ]{0,3}", at in 0_usize..4) {
            let text = format!("https://id.example/verify-email{}{TOKEN}{end}", SEPARATORS[at]);
            prop_assert_eq!(token_in(&text), TOKEN);
        }
    }
}
