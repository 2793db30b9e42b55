//! The simulation's own dice: small, seeded, the same on every machine. Never used where a secret is needed.

/// SplitMix64: a 64-bit state, full period, passes the usual tests; enough to draw a department's year.
#[derive(Debug, Clone)]
pub struct Rng(u64);

impl Rng {
    /// Dice of a seed.
    pub fn new(seed: u64) -> Self {
        // Near seeds give far streams.
        let mut rng = Self(seed ^ 0x5643_4947_494C_0001);
        rng.next();
        rng
    }

    /// Dice of their own for a part of the world, so that one part's draws never move another's.
    pub fn fork(&mut self, salt: u64) -> Self {
        Self::new(self.next() ^ salt.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// The next 64 bits.
    #[expect(clippy::should_implement_trait, reason = "dice are thrown, not iterated")]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below a bound; 0 for a bound of 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.next()) * bound as u128;
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number of a closed range.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = usize::try_from(high.saturating_sub(low)).unwrap_or(0) + 1;
        low + i64::try_from(self.below(width)).unwrap_or(0)
    }

    /// True in so many of a thousand throws.
    pub fn per_mille(&mut self, of_thousand: u32) -> bool {
        self.below(1000) < of_thousand as usize
    }

    /// One of a list that is not empty.
    ///
    /// # Panics
    /// When the list is empty: the tables of the simulation never are.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        of.get(self.below(of.len())).expect("the simulation draws from lists that have entries")
    }

    /// An index, weighted.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let whole: u32 = weights.iter().sum();
        let mut at = self.below(whole as usize);
        for (index, weight) in weights.iter().enumerate() {
            match at.checked_sub(*weight as usize) {
                Some(rest) => at = rest,
                None => return index,
            }
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_seed_same_throws_and_bounds_hold() {
        let (mut a, mut b, mut c) = (Rng::new(7), Rng::new(7), Rng::new(8));
        let throws: Vec<u64> = (0..50).map(|_| a.next()).collect();
        assert_eq!(throws, (0..50).map(|_| b.next()).collect::<Vec<_>>());
        assert_ne!(throws, (0..50).map(|_| c.next()).collect::<Vec<_>>());
        let mut seen = [0u32; 6];
        for _ in 0..6000 {
            seen[a.below(6)] += 1;
            assert!((-3..=4).contains(&a.between(-3, 4)));
        }
        assert!(seen.iter().all(|n| (800..1200).contains(n)), "{seen:?}");
    }
}
