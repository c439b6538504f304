//! The search language: words, `"several words"`, and `to:`, `from:`, `subject:`, `message-id:`
//! before either. A mail matches if all of them match, case-insensitively.

use super::mail::Mail;

/// Whether a mail matches a query; every mail matches the empty one.
pub(super) fn fits(query: &str, mail: &Mail) -> bool {
    terms(query).iter().all(|term| {
        let (field, words) = term.split_once(':').unwrap_or(("", term));
        let words = words.to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&words);
        let any = |texts: &[String]| texts.iter().any(|text| has(text));
        match field {
            "to" | "addressed" => any(&mail.envelope_to) || any(&mail.to),
            "from" => has(&mail.from),
            "subject" => has(&mail.subject),
            "message-id" => has(&mail.message_id),
            _ => {
                let words = term.to_lowercase();
                let texts = [&mail.subject, &mail.text, &mail.html, &mail.from];
                let people = mail.envelope_to.iter().chain(&mail.to);
                let mut all = texts.into_iter().chain(people);
                all.any(|text| text.to_lowercase().contains(&words))
            }
        }
    })
}

/// Splits at spaces outside quotation marks, and removes these.
fn terms(query: &str) -> Vec<String> {
    let mut terms = Vec::new();
    let mut term = String::new();
    let mut is_quoted = false;
    for letter in query.chars() {
        match letter {
            '"' => is_quoted = !is_quoted,
            blank if blank.is_whitespace() && !is_quoted => {
                terms.push(std::mem::take(&mut term));
            }
            letter => term.push(letter),
        }
    }
    terms.push(term);
    terms.retain(|term| !term.is_empty());
    terms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_finds_by_recipient_and_by_words_at_once() {
        let raw = b"To: Ada <ada@example.org>\r\nSubject: Please confirm\r\n\r\nyour address\r\n";
        let mail = Mail::parse(0, "1".into(), vec!["ada@example.org".into()], raw.to_vec());

        assert!(fits("to:ADA@example.org confirm", &mail));
        assert!(fits("\"your address\"", &mail));
        assert!(fits("subject:\"please confirm\"", &mail));
        assert!(fits("", &mail));
        assert!(!fits("to:bob@example.org confirm", &mail));
        assert!(!fits("\"address your\"", &mail));
    }
}
