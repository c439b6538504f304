//! The process itself, under the names that Prometheus clients share. Read from `/proc` on scrape; on
//! systems without it nothing is shown.

use std::{
    fmt, fs,
    time::{SystemTime, UNIX_EPOCH},
};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, NoLabelSet},
    metrics::MetricType,
};

/// Clock ticks per second in `/proc` (`USER_HZ`, part of Linux' ABI).
const TICKS_PER_S: f64 = 100.0;

/// The process and its start time.
#[derive(Debug)]
pub(super) struct Process {
    began_at_s: f64,
}

impl Process {
    pub(super) fn new() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { began_at_s: since.as_secs_f64() }
    }
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut gauge = |name, help, value: f64| {
            encoder.encode_descriptor(name, help, None, MetricType::Gauge)?.encode_gauge(&value)
        };
        gauge("process_start_time_seconds", "Start time since 1970", self.began_at_s)?;
        if let Some(bytes) = resident_bytes() {
            gauge("process_resident_memory_bytes", "Resident memory", bytes)?;
        }
        if let Ok(files) = fs::read_dir("/proc/self/fd") {
            gauge("process_open_fds", "Open files, including connections", files.count() as f64)?;
        }
        if let Some(seconds) = cpu_seconds() {
            let (name, help) = ("process_cpu_seconds", "CPU time");
            encoder
                .encode_descriptor(name, help, None, MetricType::Counter)?
                .encode_counter::<NoLabelSet, _, f64>(&seconds, None)?;
        }
        Ok(())
    }
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
