//! A histogram of times: whole below 256 microseconds, within one part of 128 above, up to hours; two of them add up.

/// Parts of each doubling.
const PARTS: u32 = 7;

/// Times in microseconds.
#[derive(Debug, Clone, Default)]
pub struct Histogram {
    counts: Vec<u64>,
    count: u64,
    sum: u64,
    worst: u64,
}

impl Histogram {
    /// Keeps a time.
    pub fn keep(&mut self, micros: u64) {
        let slot = slot(micros);
        if self.counts.len() <= slot {
            self.counts.resize(slot + 1, 0);
        }
        self.counts[slot] += 1;
        self.count += 1;
        self.sum += micros;
        self.worst = self.worst.max(micros);
    }

    /// Adds another's times.
    pub fn fold(&mut self, other: &Self) {
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (ours, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *ours += theirs;
        }
        self.count += other.count;
        self.sum += other.sum;
        self.worst = self.worst.max(other.worst);
    }

    /// How many times are kept.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The mean, in microseconds.
    pub fn mean(&self) -> u64 {
        self.sum / self.count.max(1)
    }

    /// The longest, in microseconds.
    pub fn worst(&self) -> u64 {
        self.worst
    }

    /// The time within which so many of a thousand are, in microseconds: the upper end of its slot.
    pub fn within(&self, of_thousand: u64) -> u64 {
        let wanted = (self.count * of_thousand).div_ceil(1_000).max(1);
        let mut sum = 0;
        for (slot, n) in self.counts.iter().enumerate() {
            sum += n;
            if sum >= wanted {
                return upper(slot).min(self.worst);
            }
        }
        self.worst
    }
}

fn slot(micros: u64) -> usize {
    let shift = (u64::BITS - 1 - (micros | 1).leading_zeros()).saturating_sub(PARTS);
    ((shift as usize) << PARTS) + usize::try_from(micros >> shift).unwrap_or(0)
}

fn upper(slot: usize) -> u64 {
    let parts = 1 << PARTS;
    if slot < 2 * parts {
        return slot as u64;
    }
    let shift = slot / parts - 1;
    (((slot - shift * parts) as u64 + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_kept_within_one_part_of_128() {
        for micros in [0, 1, 127, 128, 255, 256, 257, 511, 512, 1_000, 65_535, 1_000_000, 7_200_000_000] {
            let end = upper(slot(micros));
            assert!(end >= micros && end - micros <= micros / 128, "{micros}: {end}");
        }
        let all: Vec<usize> = (0..100_000).map(slot).collect();
        assert!(all.windows(2).all(|w| w[0] <= w[1] && w[1] - w[0] <= 1), "slots rise without a gap");
    }

    #[test]
    fn percentiles_of_two_halves_are_those_of_the_whole() {
        let (mut a, mut b) = (Histogram::default(), Histogram::default());
        (1..=500).for_each(|n| a.keep(n * 10));
        (501..=1_000).for_each(|n| b.keep(n * 10));
        a.fold(&b);
        assert_eq!((a.count(), a.worst(), a.mean()), (1_000, 10_000, 5_005));
        for (part, exact) in [(500, 5_000), (990, 9_900), (1_000, 10_000)] {
            assert!(a.within(part).abs_diff(exact) <= exact / 100, "{part}: {}", a.within(part));
        }
    }
}
