//! Numbers and times in text. Arguments are references because templates pass references.

use std::fmt::Display;

use chrono::{DateTime, SecondsFormat, Utc};

/// A duration in about two digits: `0.4 s`, `12 s`, `3 min`, `5 h`, `2 d`.
#[must_use]
pub fn span(seconds: &f64) -> String {
    const UNITS: [(f64, &str); 4] = [(86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s")];
    let seconds = seconds.max(0.0);
    // At least two of a unit: "90 s" is more precise than "1 min".
    let unit = UNITS.into_iter().find(|(length, _)| seconds >= length * 2.0);
    match unit {
        Some((length, unit)) => format!("{:.0} {unit}", (seconds / length).floor()),
        None if seconds < 0.95 => format!("{seconds:.1} s"),
        None => format!("{seconds:.0} s"),
    }
}

/// A duration in milliseconds: `0.8 ms`, `45 ms`, `1.2 s`, `3 min`.
#[must_use]
pub fn ms(ms: &f64) -> String {
    match *ms {
        ms if ms < 10.0 => format!("{ms:.1} ms"),
        ms if ms < 1_000.0 => format!("{ms:.0} ms"),
        ms if ms < 10_000.0 => format!("{:.1} s", ms / 1_000.0),
        ms => span(&(ms / 1_000.0)),
    }
}

/// The same for an optional duration.
#[must_use]
pub fn ms_or_dash(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| ms(&value))
}

/// A natural number with thousands separators.
#[must_use]
pub fn number(number: impl Display) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count of something: `1 job`, `1,204 jobs`.
#[must_use]
pub fn count(count: impl Display, one: &str) -> String {
    let count = number(count);
    let plural = if count == "1" { "" } else { "s" };
    format!("{count} {one}{plural}")
}

/// A time relative to now.
#[must_use]
pub fn ago(at: &DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = (now - *at).as_seconds_f64();
    match seconds {
        s if s.abs() < 0.95 => "now".to_owned(),
        s if s < 0.0 => format!("in {}", span(&-s)),
        s => format!("{} ago", span(&s)),
    }
}

/// A time: `2026-11-25 12:00:00 UTC`.
#[must_use]
pub fn moment(at: &DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A time for programs (RFC 3339).
#[must_use]
pub fn machine(at: &DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A text without control characters, safe for a terminal.
#[must_use]
pub fn plain(text: impl AsRef<[u8]>) -> String {
    String::from_utf8_lossy(text.as_ref()).replace(char::is_control, "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_the_most_precise_unit() {
        let seconds = [0.0, 0.44, 1.0, 59.0, 119.0, 120.0, 7_199.0, 7_200.0, 172_800.0];
        assert_eq!(
            seconds.map(|seconds| span(&seconds)),
            ["0.0 s", "0.4 s", "1 s", "59 s", "119 s", "2 min", "119 min", "2 h", "2 d"]
        );
        let millis = [0.25, 12.3, 999.0, 1_234.0, 61_000.0, 600_000.0];
        assert_eq!(
            millis.map(|millis| ms(&millis)),
            ["0.2 ms", "12 ms", "999 ms", "1.2 s", "61 s", "10 min"]
        );
    }

    #[test]
    fn large_numbers_have_thousands_separators() {
        let numbers = [0, 7, 999, 1_000, 1_234_567];
        assert_eq!(numbers.map(number), ["0", "7", "999", "1,000", "1,234,567"]);
        assert_eq!([count(1, "job"), count(2_000, "job")], ["1 job", "2,000 jobs"]);
    }

    #[test]
    fn times_are_relative_to_now() {
        let now = DateTime::from_timestamp(1_764_000_000, 0).unwrap();
        let at = |seconds| ago(&(now + chrono::Duration::seconds(seconds)), now);
        assert_eq!([at(-180), at(0), at(45)], ["3 min ago", "now", "in 45 s"]);
    }
}
