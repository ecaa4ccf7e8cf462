//! 100 000 random events in each position mode, against a model in whole numbers.

use std::hash::{BuildHasher, Hasher};

use tradewire_core::{FundingReport, LeverageReport};

use super::*;

/// Quantities have 3 decimals, prices 2, costs 16.
const COST_UNIT: i128 = 10_i128.pow(16 - 5);
const EVENTS: usize = 100_000;

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: i128) -> i128 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        i128::from(mixed ^ (mixed >> 31)).rem_euclid(end)
    }
}

/// What is held, in thousandths, and what it cost, in units of 10^-16; both with the sign of the size.
#[derive(Clone, Copy, Debug, Default)]
struct Model {
    size: i128,
    cost: i128,
    realised: i128,
    /// What was received less what was paid, for ever.
    cash: i128,
}

impl Model {
    fn trade(&mut self, quantity: i128, price: i128) {
        self.cash -= quantity * price * COST_UNIT;
        let closing = if self.size.signum() == -quantity.signum() { quantity.abs().min(self.size.abs()) } else { 0 };
        if closing > 0 {
            let left = self.size - self.size.signum() * closing;
            let cost_left = nearest(self.cost * left, self.size);
            let released = self.cost - cost_left;
            self.realised += self.size.signum() * closing * price * COST_UNIT - released;
            (self.size, self.cost) = (left, cost_left);
        }
        let opening = quantity.signum() * (quantity.abs() - closing);
        self.size += opening;
        self.cost += opening * price * COST_UNIT;
    }

    fn check(&self, is: &Position, seed: u64) {
        let of = |number: Decimal, scale: u32| {
            let number = number.normalize();
            number.mantissa() * 10_i128.pow(scale - number.scale())
        };
        assert_eq!(of(is.size, 3), self.size, "seed {seed}");
        assert_eq!(of(is.realised_profit, 16), self.realised, "seed {seed}");
        assert_eq!(self.realised - self.cost, self.cash, "what is not realised is held, seed {seed}");
        match is.entry_price {
            None => assert_eq!(self.size, 0, "seed {seed}"),
            Some(entry) => {
                let cost = (entry.value() * is.size).round_dp(16);
                assert_eq!(of(cost, 16), self.cost, "seed {seed}");
            }
        }
    }
}

/// Rounded half to even.
fn nearest(dividend: i128, divisor: i128) -> i128 {
    let (floor, rest) = (dividend.div_euclid(divisor.abs()), dividend.rem_euclid(divisor.abs()));
    let up = rest * 2 > divisor.abs() || (rest * 2 == divisor.abs() && floor % 2 != 0);
    (floor + i128::from(up)) * divisor.signum()
}

fn decimal(units: i128, scale: u32) -> Decimal {
    Decimal::from_i128_with_scale(units, scale)
}

fn run(sides: &[Option<PositionSide>], seed: u64) {
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let mut positions = Positions::restore(Vec::new(), true);
    positions.instrument(&instrument("BTCUSDT"));
    let (mut settings, mut payments) = (AccountSettings::default(), FundingPayments::default());
    let (mut models, mut funded, mut paid) = ([Model::default(); 2], Decimal::ZERO, 0_i128);
    let mut price = 3_000_000_i128;
    for event in 0..EVENTS {
        let time = i64::try_from(event + 1).expect("few") * 60_001;
        let one = usize::try_from(dice.below(2)).expect("small") % sides.len();
        let (model, side) = (&mut models[one], sides[one]);
        match dice.below(20) {
            0 => {
                let amount = dice.below(2_001) - 1_000;
                let id = Some(event.to_string());
                let (symbol, asset, amount_told) = ("BTCUSDT".to_owned(), "USDT".into(), decimal(amount, 4));
                let told = FundingReport {
                    symbol,
                    side,
                    id,
                    asset,
                    amount: amount_told,
                    rate: None,
                    size: None,
                    time: at(time),
                };
                for _ in 0..=dice.below(2) {
                    let new = payments.take(told.clone(), None, Source::Stream);
                    funded += new.map_or(Decimal::ZERO, |payment| payment.amount);
                }
                paid += amount;
            }
            1 => {
                let leverage = decimal(dice.below(125) + 1, 0);
                let symbol = "BTCUSDT".to_owned();
                settings.leverage_told(LeverageReport { symbol, side, leverage, margin_mode: None });
                assert_eq!(settings.leverage("BTCUSDT", side), Some(leverage), "seed {seed}");
            }
            _ => {
                price = (price + dice.below(20_001) - 10_000).clamp(100, 10_000_000);
                let size = dice.below(5_000) + 1;
                let buys = match side {
                    // A side of its own is never sold beyond what there is of it.
                    Some(PositionSide::Long) => model.size < size || dice.below(2) == 0,
                    Some(PositionSide::Short) => model.size <= -size && dice.below(2) == 0,
                    None => dice.below(2) == 0,
                };
                let quantity = if buys { size } else { -size };
                model.trade(quantity, price);
                let of = if buys { Side::Buy } else { Side::Sell };
                let (quantity, price) = (decimal(size, 3).to_string(), decimal(price, 2).to_string());
                let traded = fill("BTCUSDT", of, side, &quantity, &price, time);
                positions.fill(at(time), &traded).expect("counted");
                let shown = told(&mut positions);
                assert_eq!(shown.len(), 1, "seed {seed}");
                model.check(&shown[0], seed);
            }
        }
    }
    assert_eq!(funded, decimal(paid, 4), "seed {seed}");
}

fn seed() -> u64 {
    std::hash::RandomState::new().build_hasher().finish()
}

#[test]
fn one_way_positions_are_exact_to_the_last_digit() {
    run(&[None], seed());
}

#[test]
fn both_sides_of_hedged_positions_are_exact_to_the_last_digit() {
    run(&[Some(PositionSide::Long), Some(PositionSide::Short)], seed());
}
