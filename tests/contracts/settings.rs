use keyward_core::settings::Settings;

const EXAMPLE: &str = include_str!("../../.env.example");

/// The assignments: name and value without quotation marks.
fn example() -> Vec<(&'static str, &'static str)> {
    let lines = EXAMPLE.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let (name, value) = line.split_once('=').unwrap_or_else(|| panic!("{line:?}"));
            (name, value.trim_matches('"'))
        })
        .collect()
}

#[test]
fn the_example_lists_every_setting_with_its_default() {
    let variables = Settings::variables();
    let expected: Vec<(&str, &str)> = variables
        .iter()
        .map(|variable| match &variable.default {
            Some(default) => (variable.name, default.as_str()),
            None if variable.name.ends_with("_URL") => (variable.name, ""),
            None => (variable.name, "change-me"),
        })
        .collect();

    assert_eq!(example(), expected);
}

#[test]
fn the_unchanged_example_is_refused() {
    let get = |name: &str| {
        let (_, value) = example().into_iter().find(|(known, _)| *known == name)?;
        Some(value.to_owned())
    };

    let mistakes = Settings::from_env(get).unwrap_err().to_string();

    for variable in Settings::variables().iter().filter(|variable| variable.default.is_none()) {
        assert!(mistakes.contains(variable.name), "{} in {mistakes}", variable.name);
    }
    assert_eq!(mistakes.matches("placeholder").count(), 6, "{mistakes}");
}

#[test]
fn every_setting_has_a_comment() {
    let mut lines = EXAMPLE.lines();
    let mut explained = false;
    for line in lines.by_ref() {
        explained |= line.starts_with("# ") && !line.starts_with("# --");
        if line.is_empty() || line.starts_with("# --") {
            // The title of a section may be enough.
            explained = line.starts_with("# --");
        }
        if line.contains('=') && !line.starts_with('#') {
            assert!(explained, "{line} has no comment above it");
        }
    }
}
