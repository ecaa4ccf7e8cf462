//! What a perpetual contract has besides the rules that every instrument has.

use rust_decimal::Decimal;

use crate::numbers::notional;

/// Terms of a perpetual contract whose collateral, profit and fees are in its quote asset.
#[derive(Clone, Debug, PartialEq)]
pub struct Contract {
    /// Margin by the value of a position, from small to large; never empty.
    pub tiers: Vec<MarginTier>,
    /// Leverage that an account has before it sets one.
    pub initial_leverage: Decimal,
    /// Hours between fundings; they fall on multiples of it from midnight UTC on.
    pub funding_hours: u32,
    /// The rate of fundings, unless the premium of the mark price moves it.
    pub funding_rate: Decimal,
    /// Largest funding rate, up or down.
    pub funding_cap: Decimal,
    /// Highest and lowest price of an order as multiples of the mark price.
    pub price_band: (Decimal, Decimal),
    /// How far the mark price may lie from the index, as a fraction.
    pub mark_band: Decimal,
    /// Fee of a liquidation, as a fraction of the value.
    pub liquidation_fee: Decimal,
    /// How far mark and last price may differ for a protected trigger, as a fraction.
    pub trigger_protect: Decimal,
    /// How far a market order may trade from the mark price, as a fraction.
    pub market_take_bound: Decimal,
}

/// One step of the margin table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarginTier {
    /// Largest value of a position here, in quote units.
    pub cap: Decimal,
    /// Largest leverage.
    pub max_leverage: Decimal,
    /// Maintenance margin as a fraction of the value.
    pub maintenance_rate: Decimal,
}

impl Default for Contract {
    fn default() -> Contract {
        Contract::up_to(75)
    }
}

impl Contract {
    /// Usual terms with this largest leverage.
    pub fn up_to(max_leverage: u32) -> Contract {
        let table = [
            (50_000, 125, 4),
            (600_000, 100, 5),
            (3_000_000, 75, 7),
            (12_000_000, 50, 10),
            (70_000_000, 25, 20),
            (230_000_000, 10, 50),
            (480_000_000, 5, 100),
            (1_200_000_000_i64, 2, 250),
            (1_800_000_000, 1, 500),
        ];
        let tiers = table.into_iter().filter(|(_, leverage, _)| *leverage <= max_leverage.max(1));
        let tiers = tiers.map(|(cap, leverage, thousandths)| MarginTier {
            cap: Decimal::from(cap),
            max_leverage: Decimal::from(leverage),
            maintenance_rate: Decimal::new(thousandths, 3),
        });
        Contract {
            tiers: tiers.collect(),
            initial_leverage: Decimal::from(20.min(max_leverage.max(1))),
            funding_hours: 8,
            funding_rate: Decimal::new(1, 4),
            funding_cap: Decimal::new(2, 2),
            price_band: (Decimal::new(2, 0), Decimal::new(2, 1)),
            mark_band: Decimal::new(5, 2),
            liquidation_fee: Decimal::new(1, 2),
            trigger_protect: Decimal::new(5, 2),
            market_take_bound: Decimal::new(5, 2),
        }
    }

    /// Largest leverage of all tiers.
    pub fn max_leverage(&self) -> Decimal {
        self.tiers.first().map_or(Decimal::ONE, |tier| tier.max_leverage)
    }

    /// Number of the tier of a position of this value, from 0; the last one beyond the table.
    pub fn tier_of(&self, value: Decimal) -> usize {
        let last = self.tiers.len().saturating_sub(1);
        self.tiers.iter().position(|tier| value <= tier.cap).unwrap_or(last)
    }

    /// Largest value of a position at this leverage; zero if the leverage is too high.
    pub fn max_value(&self, leverage: Decimal) -> Decimal {
        let fits = self.tiers.iter().filter(|tier| tier.max_leverage >= leverage);
        fits.map(|tier| tier.cap).max().unwrap_or_default()
    }

    /// Value from which a tier begins.
    pub fn floor_of(&self, tier: usize) -> Decimal {
        tier.checked_sub(1).and_then(|below| self.tiers.get(below)).map_or(Decimal::ZERO, |below| below.cap)
    }

    /// What a tier's maintenance margin is lessened by, so that it rises without a jump from tier to tier.
    pub fn deduction_of(&self, tier: usize) -> Decimal {
        let steps = self.tiers.windows(2).take(tier);
        steps.map(|pair| notional(pair[0].cap, pair[1].maintenance_rate - pair[0].maintenance_rate)).sum()
    }

    /// Maintenance margin of a position of this value.
    pub fn maintenance(&self, value: Decimal) -> Decimal {
        let tier = self.tier_of(value);
        let rate = self.tiers.get(tier).map_or(Decimal::ZERO, |tier| tier.maintenance_rate);
        notional(value, rate) - self.deduction_of(tier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maintenance_rises_without_a_jump() {
        let contract = Contract::up_to(125);
        for (tier, step) in contract.tiers.iter().enumerate() {
            let (here, above) = (step.cap, step.cap + Decimal::ONE);
            let jump = contract.maintenance(above) - contract.maintenance(here);
            let next = contract.tiers.get(tier + 1).unwrap_or(step);
            assert_eq!(jump, next.maintenance_rate, "tier {tier}");
        }
        assert_eq!(contract.max_value(Decimal::from(100)), Decimal::from(600_000));
        assert_eq!(contract.max_value(Decimal::from(126)), Decimal::ZERO);
    }
}
