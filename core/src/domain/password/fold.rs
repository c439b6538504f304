//! What different spellings of a password have in common.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// A text, symbol by symbol: lower case, without accents, wide and narrow forms alike.
pub(super) struct Symbols {
    /// As typed, but for that. What keyboards and sequences are looked for in.
    pub(super) plain: Vec<char>,
    /// Every symbol replaced by the one for its class: what people write for each other (`1`, `!`,
    /// `l` for `i`) is one class. What words are looked for in.
    pub(super) folded: Vec<char>,
}

impl Symbols {
    pub(super) fn of(text: &str) -> Self {
        let plain: Vec<char> = text
            .nfkd()
            .filter(|c| !is_combining_mark(*c))
            .flat_map(char::to_lowercase)
            .take(super::Password::MAX_CHARS * 4)
            .collect();
        Self { folded: plain.iter().map(|c| class(*c)).collect(), plain }
    }

    /// The same without what is neither letter nor digit, and how many different ones there were.
    pub(super) fn without_separators(&self) -> (Self, usize) {
        let (kept, separators): (Vec<_>, Vec<_>) =
            self.plain.iter().zip(&self.folded).partition(|(plain, _)| plain.is_alphanumeric());
        let (plain, folded) = kept.into_iter().unzip();
        let different: std::collections::HashSet<_> = separators.into_iter().collect();
        (Self { plain, folded }, different.len())
    }

    pub(super) fn folded(&self) -> String {
        self.folded.iter().collect()
    }
}

fn class(symbol: char) -> char {
    match symbol {
        '@' | '4' => 'a',
        '8' => 'b',
        '3' | '€' => 'e',
        '9' => 'g',
        '1' | '!' | '|' | 'l' => 'i',
        '0' => 'o',
        '5' | '$' => 's',
        '7' | '+' => 't',
        '2' => 'z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        Symbols::of(text).folded()
    }

    #[test]
    fn case_accents_width_and_usual_substitutions_make_no_difference() {
        for spelling in ["P4$$w0rd", "p\u{e4}ssw\u{f6}rd", "\u{ff30}assword", "PA55WORD"] {
            assert_eq!(folded(spelling), "password", "{spelling}");
        }
        assert_eq!(folded("l1l!"), folded("liii"));
    }

    #[test]
    fn separators_can_be_left_out_and_are_counted() {
        let (symbols, different) = Symbols::of("pass-word_1-2").without_separators();
        assert_eq!((symbols.folded(), different), ("passwordiz".into(), 2));
    }
}
