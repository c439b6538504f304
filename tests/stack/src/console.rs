//! What the person at the terminal reads: short, calm lines on standard error.

use std::{fmt::Display, io::IsTerminal, io::stderr, time::Instant};

/// A step that takes a while: announced when it is done, with the seconds it took.
#[derive(Debug)]
pub struct Step {
    since: Instant,
}

impl Step {
    /// Starts the clock.
    pub fn start() -> Self {
        Self { since: Instant::now() }
    }

    /// Says that the step is done.
    pub fn done(self, what: impl Display) {
        let seconds = self.since.elapsed().as_secs_f32();
        if stderr().is_terminal() {
            eprintln!("\x1b[32m✓\x1b[0m {what} \x1b[2m({seconds:.1} s)\x1b[0m");
        } else {
            eprintln!("ok  {what} ({seconds:.1} s)");
        }
    }
}

/// Says what is happening, so that nobody wonders during a long step or after a surprise.
pub fn note(what: impl Display) {
    if stderr().is_terminal() {
        eprintln!("\x1b[2m·\x1b[0m {what}");
    } else {
        eprintln!("..  {what}");
    }
}
