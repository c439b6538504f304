use std::time::{Duration, Instant};

use crate::Chance;

/// How long something took for each of several kinds of input, measured in turns.
///
/// Whether the kinds differ is judged against the noise of the same measurement: the samples of one
/// kind are split at random into halves, many times over, and the largest difference between the
/// medians of two such halves is what chance alone can do. Medians of two kinds that are further
/// apart are a leak. Halves have fewer samples than kinds, so this gate is wider than the chance it
/// guards against (a false alarm takes some five standard deviations); what it lets through is
/// below what this machine can see in this time. A busy machine makes it blunt, not red.
///
/// A quiet one sees tenths of a millisecond: foreign keys that are checked, an older link that is
/// revoked. Nobody outside can, with the handful of requests for one address that the limits let
/// him have; so half a millisecond is let through as well, or, on a machine that is slow or busy, a
/// twentieth of what the request takes.
///
/// A leak is there every time, what a neighbour does to a few samples is not: kinds that differ are
/// measured anew, and are told apart only if three measurements in a row say so.
#[derive(Debug)]
pub struct Timing {
    kinds: Vec<(String, Vec<f64>)>,
}

impl Timing {
    /// Measurements that must agree on a leak.
    const WITNESSES: usize = 3;
    /// Rounds that only warm up.
    const WARM_UP: usize = 3;
    /// Enough for every effect we care about.
    const ROUNDS: usize = 200;
    const SPLITS: usize = 1_000;
    /// Milliseconds that no handful of requests can show.
    const BELOW_NOTICE_MS: f64 = 0.5;
    /// And the part of the whole that they cannot show.
    const BELOW_NOTICE: f64 = 0.05;

    /// Fails if the medians of two kinds are further apart than chance can put them, each time that
    /// they are measured, for so long each.
    ///
    /// # Panics
    ///
    /// Then, with what was measured.
    #[expect(clippy::print_stdout, reason = "figures for whoever runs it with --nocapture")]
    pub async fn assert_alike(kinds: &[&str], time: Duration, mut sample: impl AsyncFnMut(usize)) {
        let mut shown = String::new();
        for _ in 0..Self::WITNESSES {
            let timing = Self::measure(kinds, time, &mut sample).await;
            shown += &timing.show();
            if timing.is_alike() {
                println!("{shown}");
                return;
            }
        }
        panic!("the time tells which is which\n{shown}");
    }

    /// Takes samples of all kinds in turns, in another random order each round, for so long.
    async fn measure(kinds: &[&str], time: Duration, sample: &mut impl AsyncFnMut(usize)) -> Self {
        let began_at = Instant::now();
        let mut chance = Chance::default();
        let mut samples = vec![Vec::new(); kinds.len()];
        for round in 0..Self::WARM_UP + Self::ROUNDS {
            let mut order: Vec<usize> = (0..kinds.len()).collect();
            chance.shuffle(&mut order);
            for kind in order {
                let asked_at = Instant::now();
                sample(kind).await;
                if round >= Self::WARM_UP {
                    samples[kind].push(asked_at.elapsed().as_secs_f64() * 1_000.0);
                }
            }
            if began_at.elapsed() > time {
                break;
            }
        }
        let names = kinds.iter().map(|kind| (*kind).to_owned());
        Self { kinds: names.zip(samples).collect() }
    }

    fn is_alike(&self) -> bool {
        let usual = self.medians().into_iter().fold(f64::MAX, f64::min);
        let unnoticed = Self::BELOW_NOTICE_MS.max(usual * Self::BELOW_NOTICE);
        self.spread() <= self.noise().max(unnoticed)
    }

    fn medians(&self) -> Vec<f64> {
        self.kinds.iter().map(|(_, samples)| median(samples)).collect()
    }

    /// How far the medians are apart, in milliseconds.
    fn spread(&self) -> f64 {
        let medians = self.medians();
        let most = medians.iter().copied().fold(f64::MIN, f64::max);
        most - medians.iter().copied().fold(f64::MAX, f64::min)
    }

    /// How far chance puts medians apart, in milliseconds.
    fn noise(&self) -> f64 {
        let mut chance = Chance::default();
        let mut most = 0.0_f64;
        for (_, samples) in &self.kinds {
            let mut samples = samples.clone();
            for _ in 0..Self::SPLITS {
                chance.shuffle(&mut samples);
                let (one, other) = samples.split_at(samples.len() / 2);
                most = most.max((median(one) - median(other)).abs());
            }
        }
        most
    }

    fn show(&self) -> String {
        let line = |((name, samples), median): (&(String, Vec<f64>), f64)| {
            format!("  {name:<10} {median:8.3} ms (median of {})\n", samples.len())
        };
        let lines: String = self.kinds.iter().zip(self.medians()).map(line).collect();
        format!("{lines}  apart {:.3} ms, by chance up to {:.3} ms\n", self.spread(), self.noise())
    }
}

fn median(samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times as a busy machine has them: most are usual, some are much longer.
    fn times(chance: &mut Chance, usual: f64) -> Vec<f64> {
        let mut one = || (chance.number() % 1_000) as f64 / 1_000.0;
        (0..200).map(|_| usual + one() + if one() < 0.1 { 20.0 * one() } else { 0.0 }).collect()
    }

    #[test]
    fn the_same_times_are_alike_and_a_hidden_step_is_seen() {
        let mut chance = Chance::seeded(7);
        for _ in 0..20 {
            let [one, same, slow] = [5.0, 5.0, 5.7].map(|usual| times(&mut chance, usual));
            let kinds = |other| vec![("one".into(), one.clone()), ("other".into(), other)];

            let alike = Timing { kinds: kinds(same) };
            let leak = Timing { kinds: kinds(slow) };

            assert!(alike.is_alike(), "{}", alike.show());
            assert!(!leak.is_alike(), "{}", leak.show());
        }
    }
}
