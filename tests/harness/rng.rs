use uuid::Uuid;

/// Random numbers for shuffling and for choosing moments (SplitMix64).
#[derive(Debug)]
pub struct Rng(u64);

impl Default for Rng {
    /// A random seed.
    fn default() -> Self {
        Self(Uuid::new_v4().as_u64_pair().1)
    }
}

impl Rng {
    /// A fixed seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// A random number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A random number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.number() % end as u64).unwrap()
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let at = self.below(last + 1);
            items.swap(last, at);
        }
    }
}
