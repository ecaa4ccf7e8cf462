//! Last prices across markets, to express a fee in another asset.

use parking_lot::Mutex;
use rust_decimal::Decimal;

use super::commission::FEE_DECIMALS;
use super::perpetual::Marks;
use crate::market::{Market, MarketId};
use crate::numbers::notional;

/// The last price of every market. Its lock is taken last and held for a moment.
#[derive(Debug, Default)]
pub(crate) struct Prices {
    /// Marks of contracts.
    pub(crate) marks: Marks,
    all: Mutex<Vec<Price>>,
}

#[derive(Debug)]
struct Price {
    market: MarketId,
    base: String,
    quote: String,
    last: Decimal,
}

impl Prices {
    /// Notes the last price of a market.
    pub(crate) fn note(&self, market: &Market) {
        let last = market.tape.last_price();
        let mut all = self.all.lock();
        match all.iter_mut().find(|price| price.market == market.id) {
            Some(price) => price.last = last,
            None => {
                let (base, quote) = (market.listing.base.clone(), market.listing.quote.clone());
                all.push(Price { market: market.id, base, quote, last });
            }
        }
    }

    /// `amount` of one asset in units of another, rounded down; `None` without a market that links them.
    pub(crate) fn convert(&self, amount: Decimal, from: &str, to: &str) -> Option<Decimal> {
        if from == to {
            return Some(amount);
        }
        let all = self.all.lock();
        let price = |base: &str, quote: &str| {
            all.iter().find(|price| price.base == base && price.quote == quote).map(|price| price.last)
        };
        let converted = if let Some(price) = price(from, to) {
            notional(amount, price)
        } else if let Some(price) = price(to, from) {
            amount.checked_div(price)?
        } else {
            let through = all.iter().find_map(|known| {
                let other = (known.base == from).then(|| price(to, &known.quote)).flatten()?;
                notional(amount, known.last).checked_div(other)
            });
            through?
        };
        Some(converted.trunc_with_scale(FEE_DECIMALS))
    }
}
