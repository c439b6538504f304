//! `make bench-avatars`: what three renditions of one picture cost, on one core.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark ends by panicking, asks for its arguments, and prints what it found"
)]

use std::{env, fs, hint::black_box, process::Command};

use keyward_tests::pictures;
use keyward_worker::images::renditions;

/// What a picture is called, how it is made, and how often it is worked on.
type Sample = (&'static str, fn() -> Vec<u8>, usize);

const SAMPLES: [Sample; 10] = [
    ("12-megapixel JPEG", || pictures::jpeg(&pictures::photo(4000, 3000), 90), 15),
    ("progressive, 12", || pictures::progressive_jpeg(&pictures::photo(4000, 3000), 90), 15),
    ("4-megapixel PNG", || pictures::png(&pictures::photo(2000, 2000).into()), 15),
    ("12-megapixel WebP", || pictures::webp(&pictures::photo(4000, 3000).into(), true), 15),
    // The most that the limits let through.
    ("JPEG, 50", || pictures::jpeg(&pictures::photo(7071, 7071), 90), 3),
    ("JPEG, 64 passes, 40", || pictures::jpeg_of_passes(&pictures::photo(6300, 6300), 64), 3),
    ("flat 16-bit PNG, 50", || pictures::flat_png(7071, 7071), 3),
    ("interlaced PNG, 33", || pictures::interlaced_png(&pictures::photo(5790, 5790)), 3),
    ("WebP, 19", || pictures::webp(&pictures::photo(4370, 4370).into(), true), 3),
    ("lossless WebP, 16", || pictures::webp(&pictures::photo(4090, 4090).into(), false), 3),
];

/// Each picture has a process of its own, so that its memory is its own.
fn main() {
    if let Ok(nth) = env::var("BENCH_PICTURE") {
        let (name, make, runs) = SAMPLES[nth.parse::<usize>().unwrap()];
        return report(name, &make(), runs);
    }
    println!("picture (megapixels)  bytes in  ms (median)  ms (best)  bytes out  peak memory MiB");
    for nth in 0..SAMPLES.len() {
        let own = env::current_exe().unwrap();
        let status = Command::new(own).env("BENCH_PICTURE", nth.to_string()).status().unwrap();
        assert!(status.success());
    }
}

fn report(name: &str, bytes: &[u8], runs: usize) {
    let before = resident_kib("VmRSS");
    // Forgets the highest mark so far (proc(5)).
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let made = renditions(bytes).unwrap();
    let peak = resident_kib("VmHWM").saturating_sub(before);
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let began_at = busy_ms();
            black_box(renditions(black_box(bytes))).unwrap();
            busy_ms() - began_at
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!(
        "{name:<20} {:>9}  {:>11.1}  {:>9.1}  {:>9}  {:>15.1}",
        bytes.len(),
        times[runs / 2],
        times[0],
        made.files.iter().map(Vec::len).sum::<usize>(),
        peak as f64 / 1024.0,
    );
}

/// Milliseconds that a core has worked for this thread: what others do on it is not counted.
fn busy_ms() -> f64 {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    stat.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e6
}

/// A line of `/proc/self/status`.
fn resident_kib(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
