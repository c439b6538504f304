//! Times, sorted into classes: enough to say percentiles, and no more than a row of numbers.

/// How many times fell into each class. A class ends at the square root of two of the one before, so
/// a percentile is never further off than that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram([i64; Histogram::CLASSES]);

impl Default for Histogram {
    fn default() -> Self {
        Self([0; Self::CLASSES])
    }
}

/// As it stands in a row; classes that are missing there are empty.
impl From<&[i64]> for Histogram {
    fn from(counts: &[i64]) -> Self {
        let mut histogram = Self::default();
        for (class, count) in histogram.0.iter_mut().zip(counts) {
            *class = *count;
        }
        histogram
    }
}

impl Histogram {
    /// How many classes there are: up to 0.25 ms, then on to four minutes, then all the rest.
    pub const CLASSES: usize = 42;
    /// Upper end of the first class, in milliseconds.
    const FIRST_MS: f64 = 0.25;

    /// The class of a time.
    #[must_use]
    pub fn class_of(ms: f64) -> usize {
        let class = ((ms / Self::FIRST_MS).log2() * 2.0).ceil();
        // What is no number, or below the first class, belongs to the first.
        if class > 0.0 { (class as usize).min(Self::CLASSES - 1) } else { 0 }
    }

    /// Where a class ends, in milliseconds.
    fn end_of(class: i32) -> f64 {
        Self::FIRST_MS * 2_f64.powf(f64::from(class) / 2.0)
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> i64 {
        self.0.iter().sum()
    }

    /// Adds another one to it.
    pub fn add(&mut self, other: &Self) {
        for (class, count) in self.0.iter_mut().zip(&other.0) {
            *class += count;
        }
    }

    /// So many milliseconds a share of them took at most, for example 0.95; nothing if there is none.
    #[must_use]
    pub fn percentile(&self, share: f64) -> Option<f64> {
        let wanted = share * self.count() as f64;
        let mut below = 0.0;
        for (class, &count) in (0_i32..).zip(&self.0) {
            let count = count as f64;
            if count > 0.0 && below + count >= wanted {
                let begin = if class == 0 { 0.0 } else { Self::end_of(class - 1) };
                let part = ((wanted - below) / count).clamp(0.0, 1.0);
                return Some(begin + (Self::end_of(class) - begin) * part);
            }
            below += count;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn none_has_no_percentile() {
        assert_eq!(Histogram::default().percentile(0.5), None);
    }

    #[test]
    fn whatever_is_no_time_has_a_class_all_the_same() {
        for ms in [f64::NAN, f64::NEG_INFINITY, -1.0, 0.0, f64::INFINITY, f64::MAX] {
            assert!(Histogram::class_of(ms) < Histogram::CLASSES, "{ms}");
        }
    }

    proptest! {
        #[test]
        fn a_percentile_is_right_to_a_class(mut times in prop::collection::vec(0.3_f64..200_000.0, 1..300)) {
            let mut histogram = Histogram::default();
            for &time in &times {
                histogram.0[Histogram::class_of(time)] += 1;
            }
            times.sort_by(f64::total_cmp);
            for share in [0.5, 0.95, 0.99] {
                let nth = ((share * times.len() as f64).ceil() as usize).clamp(1, times.len());
                let exact = times[nth - 1];
                let said = histogram.percentile(share).unwrap();
                prop_assert!(said <= exact * 1.5 && said >= exact / 1.5, "{said} for {exact}");
            }
        }
    }
}
