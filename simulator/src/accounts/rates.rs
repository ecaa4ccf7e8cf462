//! What trading costs.

use rust_decimal::Decimal;
use serde::Serialize;

/// Rates as fractions of what an order receives: (maker or taker) plus (buyer or seller).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Rates {
    /// Of a resting order; negative is a rebate.
    pub maker: Decimal,
    /// Of an incoming order.
    pub taker: Decimal,
    /// Of a buy, in addition.
    pub buyer: Decimal,
    /// Of a sell, in addition.
    pub seller: Decimal,
}

impl Rates {
    /// Rates by liquidity alone.
    pub fn new(maker: Decimal, taker: Decimal) -> Rates {
        Rates { maker, taker, ..Rates::default() }
    }
}

/// A lower fee for who pays in a certain asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Discount {
    /// Whether the account has switched it on.
    pub enabled: bool,
    /// The asset.
    pub asset: String,
    /// What the standard fee is multiplied with.
    pub factor: Decimal,
}

impl Default for Discount {
    fn default() -> Discount {
        Discount { enabled: false, asset: "BNB".to_owned(), factor: Decimal::new(75, 2) }
    }
}

/// All rates of an account for one instrument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CommissionRates {
    /// The usual fee, which alone can be discounted.
    pub standard: Rates,
    /// Added for some instruments.
    pub special: Rates,
    /// Added by law.
    pub tax: Rates,
    /// The discount.
    pub discount: Discount,
}

impl Default for CommissionRates {
    fn default() -> CommissionRates {
        let thousandth = Decimal::new(1, 3);
        CommissionRates {
            standard: Rates::new(thousandth, thousandth),
            special: Rates::default(),
            tax: Rates::default(),
            discount: Discount::default(),
        }
    }
}
