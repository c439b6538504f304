//! Tokens as mail programs damage them and as attackers forge them.

/// Altered copies of a token, which must not be accepted.
pub(crate) fn altered(token: &str) -> Vec<String> {
    let first = token.as_bytes()[0];
    let encoded = format!("%{first:02X}{}", &token[1..]);
    let recased = token.chars().map(|c| match c.is_ascii_lowercase() {
        true => c.to_ascii_uppercase(),
        false => c.to_ascii_lowercase(),
    });
    let last = if token.ends_with('A') { 'B' } else { 'A' };
    let zero = if token.starts_with('A') { 'B' } else { 'A' };
    vec![
        String::new(),
        token[..token.len() - 1].to_owned(),
        token[1..].to_owned(),
        format!("{}{last}", &token[..token.len() - 1]),
        format!("{zero}{}", &token[1..]),
        format!("{token}="),
        format!("{token}=="),
        format!("{token}A"),
        format!(" {token}"),
        format!("{token}\n"),
        format!("{token}\u{0}"),
        format!("#{token}"),
        token.to_uppercase(),
        token.to_lowercase(),
        recased.collect(),
        encoded.replace('%', "%25"),
        encoded,
        token.repeat(2),
        token.chars().rev().collect(),
    ]
}
