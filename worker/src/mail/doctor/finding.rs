//! What the doctor finds.

use std::fmt;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Severity {
    Ok,
    /// Nothing to do.
    Note,
    /// Emails arrive, but not everywhere or not for long.
    Warning,
    /// Emails or their bounces do not arrive.
    Error,
}

/// One line of the doctor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) severity: Severity,
    pub(super) topic: &'static str,
    text: String,
}

impl Finding {
    pub(super) fn new(severity: Severity, topic: &'static str, text: impl Into<String>) -> Self {
        Self { severity, topic, text: text.into() }
    }

    pub(super) fn ok(topic: &'static str, text: impl Into<String>) -> Self {
        Self::new(Severity::Ok, topic, text)
    }

    pub(super) fn note(topic: &'static str, text: impl Into<String>) -> Self {
        Self::new(Severity::Note, topic, text)
    }

    pub(super) fn warning(topic: &'static str, text: impl Into<String>) -> Self {
        Self::new(Severity::Warning, topic, text)
    }

    pub(super) fn error(topic: &'static str, text: impl Into<String>) -> Self {
        Self::new(Severity::Error, topic, text)
    }

    /// Adds the TXT record that cures it.
    #[must_use]
    pub(super) fn publish(mut self, name: &str, value: &str) -> Self {
        self.text = format!("{} Publish: {}", self.text, txt(name, value));
        self
    }
}

/// One line, with nothing that a terminal would interpret: DNS and relays say what they like.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Ok => "ok",
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let text = self.text.replace(char::is_control, " ");
        write!(f, "{severity:<8} {:<8} {text}", self.topic)
    }
}

/// A TXT record as it stands in a zone file: in strings of at most 255 bytes.
pub(super) fn txt(name: &str, value: &str) -> String {
    let strings = value.as_bytes().chunks(255).map(String::from_utf8_lossy);
    let strings: Vec<String> = strings.map(|text| format!("\"{text}\"")).collect();
    format!("{name}. TXT {}", strings.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finding_is_one_line() {
        let finding =
            Finding::error("SPF", "no\r\nrecord\u{1b}[2J.").publish("a.example", "v=spf1 -all");
        let line = "error    SPF      no  record [2J. Publish: a.example. TXT \"v=spf1 -all\"";
        assert_eq!(finding.to_string(), line);
    }

    #[test]
    fn long_record_is_split() {
        let record = txt("k.example", &"x".repeat(300));
        assert_eq!(
            record,
            format!("k.example. TXT \"{}\" \"{}\"", "x".repeat(255), "x".repeat(45))
        );
    }
}
