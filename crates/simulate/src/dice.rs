//! Cheap, reproducible randomness: SplitMix64 (Steele, Lea, Flood 2014), seeded by the run and the order's number.
//!
//! Each order rolls its own dice, so order n of a seed is always the same order, whichever connection sends it.

/// The golden ratio's 64 bits, SplitMix64's increment.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// A stream of random numbers.
pub struct Dice(u64);

impl Dice {
    /// The dice of order `number` in a run seeded with `seed`.
    pub const fn of(seed: u64, number: u64) -> Self {
        Self(mixed(seed ^ mixed(number.wrapping_mul(STEP))))
    }

    /// A number below `bound`; 0 when `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let wide = u128::from(mixed(self.0)) * u128::from(bound);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// One of the values, `None` when there are none.
    pub fn pick<'a, T>(&mut self, values: &'a [T]) -> Option<&'a T> {
        let index = self.below(values.len().try_into().unwrap_or(0));
        values.get(usize::try_from(index).unwrap_or(0))
    }
}

/// SplitMix64's finalizer.
const fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}
