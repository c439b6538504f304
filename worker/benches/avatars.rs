//! `make bench-avatars`: the cost of the renditions of one picture on one core.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark fails by a panic, reads its environment, and prints its results"
)]

use std::{env, fs, hint::black_box, process::Command};

use keyward_tests::pictures;
use keyward_worker::images::renditions;

/// The name of a picture, how it is made, and the number of runs.
type Sample = (&'static str, fn() -> Vec<u8>, usize);

const SAMPLES: [Sample; 10] = [
    ("12-megapixel JPEG", || pictures::jpeg(&pictures::photo(4000, 3000), 90), 15),
    ("progressive, 12", || pictures::progressive_jpeg(&pictures::photo(4000, 3000), 90), 15),
    ("4-megapixel PNG", || pictures::png(&pictures::photo(2000, 2000).into()), 15),
    ("12-megapixel WebP", || pictures::webp(&pictures::photo(4000, 3000).into(), true), 15),
    // The largest that the limits accept.
    ("JPEG, 50", || pictures::jpeg(&pictures::photo(7071, 7071), 90), 3),
    ("JPEG, 64 scans, 40", || pictures::jpeg_of_passes(&pictures::photo(6300, 6300), 64), 3),
    ("flat 16-bit PNG, 33", || pictures::flat_png(5790, 5790), 3),
    ("interlaced PNG, 33", || pictures::interlaced_png(&pictures::photo(5790, 5790)), 3),
    ("WebP, 19", || pictures::webp(&pictures::photo(4370, 4370).into(), true), 3),
    ("lossless WebP, 16", || pictures::webp(&pictures::photo(4090, 4090).into(), false), 3),
];

/// Measures each picture in a process of its own, because the peak of memory is one of the process.
fn main() {
    if let Ok(nth) = env::var("BENCH_PICTURE") {
        let (name, make, runs) = SAMPLES[nth.parse::<usize>().unwrap()];
        return report(name, &make(), runs);
    }
    println!("picture (megapixels)  bytes in  ms (median)  ms (best)  bytes out  peak memory MiB");
    for nth in 0..SAMPLES.len() {
        let program = env::current_exe().unwrap();
        let status = Command::new(program).env("BENCH_PICTURE", nth.to_string()).status().unwrap();
        assert!(status.success());
    }
}

fn report(name: &str, bytes: &[u8], runs: usize) {
    let before = resident_kib("VmRSS");
    // Resets the peak (proc(5)).
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let made = renditions(bytes).unwrap();
    let peak = resident_kib("VmHWM").saturating_sub(before);
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let started_ms = busy_ms();
            black_box(renditions(black_box(bytes))).unwrap();
            busy_ms() - started_ms
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!(
        "{name:<20} {:>9}  {:>11.1}  {:>9.1}  {:>9}  {:>15.1}",
        bytes.len(),
        times[runs / 2],
        times[0],
        made.iter().map(Vec::len).sum::<usize>(),
        peak as f64 / 1024.0,
    );
}

/// Milliseconds of CPU time that this thread has used.
fn busy_ms() -> f64 {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    stat.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e6
}

/// A value of `/proc/self/status` in KiB.
fn resident_kib(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
