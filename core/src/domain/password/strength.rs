//! How many guesses a password resists, estimated with zxcvbn (Wheeler, "zxcvbn: Low-Budget Password
//! Strength Estimation", USENIX Security 2016).
//!
//! zxcvbn is given letters and digits only, and at most [`MAX_SCORED`] of them. Symbols would cost it
//! up to seconds: it tries every combination of their look-alikes (`@` for `a`). So a password is scored
//! twice, without its symbols and with symbols replaced by the letters they resemble.

use std::collections::HashSet;

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};
use zxcvbn::{Match, matching::patterns::MatchPattern, zxcvbn};

use crate::error::Flaw;

/// Fewer guesses are too few. zxcvbn counts 10⁸ guesses (its score 3, safe with slow hashes) for any
/// three words, however common; these 20 % more mean that the words must be worth something.
const MIN_GUESSES_LOG10: f64 = 8.08;
/// Letters and digits that are scored. Scoring 48 takes 0.3 ms for a passphrase and at most 15 ms.
const MAX_SCORED: usize = 48;
/// Kinds of symbols that are free to guess: one between words and one at the end. Each further kind
/// multiplies the guesses by ten.
const FREE_SYMBOLS: usize = 2;
/// Shorter parts of the owner's address and name are in too many words.
const MIN_OWN_WORD: usize = 3;

/// Refuses a password that resists too few guesses. `own` holds the owner's and the product's names.
///
/// # Errors
///
/// `too_common` if it is built from common words or passwords, `too_guessable` if it is built from the
/// owner's words or from a pattern.
pub(super) fn check<'a>(text: &str, own: impl Iterator<Item = &'a str>) -> Result<(), Flaw> {
    let text = fold(text);
    let own = own_words(own);
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let mut candidates = vec![words(&text), words(&replace_symbols(&text))];
    candidates.dedup();
    if candidates[0].0.is_empty() {
        // Symbols only. Few of them are look-alikes, so these are cheap.
        candidates = vec![(text.chars().take(MAX_SCORED).collect(), 0)];
    }
    for (words, symbols) in candidates {
        let entropy = zxcvbn(&words, &own);
        let extra = symbols.saturating_sub(FREE_SYMBOLS) as f64;
        if entropy.guesses_log10() + extra < MIN_GUESSES_LOG10 {
            let found = dictionary_words(entropy.sequence());
            let is_common = !found.is_empty() && !found.iter().any(|word| own.contains(word));
            return Err(if is_common { too_common() } else { too_guessable() });
        }
    }
    Ok(())
}

pub(super) fn too_common() -> Flaw {
    let detail = "this password is built from common passwords or words; \
                  use four or more unrelated words";
    Flaw::new("too_common", detail)
}

fn too_guessable() -> Flaw {
    let detail = "this password is built from your name, your address or a repeated pattern";
    Flaw::new("too_guessable", detail)
}

/// Lower case, without accents, wide forms made narrow.
pub(super) fn fold(text: &str) -> String {
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

/// The letters and digits of a text, and the number of different symbols between them.
fn words(text: &str) -> (String, usize) {
    let (words, symbols): (Vec<char>, Vec<char>) = text.chars().partition(|c| c.is_alphanumeric());
    let symbols: HashSet<char> = symbols.into_iter().collect();
    (words.into_iter().take(MAX_SCORED).collect(), symbols.len())
}

fn replace_symbols(text: &str) -> String {
    let letter = |c| match c {
        '@' => 'a',
        '(' => 'c',
        '€' => 'e',
        '!' | '|' => 'i',
        '$' => 's',
        '+' => 't',
        other => other,
    };
    text.chars().map(letter).collect()
}

/// The owner's words, whole and in parts.
fn own_words<'a>(own: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut found = Vec::new();
    for text in own.map(fold) {
        found.push(words(&text).0);
        found.extend(text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned));
    }
    found.retain(|word| word.chars().count() >= MIN_OWN_WORD);
    found
}

/// The dictionary words of a sequence, those of repeated parts included.
fn dictionary_words(sequence: &[Match]) -> Vec<&str> {
    let mut found = Vec::new();
    for part in sequence {
        match &part.pattern {
            MatchPattern::Dictionary(word) if word.matched_word.len() >= MIN_OWN_WORD => {
                found.push(&*word.matched_word);
            }
            MatchPattern::Repeat(repeat) => found.extend(dictionary_words(&repeat.base_matches)),
            _ => {}
        }
    }
    found
}
