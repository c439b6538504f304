//! Properties of characters, and how a refusal names a character.

use icu_properties::{
    CodePointMapData, CodePointSetData, PropertyNamesLong,
    props::{BinaryProperty, EnumeratedProperty, GeneralCategory, Script},
};

use crate::error::Flaw;

/// Whether a character has a binary property.
pub(in crate::domain) fn has<P: BinaryProperty>(c: char) -> bool {
    CodePointSetData::new::<P>().contains(c)
}

/// The value of a property of a character.
pub(super) fn get<P: EnumeratedProperty>(c: char) -> P {
    CodePointMapData::new().get(c)
}

/// The general category of a character.
pub(super) fn category(c: char) -> GeneralCategory {
    get(c)
}

/// What is odd about a character, as translations distinguish it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::domain) enum Oddity<'a> {
    /// A reader does not see it.
    Invisible,
    /// It looks like another one.
    LookAlike(&'a str),
    /// Something else.
    Other,
}

/// Refuses a text because of one of its characters. `why` continues "which ...".
pub(in crate::domain) fn forbid(c: char, oddity: Oddity<'_>, why: &str) -> Flaw {
    let script = match get(c) {
        Script::Common | Script::Inherited | Script::Unknown => None,
        script => PropertyNamesLong::<Script>::new().get(script),
    };
    let script = script.map(|name| format!(" ({})", name.replace('_', " "))).unwrap_or_default();
    let character = format!("U+{:04X}", u32::from(c));
    let detail = format!("contains {character}{script}, which {why}");
    let (kind, twin) = match oddity {
        Oddity::Invisible => ("invisible", ""),
        Oddity::LookAlike(twin) => ("look-alike", twin),
        Oddity::Other => ("other", ""),
    };
    let flaw = Flaw::new("forbidden_character", detail).with("character", character);
    flaw.with("why", kind).with("twin", twin)
}
