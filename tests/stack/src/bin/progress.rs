//! `progress COMMAND`: runs cargo, and adds the time elapsed and expected to its count of crates.
//!
//! `make up` compiles this file alone, before anything else: it uses only the standard library.

use std::{
    env,
    io::{self, IsTerminal, Read, Write},
    process::{Command, ExitCode, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

/// How often the line is updated on a terminal.
const TERMINAL_INTERVAL: Duration = Duration::from_secs(1);
/// How often a line is written elsewhere.
const LOG_INTERVAL: Duration = Duration::from_secs(10);
/// Crates that were compiled before are counted within this time. Estimates are based on the others.
const FRESH: Duration = Duration::from_secs(2);
/// No estimate is made from fewer crates.
const MIN_CRATES: u32 = 5;

/// Number of crates that are finished, and of all.
type Count = (u32, u32);

fn main() -> io::Result<ExitCode> {
    let mut words = env::args_os().skip(1);
    let program = words.next().ok_or_else(|| io::Error::other("usage: progress COMMAND"))?;
    let is_terminal = io::stderr().is_terminal();
    let mut command = Command::new(program);
    command.args(words).stderr(Stdio::piped());
    command.env("CARGO_TERM_PROGRESS_WHEN", "always").env("CARGO_TERM_PROGRESS_WIDTH", "100");
    if is_terminal && env::var_os("CARGO_TERM_COLOR").is_none() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let mut child = command.spawn()?;
    let output = child.stderr.take().ok_or_else(|| io::Error::other("stderr is missing"))?;
    show(output, is_terminal)?;
    let code = child.wait()?.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.unwrap_or(1).into())
}

/// Forwards the output of cargo; replaces its progress bar.
fn show(output: impl Read + Send + 'static, is_terminal: bool) -> io::Result<()> {
    let (send, parts) = mpsc::channel();
    thread::spawn(move || split(output, |part| send.send(part).is_ok()));
    let interval = if is_terminal { TERMINAL_INTERVAL } else { LOG_INTERVAL };
    let mut progress = Progress::start();
    let mut next = progress.began_at + interval;
    let mut stderr = io::stderr();
    loop {
        let part = parts.recv_timeout(next.saturating_duration_since(Instant::now()));
        match &part {
            Ok(part) if part.ends_with(b"\r") => match count(&String::from_utf8_lossy(part)) {
                Some(count) => progress.update(count),
                // A bar of another kind, such as that of a download.
                None if is_terminal => stderr.write_all(part)?,
                None => {}
            },
            Ok(part) if is_terminal => stderr.write_all(&[b"\r\x1b[K", &**part].concat())?,
            Ok(part) => stderr.write_all(part)?,
            Err(RecvTimeoutError::Disconnected) if is_terminal => {
                return write!(stderr, "\r\x1b[K");
            }
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
            Err(RecvTimeoutError::Timeout) => next += interval,
        }
        match progress.line() {
            Some(line) if is_terminal => write!(stderr, "\r{line}\x1b[K")?,
            Some(line) if part.is_err() => writeln!(stderr, "{line}")?,
            _ => {}
        }
    }
}

/// Splits output into lines and bars, each with the `\n` or `\r` that ends it.
fn split(mut output: impl Read, mut handle: impl FnMut(Vec<u8>) -> bool) {
    let (mut part, mut buffer) = (Vec::new(), [0; 4_096]);
    while let Ok(count @ 1..) = output.read(&mut buffer) {
        for byte in &buffer[..count] {
            part.push(*byte);
            if matches!(byte, b'\n' | b'\r') && !handle(std::mem::take(&mut part)) {
                return;
            }
        }
    }
    if !part.is_empty() {
        handle(part);
    }
}

/// Reads cargo's bar: `Building [=====>     ] 123/456: serde, syn`.
fn count(bar: &str) -> Option<Count> {
    let (finished, rest) = bar.rsplit_once("] ")?.1.split_once('/')?;
    let all = rest.split(|next: char| !next.is_ascii_digit()).next()?;
    Some((finished.parse().ok()?, all.parse().ok()?))
}

/// How far cargo is.
struct Progress {
    began_at: Instant,
    /// Number of crates that were compiled before.
    fresh: u32,
    count: Option<Count>,
}

impl Progress {
    fn start() -> Self {
        Self { began_at: Instant::now(), fresh: 0, count: None }
    }

    fn update(&mut self, (finished, all): Count) {
        if self.began_at.elapsed() < FRESH {
            self.fresh = finished;
        }
        self.count = (self.fresh <= finished && finished <= all).then_some((finished, all));
    }

    fn line(&self) -> Option<String> {
        let (finished, all) = self.count?;
        let elapsed = self.began_at.elapsed();
        let left = left(elapsed.saturating_sub(FRESH), finished - self.fresh, all - finished);
        let expected = left.map(|left| format!(", about {} expected", minutes(elapsed + left)));
        let expected = expected.unwrap_or_default();
        Some(format!("    crate {finished} of {all}, {} elapsed{expected}", minutes(elapsed)))
    }
}

/// The time for the crates that are left, if each takes as long as those compiled in `time` on average.
fn left(time: Duration, compiled: u32, left: u32) -> Option<Duration> {
    (compiled >= MIN_CRATES).then(|| time * left / compiled)
}

fn minutes(time: Duration) -> String {
    format!("{}:{:02} min", time.as_secs() / 60, time.as_secs() % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_of_cargo_are_read() {
        let bar =
            "\u{1b}[1m\u{1b}[96m    Building\u{1b}[0m [====>   ] 123/456: serde, syn(build)\r";
        assert_eq!(count(bar), Some((123, 456)));
        assert_eq!(count("    Building [> ] 0/9\r"), Some((0, 9)));
        assert_eq!(count(" Downloading 3 crates, remaining bytes: 1.2MiB\r"), None);
    }

    #[test]
    fn output_is_split_into_lines_and_bars() {
        let mut parts = Vec::new();
        split(&b"a bar\ra line\nan end"[..], |part| {
            parts.push(part);
            true
        });
        assert_eq!(parts, [b"a bar\r".to_vec(), b"a line\n".to_vec(), b"an end".to_vec()]);
    }

    #[test]
    fn time_left_is_estimated_from_the_crates_compiled_so_far() {
        let time = Duration::from_secs(30);
        assert_eq!(left(time, 4, 100), None);
        assert_eq!(left(time, 20, 80), Some(Duration::from_secs(120)));
    }
}
