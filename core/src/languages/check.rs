//! What the message files of a brand can get wrong.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement},
    parser,
};

use super::messages::{MessageFolder, Messages, line_at, parts};

/// Variables that every message of an email or a page has, besides those of the English one, by the start
/// of its name.
const OF_EVERY: [(&str, &str); 3] = [("mail-", "product"), ("mail-", "at"), ("page-", "product")];

/// Compares the files with the English messages: every name and every variable must exist there. Mistakes
/// have a file and a line.
pub(super) fn check(folder: &MessageFolder, english: &Messages<'_>, mistakes: &mut Vec<String>) {
    let mut written = BTreeMap::new();
    for file in &folder.files {
        let mut mistake = |line: usize, what: String| {
            mistakes.push(format!("{} line {line}: {what}", file.path));
        };
        if let Err((_, errors)) = parser::parse_runtime(file.text.as_str()) {
            for error in errors {
                mistake(line_at(&file.text, error.pos.start), error.to_string());
            }
        }
        for entry in file.parse().body {
            let message = match entry {
                Entry::Message(message) => message,
                Entry::Term(term) => {
                    let what = format!("-{} is a term, which is not supported", term.id.name);
                    mistake(file.line_of(term.id.name), what);
                    continue;
                }
                _ => continue,
            };
            for (name, at, pattern) in parts(&message) {
                let line = file.line_of(at);
                let place = format!("{} line {line}", file.path);
                if let Some(first) = written.insert(name.clone(), place) {
                    mistake(line, format!("{name} is in {first}, too"));
                }
                match english.pattern(&name) {
                    Some(shipped) => {
                        for (at, what) in flaws(&name, pattern, shipped, english) {
                            mistake(file.line_of(at), what);
                        }
                    }
                    None => mistake(line, unknown(&name, english)),
                }
            }
        }
    }
}

/// Parts of a text that cannot be used, and why.
fn flaws<'a>(
    name: &str,
    pattern: &Pattern<&'a str>,
    shipped: &Pattern<&str>,
    english: &Messages<'_>,
) -> Vec<(&'a str, String)> {
    let variables = variables(name, shipped);
    let mut flaws = Vec::new();
    visit(pattern, &mut |used| match used {
        Used::Variable(variable) if !variables.contains(variable) => {
            let known: Vec<_> = variables.iter().map(|name| format!("${name}")).collect();
            let known = match known.as_slice() {
                [] => "no variables".to_owned(),
                known => known.join(", "),
            };
            flaws.push((variable, format!("{name} cannot use ${variable}; it has {known}")));
        }
        Used::Message(id) if english.pattern(id).is_none() => {
            flaws.push((id, unknown(id, english)));
        }
        Used::Other(id) => flaws.push((id, format!("{name} uses {id}, which is not supported"))),
        Used::Variable(_) | Used::Message(_) => {}
    });
    flaws
}

/// The variables that a text can use: those of the English one, and those of every email or page.
fn variables<'a>(name: &str, shipped: &Pattern<&'a str>) -> BTreeSet<&'a str> {
    let mut variables = BTreeSet::new();
    visit(shipped, &mut |used| {
        if let Used::Variable(variable) = used {
            variables.insert(variable);
        }
    });
    let of_every = OF_EVERY.iter().filter(|(start, _)| name.starts_with(start));
    variables.extend(of_every.map(|(_, variable)| *variable));
    variables
}

fn unknown(name: &str, english: &Messages<'_>) -> String {
    let distance = |known: &String| strsim::damerau_levenshtein(name, known);
    let nearest = english.names().min_by_key(distance).filter(|known| distance(known) <= 3);
    let meant = nearest.map(|known| format!("; did you mean {known}?")).unwrap_or_default();
    format!("there is no message {name}{meant}")
}

/// What a text refers to, by the place where it is written.
enum Used<'a> {
    Variable(&'a str),
    Message(&'a str),
    Other(&'a str),
}

fn visit<'a>(pattern: &Pattern<&'a str>, found: &mut impl FnMut(Used<'a>)) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            visit_expression(expression, found);
        }
    }
}

fn visit_expression<'a>(expression: &Expression<&'a str>, found: &mut impl FnMut(Used<'a>)) {
    match expression {
        Expression::Inline(inline) => visit_inline(inline, found),
        Expression::Select { selector, variants } => {
            visit_inline(selector, found);
            for variant in variants {
                visit(&variant.value, found);
            }
        }
    }
}

fn visit_inline<'a>(inline: &InlineExpression<&'a str>, found: &mut impl FnMut(Used<'a>)) {
    match inline {
        InlineExpression::VariableReference { id } => found(Used::Variable(id.name)),
        InlineExpression::MessageReference { id, attribute: None } => {
            found(Used::Message(id.name));
        }
        InlineExpression::MessageReference { id, .. }
        | InlineExpression::TermReference { id, .. }
        | InlineExpression::FunctionReference { id, .. } => found(Used::Other(id.name)),
        InlineExpression::Placeable { expression } => visit_expression(expression, found),
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{super::MessageFile, *};

    const ENGLISH: &str = "mail-a = { $n }\n .b = { day }, { $m }\nday = { $day }\nplain = x\n";

    fn mistakes(text: &str) -> Vec<String> {
        let english = Messages::shipped(&[("en.ftl", ENGLISH)]);
        let file = MessageFile { path: "nl.ftl".into(), text: text.into() };
        let folder = MessageFolder { tag: "nl".into(), files: vec![file] };
        let mut mistakes = Vec::new();
        check(&folder, &english, &mut mistakes);
        mistakes
    }

    #[test]
    fn texts_may_use_what_the_english_ones_have() {
        let text = "### x\nmail-a = { $product } { $n ->\n [one] a { $at }\n *[other] { \"b\" } { 1 }\n }\n\
                    # y\nday = { $day }\nplain = { day }\n";
        assert_eq!(mistakes(text), [""; 0]);
        assert_eq!(mistakes("mail-a =\n .b = only this part\n"), [""; 0]);
    }

    #[test]
    fn every_mistake_has_its_line() {
        for (text, expected) in [
            ("day = a\n\nmail-a = { $\n", "nl.ftl line 3: Expected one of \"a-zA-Z\""),
            ("\ndays = a\n", "nl.ftl line 2: there is no message days; did you mean day?"),
            ("something-else = a\n", "nl.ftl line 1: there is no message something-else"),
            (
                "mail-a =\n    .b = x\n    .c = y\n",
                "nl.ftl line 3: there is no message mail-a.c; did you mean mail-a.b?",
            ),
            (
                "mail-a =\n    One { $n }\n    two { $x }\n",
                "nl.ftl line 3: mail-a cannot use $x; it has $at, $n, $product",
            ),
            (
                "plain = { $day ->\n [one] a\n*[other] b\n }\n",
                "nl.ftl line 1: plain cannot use $day; it has no variables",
            ),
            ("day = { weekday }\n", "nl.ftl line 1: there is no message weekday"),
            ("day = a\nday = b\n", "nl.ftl line 2: day is in nl.ftl line 1, too"),
            ("-term = a\n", "nl.ftl line 1: -term is a term, which is not supported"),
            (
                "day = a\n  { NUMBER($day) }\n",
                "nl.ftl line 2: day uses NUMBER, which is not supported",
            ),
            ("day = { mail-a.b }\n", "nl.ftl line 1: day uses mail-a, which is not supported"),
        ] {
            assert_eq!(mistakes(text), [expected], "{text}");
        }
        assert_eq!(mistakes("a1 = { $x }\nb2\nday = { $y }\n").len(), 3, "all of them");
    }
}
