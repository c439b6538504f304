//! Message files as trees, so that a brand can replace a part of a message and keep the others.

use std::collections::BTreeMap;

use fluent_syntax::{
    ast::{Entry, Message, Pattern, Resource},
    parser, serializer,
};

/// The message files of one language of a brand.
#[derive(Debug)]
pub struct MessageFolder {
    /// Its name: the tag of the language.
    pub tag: String,
    /// The files.
    pub files: Vec<MessageFile>,
}

/// A message file of a brand.
#[derive(Debug)]
pub struct MessageFile {
    /// Its path, as mistakes name it.
    pub path: String,
    /// Its contents.
    pub text: String,
}

impl MessageFile {
    /// What can be read of it.
    pub(super) fn parse(&self) -> Resource<&str> {
        parser::parse_runtime(self.text.as_str()).unwrap_or_else(|(resource, _)| resource)
    }

    /// The line of a part of its text.
    pub(super) fn line_of(&self, part: &str) -> usize {
        line_at(&self.text, part.as_ptr().addr().saturating_sub(self.text.as_ptr().addr()))
    }
}

/// The line of a byte of a text.
pub(super) fn line_at(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

/// The messages of a language by name.
#[derive(Default)]
pub(super) struct Messages<'a>(BTreeMap<&'a str, Message<&'a str>>);

impl<'a> Messages<'a> {
    /// The messages of shipped files.
    pub(super) fn shipped(files: &[(&str, &'a str)]) -> Self {
        let mut messages = Self::default();
        for (_, text) in files {
            messages.add(parser::parse_runtime(*text).unwrap_or_else(|(resource, _)| resource));
        }
        messages
    }

    /// Adds messages. Their texts and attributes replace those of the same name.
    pub(super) fn add(&mut self, resource: Resource<&'a str>) {
        for entry in resource.body {
            let Entry::Message(message) = entry else { continue };
            let Some(known) = self.0.get_mut(message.id.name) else {
                self.0.insert(message.id.name, message);
                continue;
            };
            if message.value.is_some() {
                known.value = message.value;
            }
            for attribute in message.attributes {
                known.attributes.retain(|one| one.id.name != attribute.id.name);
                known.attributes.push(attribute);
            }
        }
    }

    /// The text of a file with all of them.
    pub(super) fn text(&self) -> String {
        let body = self.0.values().cloned().map(Entry::Message).collect();
        serializer::serialize(&Resource { body })
    }

    /// The names of all texts: messages, and attributes as `message.attribute`.
    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        self.0.values().flat_map(|message| parts(message).map(|(name, _, _)| name))
    }

    /// What a message or an attribute says.
    pub(super) fn pattern(&self, name: &str) -> Option<&Pattern<&'a str>> {
        let (id, attribute) = name.split_once('.').map_or((name, None), |(a, b)| (a, Some(b)));
        let message = self.0.get(id)?;
        match attribute {
            None => message.value.as_ref(),
            Some(attribute) => {
                let found = message.attributes.iter().find(|one| one.id.name == attribute);
                found.map(|attribute| &attribute.value)
            }
        }
    }
}

/// The texts of a message: the name of each, where it is written, and what it says.
pub(super) fn parts<'m, 'a>(
    message: &'m Message<&'a str>,
) -> impl Iterator<Item = (String, &'a str, &'m Pattern<&'a str>)> {
    let id = message.id.name;
    let value = message.value.as_ref().map(|value| (id.to_owned(), id, value));
    let attribute = move |one: &'m fluent_syntax::ast::Attribute<&'a str>| {
        (format!("{id}.{}", one.id.name), one.id.name, &one.value)
    };
    value.into_iter().chain(message.attributes.iter().map(attribute))
}

#[cfg(test)]
mod tests {
    use super::{super::FILES, *};

    fn add<'a>(messages: &mut Messages<'a>, text: &'a str) {
        messages.add(parser::parse_runtime(text).unwrap());
    }

    #[test]
    fn parts_are_replaced_and_the_others_kept() {
        let mut messages = Messages::default();
        add(&mut messages, "a = one\n .x = two\n .y = three\nb = four\n");
        add(&mut messages, "a =\n .y = drei\n .z = vier\nb = vier\nc = fünf\n");

        assert_eq!(
            messages.text(),
            "a = one\n    .x = two\n    .y = drei\n    .z = vier\nb = vier\nc = fünf\n"
        );
        let names: Vec<_> = messages.names().collect();
        assert_eq!(names, ["a", "a.x", "a.y", "a.z", "b", "c"]);
        assert!(messages.pattern("a.z").is_some() && messages.pattern("b.x").is_none());
    }

    #[test]
    fn every_shipped_message_stays_the_same_when_it_is_written_again() {
        for (tag, files) in FILES {
            let messages = Messages::shipped(files);
            let text = messages.text();
            let mut again = Messages::default();
            add(&mut again, &text);
            assert_eq!(again.0.len(), messages.0.len(), "{tag}");
            for name in messages.names() {
                assert_eq!(again.pattern(&name), messages.pattern(&name), "{tag}: {name}");
            }
        }
    }
}
