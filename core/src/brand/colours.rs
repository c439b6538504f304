//! The two colours of a brand, and those that follow from them.

use std::{collections::BTreeMap, path::Path};

use serde::Serialize;
use toml::{Spanned, Value};

use super::{contrast::Colour, files::text};

/// The colours of a brand: one for light backgrounds, one for dark ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Colours {
    /// On light backgrounds.
    pub light: Scheme,
    /// On dark backgrounds.
    pub dark: Scheme,
}

/// The colours of a colour scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Scheme {
    /// Buttons, links and marks.
    pub accent: Colour,
    /// The same under the pointer.
    pub strong: Colour,
    /// Text on buttons.
    pub on_accent: Colour,
    /// Backgrounds that stand out a little.
    pub tint: Colour,
}

/// Backgrounds of pages and emails, where buttons and links stand.
struct Grounds {
    page: Colour,
    card: Colour,
}

const LIGHT: Grounds =
    Grounds { page: Colour::new(0xf3, 0xf6, 0xf5), card: Colour::new(0xff, 0xff, 0xff) };
const DARK: Grounds =
    Grounds { page: Colour::new(0x11, 0x17, 0x16), card: Colour::new(0x1a, 0x22, 0x21) };

impl Colours {
    /// The shipped colours, as `palette.css` has them.
    pub const SHIPPED: Self = Self {
        light: Scheme {
            accent: Colour::new(0x0e, 0x5a, 0x57),
            strong: Colour::new(0x0a, 0x45, 0x43),
            on_accent: Colour::new(0xff, 0xff, 0xff),
            tint: Colour::new(0xe3, 0xef, 0xed),
        },
        dark: Scheme {
            accent: Colour::new(0x7f, 0xd6, 0xcb),
            strong: Colour::new(0xa4, 0xe6, 0xdd),
            on_accent: Colour::new(0x06, 0x21, 0x1f),
            tint: Colour::new(0x21, 0x30, 0x2e),
        },
    };

    /// Colours in which these two stand out.
    fn new(light: Colour, dark: Colour) -> Self {
        let (white, black) = (Colour::new(255, 255, 255), Colour::new(0, 0, 0));
        Self {
            light: Scheme {
                accent: light,
                strong: light.mixed(25, black),
                on_accent: white,
                tint: LIGHT.card.mixed(10, light),
            },
            dark: Scheme {
                accent: dark,
                strong: dark.mixed(30, white),
                on_accent: dark.mixed(88, black),
                tint: DARK.card.mixed(10, dark),
            },
        }
    }

    /// Reads `brand.toml`.
    pub(super) fn load(path: &Path, mistakes: &mut Vec<String>) -> Option<Self> {
        let text = text(path, mistakes)?;
        let before = mistakes.len();
        let mut mistake = |at: usize, what: String| {
            let line = 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
            mistakes.push(format!("{} line {line}: {what}", path.display()));
        };
        let mut rows: BTreeMap<Spanned<String>, Spanned<Value>> = match toml::from_str(&text) {
            Ok(rows) => rows,
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                mistake(at, error.message().trim().replace('\n', ", "));
                return None;
            }
        };
        let mut colour = |name: &str, grounds: &Grounds, scheme: &str| {
            let row = rows.iter().find(|(key, _)| key.get_ref() == name);
            let key = row.map(|(key, _)| key.clone());
            let Some((key, value)) = key.and_then(|key| rows.remove_entry(&key)) else {
                let what = format!("{name} is missing: a colour such as \"#0e5a57\"");
                mistake(text.len(), what);
                return None;
            };
            let found = value.get_ref().as_str().and_then(Colour::parse);
            match found {
                None => mistake(
                    value.span().start,
                    format!("{name} must be a colour such as \"#0e5a57\""),
                ),
                Some(colour) => {
                    if let Some(flaw) = unreadable(colour, grounds, scheme) {
                        mistake(key.span().start, format!("{name} {flaw}"));
                    }
                }
            }
            found
        };
        let light = colour("accent", &LIGHT, "light");
        let dark = colour("accent_dark", &DARK, "dark");
        for key in rows.keys() {
            let what = format!("{} is unknown; there are accent and accent_dark", key.get_ref());
            mistake(key.span().start, what);
        }
        let colours = Self::new(light?, dark?);
        (mistakes.len() == before).then_some(colours)
    }

    /// Style that replaces the shipped colours of `palette.css`.
    #[must_use]
    pub fn css(&self) -> String {
        let scheme = |Scheme { accent, strong, on_accent, tint }: Scheme| {
            format!(
                ":root {{ --accent: {accent}; --accent-strong: {strong}; --on-accent: {on_accent}; \
                 --tint: {tint}; }}"
            )
        };
        let (light, dark) = (scheme(self.light), scheme(self.dark));
        format!("{light}\n@media (prefers-color-scheme: dark) {{ {dark} }}\n")
    }
}

/// Why text in a colour cannot be read on these backgrounds. Text on a button has the colour of the
/// background, or one with more contrast.
fn unreadable(colour: Colour, grounds: &Grounds, scheme: &str) -> Option<String> {
    let contrast = |ground: &Colour| colour.contrast(*ground);
    let grounds = [grounds.page, grounds.card];
    let worst = grounds.into_iter().min_by(|a, b| contrast(a).total_cmp(&contrast(b)))?;
    let ratio = contrast(&worst);
    (ratio < Colour::NEEDED).then(|| {
        // Cut off, so that a ratio that is too low does not look like enough.
        let ratio = (ratio * 100.0).floor() / 100.0;
        format!(
            "{colour} has a contrast of {ratio:.2}:1 on the {scheme} background {worst}; buttons and links \
             need at least {}:1 (WCAG 2.2)",
            Colour::NEEDED
        )
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shipped_colours_are_those_of_the_pages() {
        let palette = include_str!("../../assets/palette.css");
        let (light, dark) = palette.split_once("@media").unwrap();
        for (css, scheme, grounds) in
            [(light, Colours::SHIPPED.light, LIGHT), (dark, Colours::SHIPPED.dark, DARK)]
        {
            for (name, colour) in [
                ("accent", scheme.accent),
                ("accent-strong", scheme.strong),
                ("on-accent", scheme.on_accent),
                ("tint", scheme.tint),
                ("ground", grounds.page),
                ("card", grounds.card),
            ] {
                let row = format!("--{name}: {colour};");
                assert!(css.contains(&row), "{row}");
            }
            assert_eq!(unreadable(scheme.accent, &grounds, ""), None);
        }
    }

    proptest! {
        /// Text on a button, under the pointer, and on a tint.
        #[test]
        fn colours_that_follow_can_be_read(light: [u8; 3], dark: [u8; 3]) {
            let [light, dark] = [light, dark].map(|[r, g, b]| Colour::new(r, g, b));
            let colours = Colours::new(light, dark);
            for (scheme, grounds) in [(colours.light, LIGHT), (colours.dark, DARK)] {
                if unreadable(scheme.accent, &grounds, "").is_some() {
                    continue;
                }
                for (one, other) in [
                    (scheme.on_accent, scheme.accent),
                    (scheme.on_accent, scheme.strong),
                    (scheme.strong, grounds.page),
                    (scheme.strong, grounds.card),
                    (scheme.strong, scheme.tint),
                ] {
                    let contrast = one.contrast(other);
                    prop_assert!(contrast >= Colour::NEEDED, "{one} on {other}: {contrast}");
                }
            }
        }
    }
}
