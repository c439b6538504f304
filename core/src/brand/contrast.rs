//! Colours, and how well one can be read on another.

use std::fmt;

use serde::{Serialize, Serializer};

/// A colour in sRGB.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Colour([u8; 3]);

impl Colour {
    /// The contrast that text needs (WCAG 2.2, success criterion 1.4.3).
    pub const NEEDED: f64 = 4.5;

    /// A colour by its parts.
    pub(super) const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self([red, green, blue])
    }

    /// Reads `#rrggbb`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
        is_hex.then_some(Self([red, green, blue]))
    }

    /// The relative luminance (WCAG 2.2), from 0 for black to 1 for white.
    fn luminance(self) -> f64 {
        let linear = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    /// The contrast ratio of two colours (WCAG 2.2), from 1 to 21.
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// This colour with a share of another, in percent.
    pub(super) fn mixed(self, percent: u16, other: Self) -> Self {
        let mix = |own: u8, other: u8| {
            let sum = u16::from(own) * (100 - percent) + u16::from(other) * percent;
            u8::try_from((sum + 50) / 100).unwrap_or(u8::MAX)
        };
        let ([a, b, c], [x, y, z]) = (self.0, other.0);
        Self([mix(a, x), mix(b, y), mix(c, z)])
    }
}

/// As CSS writes it.
impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Serialize for Colour {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Debug for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn colour(text: &str) -> Colour {
        Colour::parse(text).unwrap()
    }

    /// Ratios as WebAIM's and the W3C's tools give them.
    #[test]
    fn contrast_is_that_of_the_standard() {
        for (one, other, ratio) in [
            ("#000000", "#ffffff", 21.0),
            ("#777777", "#ffffff", 4.48),
            ("#767676", "#ffffff", 4.54),
            ("#0000ff", "#ffffff", 8.59),
            ("#ff0000", "#ffffff", 4.00),
            ("#008000", "#ffffff", 5.14),
            ("#ffff00", "#ffffff", 1.07),
            ("#123456", "#123456", 1.0),
        ] {
            let found = colour(one).contrast(colour(other));
            assert!((found - ratio).abs() < 0.006, "{one} on {other}: {found}");
        }
    }

    #[test]
    fn colour_has_six_digits() {
        assert_eq!(colour("#0E5a57").to_string(), "#0e5a57");
        for odd in ["", "#fff", "0e5a57", "#0e5a5g", "#+e5a57", "#0e5a5744", "teal", "#é5a57"] {
            assert_eq!(Colour::parse(odd), None, "{odd}");
        }
    }

    proptest! {
        #[test]
        fn contrast_is_symmetric_and_between_1_and_21(one: [u8; 3], other: [u8; 3]) {
            let (one, other) = (Colour(one), Colour(other));
            let contrast = one.contrast(other);
            prop_assert_eq!(contrast, other.contrast(one));
            prop_assert!((1.0..=21.0 + 1e-9).contains(&contrast));
            prop_assert_eq!(colour(&one.to_string()), one);
        }

        #[test]
        fn mixture_lies_between_its_colours(one: [u8; 3], other: [u8; 3], percent in 0..=100_u16) {
            let mixed = Colour(one).mixed(percent, Colour(other));
            for n in 0..3 {
                let (low, high) = (one[n].min(other[n]), one[n].max(other[n]));
                prop_assert!((low..=high).contains(&mixed.0[n]));
            }
        }
    }
}
