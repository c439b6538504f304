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

/// Refuses a text because of one of its characters. `why` continues "which ...".
pub(in crate::domain) fn forbid(c: char, why: &str) -> Flaw {
    let script = match get(c) {
        Script::Common | Script::Inherited | Script::Unknown => None,
        script => PropertyNamesLong::<Script>::new().get(script),
    };
    let script = script.map(|name| format!(" ({})", name.replace('_', " "))).unwrap_or_default();
    let detail = format!("contains U+{:04X}{script}, which {why}", u32::from(c));
    Flaw::new("forbidden_character", detail)
}
