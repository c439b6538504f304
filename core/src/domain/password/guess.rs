//! How soon an attacker who knows the usual tricks comes to a password.
//!
//! A password is put together from pieces: entries of a [`Blocklist`], words of its owner, rows of
//! a keyboard, sequences, repetitions, single characters. Each is worth as many bits as it takes to
//! say which one it is; the cheapest way to put the whole text together counts (Wheeler, "zxcvbn:
//! Low-Budget Password Strength Estimation", USENIX Security 2016, with coarser numbers). Costs
//! some ten thousand steps for the longest password: no input makes it slow.

use super::{blocklist::Blocklist, fold::Symbols};

/// One more letter, or another symbol of a writing system.
const LETTER: u32 = 5;
/// One more digit.
const DIGIT: u32 = 4;
/// One more of anything else.
const OTHER: u32 = 3;
/// A word of the owner or of the product.
const OWN_WORD: u32 = 3;
/// Neighbours on a keyboard or in a sequence, in either direction, or one key held down.
const RUN: u32 = 6;
/// Something that stood before.
const REPETITION: u32 = 4;
/// One of the up to [`MAX_TAIL`] digits or signs that people put behind a word.
const TAIL: u32 = 1;
const MAX_TAIL: usize = 4;

const MIN_RUN: usize = 3;
const MIN_REPETITION: usize = 4;

/// What fingers and minds run along, in either direction. The last rows are columns.
const PATHS: &[&str] = &[
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "yxcvbnm",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "!@#$%^&*()",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
];

/// How a password can be put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Guess {
    /// Two to the power of this is how many guesses it takes.
    pub(super) bits: u32,
    /// Whether an entry of a list is part of it.
    pub(super) is_listed: bool,
}

/// The cheapest guess at a text, with its separators or without them, whichever is cheaper.
pub(super) fn guess(text: &str, own_words: &[Symbols], lists: &[&Blocklist]) -> Guess {
    let symbols = Symbols::of(text);
    let as_typed = cheapest(&symbols, own_words, lists);
    let (bare, separators) = symbols.without_separators();
    let mut without = cheapest(&bare, own_words, lists);
    // One kind of separator is a habit; every other one has to be guessed.
    without.bits += OTHER * u32::try_from(separators.saturating_sub(1)).unwrap_or(u32::MAX / OTHER);
    as_typed.min(without)
}

fn cheapest(text: &Symbols, own_words: &[Symbols], lists: &[&Blocklist]) -> Guess {
    let n = text.plain.len();
    let mut best = vec![Guess { bits: u32::MAX / 2, is_listed: false }; n + 1];
    best[0].bits = 0;
    let repetitions = repetitions(&text.folded);
    for at in 0..n {
        let here = best[at];
        let mut piece = |length: usize, bits: u32, is_listed: bool| {
            let there = &mut best[at + length];
            let next = Guess { bits: here.bits + bits, is_listed: here.is_listed || is_listed };
            *there = (*there).min(next);
        };
        piece(1, single(text.plain[at]), false);
        for length in MIN_RUN..=run(&text.plain[at..]) {
            piece(length, RUN, false);
        }
        for length in MIN_REPETITION..=repetitions[at] {
            piece(length, REPETITION, false);
        }
        let own = own_words
            .iter()
            .filter(|word| text.folded[at..].starts_with(&word.folded))
            .map(|word| (word.folded.len(), OWN_WORD, false));
        let listed = lists.iter().flat_map(|list| {
            let lengths = list.beginnings(&text.folded[at..]);
            lengths.into_iter().map(|length| (length, list.bits, true))
        });
        for (length, bits, is_listed) in own.chain(listed) {
            let tail = tail(&text.plain[at + length..]);
            for (extra, bits) in (0..=tail).zip((bits..).step_by(TAIL as usize)) {
                piece(length + extra, bits, is_listed);
            }
        }
    }
    best[n]
}

fn single(symbol: char) -> u32 {
    match symbol {
        _ if symbol.is_numeric() => DIGIT,
        _ if symbol.is_alphabetic() => LETTER,
        _ => OTHER,
    }
}

fn tail(rest: &[char]) -> usize {
    rest.iter().take(MAX_TAIL).take_while(|symbol| !symbol.is_alphabetic()).count()
}

/// How long the run is with which a text begins.
fn run(text: &[char]) -> usize {
    let held = text.iter().take_while(|symbol| **symbol == text[0]).count();
    let along = |path: &mut dyn Iterator<Item = char>| {
        let mut path = path.skip_while(|step| *step != text[0]);
        text.iter().take_while(|symbol| path.next() == Some(**symbol)).count()
    };
    let longest =
        PATHS.iter().map(|path| along(&mut path.chars()).max(along(&mut path.chars().rev())));
    longest.max().unwrap_or_default().max(held)
}

/// For every place how long a stretch begins there that began at an earlier place, too.
fn repetitions(text: &[char]) -> Vec<usize> {
    let n = text.len();
    let mut longest = vec![0; n];
    for distance in 1..n {
        let mut length = 0;
        for at in (distance..n).rev() {
            length = if text[at] == text[at - distance] { length + 1 } else { 0 };
            longest[at] = longest[at].max(length);
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(text: &str) -> u32 {
        let own = [Symbols::of("lovelace")];
        guess(text, &own, &[&Blocklist::common()]).bits
    }

    #[test]
    fn pieces_are_worth_what_it_takes_to_say_which() {
        for (text, expected) in [
            ("", 0),
            ("xvq", 3 * LETTER),
            ("password", 15),
            ("Pa$$w0rd", 15),
            ("p-a-s-s-w-o-r-d", 15),
            ("strawberry6083", 15 + 4 * TAIL),
            ("passwordpassword", 15 + REPETITION),
            ("dragon strawberry", 15 + 15),
            ("lovelace", OWN_WORD),
            ("L0velace!!", OWN_WORD),
            ("aaaaaaaaaaaaaaa", RUN),
            ("wertzui", RUN),
            ("lkjhgfds", RUN),
            ("xvqkxvqkxvqk", 4 * LETTER + REPETITION),
        ] {
            assert_eq!(bits(text), expected, "{text}");
        }
    }

    #[test]
    fn repetitions_may_overlap() {
        assert_eq!(repetitions(&['a', 'b', 'a', 'b', 'a']), [0, 0, 3, 2, 1]);
    }
}
