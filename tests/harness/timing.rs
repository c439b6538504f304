use std::time::{Duration, Instant};

use crate::Rng;

/// Durations of several kinds of requests, measured alternately.
///
/// Differences are compared with the noise of the same measurement: the samples of each kind are
/// split at random into halves, many times; the largest difference between the medians of two
/// halves is what chance can produce. A larger difference between the medians of two kinds is a
/// leak. Halves have fewer samples than kinds, so the threshold is higher than the chance (a false
/// alarm needs about five standard deviations); what passes is below what this machine can measure
/// in this time. Load makes the test less sensitive but does not make it fail.
///
/// A quiet machine measures tenths of a millisecond, such as the check of a foreign key or the
/// revocation of an older link. An attacker cannot, with the few requests per address that the limits
/// allow. So half a millisecond is tolerated; on a slow or busy machine, a twentieth of the request.
///
/// A leak is permanent, load is not: different kinds are measured again, and the test fails only if
/// three measurements in a row agree.
#[derive(Debug)]
pub struct Timing {
    kinds: Vec<(String, Vec<f64>)>,
}

impl Timing {
    /// Measurements that must agree on a leak.
    const MEASUREMENTS: usize = 3;
    /// Rounds before the measurement.
    const WARM_UP: usize = 3;
    /// Enough for every relevant effect.
    const ROUNDS: usize = 200;
    const SPLITS: usize = 1_000;
    /// Milliseconds that an attacker cannot detect with a few requests.
    const UNDETECTABLE_MS: f64 = 0.5;
    /// Fraction of the duration of a request that an attacker cannot detect.
    const UNDETECTABLE: f64 = 0.05;

    /// Fails if the medians of two kinds differ by more than chance in every measurement of length
    /// `time`.
    ///
    /// # Panics
    ///
    /// If they do, with the measurements.
    #[expect(clippy::print_stdout, reason = "prints the measurements")]
    pub async fn assert_alike(kinds: &[&str], time: Duration, mut sample: impl AsyncFnMut(usize)) {
        let mut shown = String::new();
        for _ in 0..Self::MEASUREMENTS {
            let timing = Self::measure(kinds, time, &mut sample).await;
            shown += &timing.show();
            if timing.is_alike() {
                println!("{shown}");
                return;
            }
        }
        panic!("the times differ\n{shown}");
    }

    /// Takes samples of all kinds in turns, in a random order per round, for this time.
    async fn measure(kinds: &[&str], time: Duration, sample: &mut impl AsyncFnMut(usize)) -> Self {
        let began_at = Instant::now();
        let mut rng = Rng::default();
        let mut samples = vec![Vec::new(); kinds.len()];
        for round in 0..Self::WARM_UP + Self::ROUNDS {
            let mut order: Vec<usize> = (0..kinds.len()).collect();
            rng.shuffle(&mut order);
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
        let fastest = self.medians().into_iter().fold(f64::MAX, f64::min);
        let undetectable = Self::UNDETECTABLE_MS.max(fastest * Self::UNDETECTABLE);
        self.spread() <= self.noise().max(undetectable)
    }

    fn medians(&self) -> Vec<f64> {
        self.kinds.iter().map(|(_, samples)| median(samples)).collect()
    }

    /// Largest difference of the medians, in milliseconds.
    fn spread(&self) -> f64 {
        let medians = self.medians();
        let most = medians.iter().copied().fold(f64::MIN, f64::max);
        most - medians.iter().copied().fold(f64::MAX, f64::min)
    }

    /// Largest difference by chance, in milliseconds.
    fn noise(&self) -> f64 {
        let mut rng = Rng::default();
        let mut most = 0.0_f64;
        for (_, samples) in &self.kinds {
            let mut samples = samples.clone();
            for _ in 0..Self::SPLITS {
                rng.shuffle(&mut samples);
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
        format!(
            "{lines}  difference {:.3} ms, by chance up to {:.3} ms\n",
            self.spread(),
            self.noise()
        )
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

    /// Durations on a busy machine: some are much longer than usual.
    fn times(rng: &mut Rng, usual: f64) -> Vec<f64> {
        let mut one = || (rng.number() % 1_000) as f64 / 1_000.0;
        (0..200).map(|_| usual + one() + if one() < 0.1 { 20.0 * one() } else { 0.0 }).collect()
    }

    #[test]
    fn a_hidden_step_is_detected() {
        let mut rng = Rng::seeded(7);
        for _ in 0..20 {
            let [one, same, slow] = [5.0, 5.0, 5.7].map(|usual| times(&mut rng, usual));
            let kinds = |other| vec![("one".into(), one.clone()), ("other".into(), other)];

            let alike = Timing { kinds: kinds(same) };
            let leak = Timing { kinds: kinds(slow) };

            assert!(alike.is_alike(), "{}", alike.show());
            assert!(!leak.is_alike(), "{}", leak.show());
        }
    }
}
