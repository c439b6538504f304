//! Progress on standard error: one short line per step.

use std::{fmt::Display, io::IsTerminal, io::stderr, time::Instant};

/// A long step, reported with its duration when it is done.
#[derive(Debug)]
pub struct Step {
    since: Instant,
}

impl Step {
    /// Starts the step.
    pub fn start() -> Self {
        Self { since: Instant::now() }
    }

    /// Reports that the step is done.
    pub fn done(self, what: impl Display) {
        let seconds = self.since.elapsed().as_secs_f32();
        if stderr().is_terminal() {
            eprintln!("\x1b[32m✓\x1b[0m {what} \x1b[2m({seconds:.1} s)\x1b[0m");
        } else {
            eprintln!("ok  {what} ({seconds:.1} s)");
        }
    }
}

/// Announces a long step, or reports an unexpected event.
pub fn note(what: impl Display) {
    if stderr().is_terminal() {
        eprintln!("\x1b[2m·\x1b[0m {what}");
    } else {
        eprintln!("..  {what}");
    }
}
