//! Times and durations in the words of a language.

use chrono::{DateTime, Datelike as _, Duration, Timelike as _, Utc};

use super::{Arguments, Language};

impl Language<'_> {
    /// A time, in UTC.
    ///
    /// # Errors
    ///
    /// As [`text`](Self::text).
    pub fn moment(&self, at: DateTime<Utc>) -> anyhow::Result<String> {
        let mut arguments = Arguments::new();
        arguments.set("weekday", at.weekday().number_from_monday());
        arguments.set("day", at.day());
        arguments.set("month", at.month());
        arguments.set("year", at.year());
        arguments.set("hour", format!("{:02}", at.hour()));
        arguments.set("minute", format!("{:02}", at.minute()));
        self.text("moment", &arguments)
    }

    /// How soon something happens: in seconds below a minute, in minutes below two hours, in hours below
    /// three days, else in days.
    ///
    /// # Errors
    ///
    /// As [`text`](Self::text).
    pub fn within(&self, time: Duration) -> anyhow::Result<String> {
        let seconds = time.num_seconds().max(1);
        // Rounded up: an email is rendered seconds after its link was made.
        let minutes = (seconds + 59) / 60;
        let (id, count) = match minutes {
            ..=1 if seconds < 60 => ("within-seconds", seconds),
            ..120 => ("within-minutes", minutes),
            120..4_320 => ("within-hours", (minutes + 30) / 60),
            _ => ("within-days", (minutes + 720) / 1_440),
        };
        let mut arguments = Arguments::new();
        arguments.set("count", count);
        self.text(id, &arguments)
    }
}
