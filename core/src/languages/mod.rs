//! Languages: which there are, which of them a reader gets, and what messages say in them.
//!
//! A folder of `core/locales` is a language. It holds message files in Fluent's syntax
//! (<https://projectfluent.org>), which `build.rs` embeds. The folders of a brand add languages, and
//! messages that replace the shipped ones.

mod bundle;
mod check;
mod locale;
mod messages;
mod tag;
mod times;

pub use bundle::{Arguments, Language, Languages};
pub use locale::{Locale, Locales};
pub use messages::{MessageFile, MessageFolder};
pub use tag::LanguageTag;

/// The message files of every language by tag, each with its name and text.
static FILES: &[(&str, &[(&str, &str)])] = include!(concat!(env!("OUT_DIR"), "/locales.rs"));

#[cfg(test)]
mod tests;
