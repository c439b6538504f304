//! Keyward's programs as child processes.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, Write, pipe},
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use keyward_stack::{
    folder,
    process::{Launch, Process},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

/// One of Keyward's programs.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) name: &'static str,
    program: PathBuf,
    env: Vec<(String, String)>,
    log: PathBuf,
    process: Process,
}

impl App {
    /// Starts `program` under a short `name`. Its output goes to our output and to a log file.
    pub(crate) fn start(
        name: &'static str,
        program: PathBuf,
        env: Vec<(String, String)>,
        log: PathBuf,
    ) -> Result<Self> {
        let _ = fs::remove_file(&log);
        let process = spawn(name, &program, &env, &log)?;
        Ok(Self { name, program, env, log, process })
    }

    /// Its process.
    pub(crate) fn process(&self) -> &Process {
        &self.process
    }

    /// Restarts it with the same environment.
    pub(crate) fn restart(&mut self) -> Result<()> {
        self.process = spawn(self.name, &self.program, &self.env, &self.log)?;
        Ok(())
    }

    /// The end of its log.
    pub(crate) fn log_tail(&self) -> String {
        folder::tail(&self.log)
    }

    /// Waits until `path` returns 200.
    pub(crate) async fn until_ready(
        &self,
        authority: &str,
        path: &str,
        bound: Duration,
    ) -> Result<()> {
        let deadline = Instant::now() + bound;
        loop {
            if let Some(status) = self.process.status() {
                bail!("{} ended ({status}); {}", self.name, self.log_tail());
            }
            let answer = timeout(Duration::from_secs(5), status_of(authority, path)).await;
            let response = match answer {
                Ok(Ok(line)) if line.contains(" 200 ") => return Ok(()),
                Ok(Ok(line)) => line,
                Ok(Err(error)) => error.to_string(),
                Err(elapsed) => elapsed.to_string(),
            };
            if Instant::now() > deadline {
                let tail = self.log_tail();
                bail!("{} is not ready: {path} returns `{response}`; {tail}", self.name);
            }
            sleep(Duration::from_millis(100)).await;
        }
    }
}

/// Stops it if the start fails.
impl Drop for App {
    fn drop(&mut self) {
        self.process.end_blocking(Duration::from_secs(15));
    }
}

/// The status line of a `GET`.
async fn status_of(authority: &str, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(authority).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = vec![0; 512];
    let count = stream.read(&mut answer).await?;
    let text = String::from_utf8_lossy(&answer[..count]);
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn spawn(
    name: &'static str,
    program: &PathBuf,
    env: &[(String, String)],
    log: &PathBuf,
) -> Result<Process> {
    let (reader, writer) = pipe()?;
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("opening {}", log.display()))?;
    let launch = Launch::new(program).folder(folder::repository()).output(writer)?;
    let launch = env.iter().fold(launch, |launch, (name, value)| launch.env(name, value));
    let process = launch.spawn()?;
    thread::Builder::new()
        .name(format!("{name} output"))
        .spawn(move || forward(name, BufReader::new(reader), log))?;
    Ok(process)
}

/// Forwards whole lines, so that the lines of two programs do not mix.
fn forward(name: &str, reader: impl BufRead, mut log: File) {
    for line in reader.split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        let _ = writeln!(log, "{line}");
        let _ = writeln!(io::stdout(), "{name:<6} | {line}");
    }
}
