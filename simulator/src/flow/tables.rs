//! Distributions of the background traders, as quantiles.
//!
//! The figures were read off recordings of a real BTC-USDT spot book; `docs/simulator.md` says how and compares.
//! Distances are in millionths of the price, amounts in thousandths of the instrument's minimum notional, so that
//! they fit other instruments too.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Values at thousandths of a distribution, rising in both.
pub(super) struct Quantiles(&'static [(u64, u64)]);

impl Quantiles {
    /// The value at `share` millionths, straight between the known ones.
    pub(super) fn at(&self, share: u64) -> u64 {
        let after = self.0.partition_point(|(known, _)| known * 1000 < share).min(self.0.len() - 1);
        let (high_share, high) = self.0[after];
        let (low_share, low) = self.0[after.saturating_sub(1)];
        if high_share <= low_share || share >= high_share * 1000 {
            return high;
        }
        low + (high - low) * (share - low_share * 1000) / ((high_share - low_share) * 1000)
    }

    /// A random value.
    pub(super) fn draw(&self, random: &mut ChaCha8Rng) -> u64 {
        self.at(random.next_u64() % 1_000_001)
    }
}

/// Level changes in 100 ms.
pub(super) const CHANGES: Quantiles = Quantiles(&[
    (0, 1),
    (50, 4),
    (100, 6),
    (250, 10),
    (500, 18),
    (750, 38),
    (900, 107),
    (950, 241),
    (990, 661),
    (1000, 1465),
]);

/// Distance of a new level from the best one.
pub(super) const NEW_LEVEL: Quantiles = Quantiles(&[
    (0, 0),
    (50, 0),
    (100, 31),
    (250, 171),
    (500, 546),
    (750, 1_589),
    (900, 3_374),
    (950, 24_247),
    (990, 99_890),
    (1000, 640_000),
]);

/// Distance of the levels of a standing book, from the first to the last.
pub(super) const STANDING: Quantiles = Quantiles(&[
    (0, 0),
    (2, 30),
    (17, 260),
    (33, 460),
    (67, 890),
    (167, 2_050),
    (333, 3_400),
    (667, 12_000),
    (900, 60_000),
    (1000, 300_000),
]);

/// Amount of an order at the best price.
pub(super) const BEST_AMOUNT: Quantiles = Quantiles(&[
    (0, 1_100),
    (50, 19_200),
    (100, 426_000),
    (250, 1_485_000),
    (500, 8_260_000),
    (750, 31_160_000),
    (900, 51_200_000),
    (1000, 90_000_000),
]);

/// Amount of an order elsewhere.
pub(super) const AMOUNT: Quantiles = Quantiles(&[
    (0, 1_100),
    (50, 2_100),
    (100, 5_900),
    (250, 100_000),
    (500, 618_000),
    (750, 2_387_000),
    (900, 6_489_000),
    (950, 9_194_000),
    (1000, 60_000_000),
]);

/// Amount of an order that takes.
pub(super) const TAKER_AMOUNT: Quantiles = Quantiles(&[
    (0, 1_050),
    (100, 1_120),
    (250, 1_360),
    (500, 7_400),
    (750, 164_000),
    (900, 900_000),
    (990, 5_000_000),
    (1000, 12_000_000),
]);

/// Distance over which the best prices move at once.
pub(super) const MOVE: Quantiles =
    Quantiles(&[(0, 1), (100, 2), (250, 21), (500, 43), (750, 80), (900, 153), (950, 220), (990, 513), (1000, 749)]);

/// Orders that take, per 1000 seconds.
pub(super) const TAKERS: u64 = 9_400;

/// Moves of the best prices, per 1000 seconds.
pub(super) const MOVES: u64 = 800;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_between_quantiles_lie_on_a_line() {
        let table = Quantiles(&[(0, 0), (500, 100), (1000, 1100)]);
        assert_eq!([0, 250, 500, 750, 1000].map(|share| table.at(share * 1000)), [0, 50, 100, 600, 1100]);
    }
}
