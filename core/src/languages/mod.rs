//! Languages: which are shipped, which of them a reader gets, and what messages say in them.
//!
//! A folder of `core/locales` is a language. It holds message files in Fluent's syntax
//! (<https://projectfluent.org>), which `build.rs` embeds.

mod bundle;
mod locale;
mod tag;
mod times;

pub use bundle::{Arguments, Language, Languages};
pub use locale::Locale;
pub use tag::LanguageTag;

/// The message files of every language by tag, each with its name and text.
static FILES: &[(&str, &[(&str, &str)])] = include!(concat!(env!("OUT_DIR"), "/locales.rs"));

#[cfg(test)]
mod tests;
