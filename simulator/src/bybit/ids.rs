//! How the exchange writes the numbers of orders and trades.

use super::category::Category;
use crate::engine::OrderId;
use crate::market::MarketId;

/// The number of the first order of spot.
const FIRST: u64 = 1_600_000_000_000_000_000;
/// Numbers of orders or trades of one market.
const OF_MARKET: u64 = 100_000_000_000;
/// How far apart the numbers of two trades are.
const TRADES_APART: u64 = 3;
/// The first part of texts of contracts.
const MARK: u64 = 0x5a1d_0000;

/// The text of an order: of spot a number, of contracts 32 digits in groups. It names the market too.
pub(super) fn order_id(category: Category, market: MarketId, order: OrderId) -> String {
    written(category, market, order.0)
}

/// The order of a text.
pub(super) fn read_order_id(text: &str) -> Option<(MarketId, OrderId)> {
    let number = match text.parse::<u64>() {
        Ok(number) => number.checked_sub(FIRST)?,
        Err(_) => of_groups(text)?,
    };
    let market = usize::try_from(number / OF_MARKET).ok()?;
    Some((MarketId(market), OrderId(number % OF_MARKET)))
}

/// The text of a trade, the same for the public and for its two orders. One after the other their numbers rise, by more than
/// one.
pub(super) fn trade_id(category: Category, market: MarketId, trade: u64) -> String {
    written(category, market, trade.saturating_mul(TRADES_APART))
}

fn written(category: Category, market: MarketId, number: u64) -> String {
    let market = u64::try_from(market.0).unwrap_or(u64::MAX / OF_MARKET);
    let number = market.saturating_mul(OF_MARKET).saturating_add(number % OF_MARKET);
    if category.is_spot() { (FIRST + number).to_string() } else { groups(number) }
}

fn groups(number: u64) -> String {
    let (high, low) = (number >> 32, number & 0xffff_ffff);
    // Looks drawn, and can be read back.
    let veil = spread(low);
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:04x}{:08x}",
        MARK ^ veil,
        (veil >> 8) & 0xffff,
        veil & 0xfff,
        0x8000 | ((veil >> 3) & 0x3fff),
        high & 0xffff,
        low
    )
}

fn of_groups(text: &str) -> Option<u64> {
    let (_, last) = text.rsplit_once('-')?;
    let last = u64::from_str_radix(last, 16).ok()?;
    (groups(last) == text).then_some(last)
}

fn spread(number: u64) -> u64 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_name_market_and_order() {
        for category in [Category::Spot, Category::Linear] {
            for (market, order) in [(0, 1), (3, 77), (499, 123_456_789)] {
                let text = order_id(category, MarketId(market), OrderId(order));
                assert_eq!(read_order_id(&text), Some((MarketId(market), OrderId(order))), "{text}");
            }
        }
        assert_eq!(order_id(Category::Linear, MarketId(1), OrderId(2)).len(), 36);
        for wrong in ["", "1", "x", "5a1d0000-0000-4000-8000-000000000001", "1600000000000000000000"] {
            assert_eq!(read_order_id(wrong), None, "{wrong}");
        }
    }
}
