//! The process itself, under the names that Prometheus clients share. Read from `/proc` on scrape; on
//! systems without it only the start time is shown.

use std::{
    fs,
    sync::atomic::AtomicU64,
    time::{SystemTime, UNIX_EPOCH},
};

use prometheus_client::metrics::{counter::Counter, family::Family, gauge::Gauge};

use super::families::Labels;

metrics! {
    /// Metrics of the process.
    pub(super) struct Process {
        /// Start time since 1970
        start_time_s: Gauge<f64, AtomicU64> = "process_start_time_seconds";
        /// Resident memory
        resident_bytes: Family<Labels<0>, Gauge<f64, AtomicU64>> = "process_resident_memory_bytes";
        /// Open files, including connections
        open_files: Family<Labels<0>, Gauge<f64, AtomicU64>> = "process_open_fds";
        /// CPU time
        cpu_s: Family<Labels<0>, Counter<f64, AtomicU64>> = "process_cpu_seconds";
    }
}

/// Clock ticks per second in `/proc` (`USER_HZ`, part of Linux' ABI).
const TICKS_PER_S: f64 = 100.0;

impl Process {
    /// The current metrics of a process that started at `start_time_s`.
    pub(super) fn read(start_time_s: f64) -> Self {
        let process = Self::default();
        process.start_time_s.set(start_time_s);
        if let Some(bytes) = resident_bytes() {
            process.resident_bytes.get_or_create(&[]).set(bytes);
        }
        if let Ok(files) = fs::read_dir("/proc/self/fd") {
            process.open_files.get_or_create(&[]).set(files.count() as f64);
        }
        if let Some(seconds) = cpu_seconds() {
            process.cpu_s.get_or_create(&[]).inc_by(seconds);
        }
        process
    }
}

/// Seconds since 1970.
pub(super) fn now_s() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

fn resident_bytes() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1_024.0)
}

fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The program's name is in parentheses and may contain any character.
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ').skip(11).map(|field| field.parse::<f64>().ok());
    let (user, system) = (fields.next()??, fields.next()??);
    Some((user + system) / TICKS_PER_S)
}
