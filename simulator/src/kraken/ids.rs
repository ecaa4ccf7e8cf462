//! Ids of orders, trades and amendments as the exchange writes them: a letter, then sixteen in three groups. They name the
//! market too.

use crate::accounts::Fill;
use crate::engine::OrderId;
use crate::market::MarketId;

const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Letters that carry five bits each.
const LENGTH: u32 = 16;
const MASK: u128 = (1 << (5 * LENGTH)) - 1;
/// Spreads consecutive numbers; odd, so that it can be undone.
const FACTOR: u128 = 0x9e37_79b9_7f4a_7c15_f39d;
const INVERSE: u128 = inverse();
/// Bits of a number within its market.
const NUMBER_BITS: u32 = 60;

/// The id of an order.
pub(super) fn order(market: MarketId, id: OrderId) -> String {
    written('O', market, id.0)
}

/// The order that an id names.
pub(super) fn named_order(text: &str) -> Option<(MarketId, OrderId)> {
    read('O', text).map(|(market, number)| (market, OrderId(number)))
}

/// The id of a trade.
pub(super) fn trade(market: MarketId, trade: u64) -> String {
    written('T', market, trade)
}

/// The id of a trade of an account.
pub(super) fn fill(fill: &Fill) -> String {
    trade(fill.market, fill.trade_id)
}

/// The id of an amendment, of which there may be many of one order.
pub(super) fn amendment(market: MarketId, id: OrderId, nth: u64) -> String {
    written('T', MarketId(market.0 + (1 << 15)), id.0.wrapping_mul(1 << 20) + nth)
}

/// The id of the `nth` entry of a ledger.
pub(super) fn ledger(nth: u64) -> String {
    written('L', MarketId(0), nth)
}

const fn inverse() -> u128 {
    let mut inverse: u128 = 1;
    let mut round = 0;
    // Each round doubles how many low bits are right.
    while round < 7 {
        inverse = inverse.wrapping_mul(2u128.wrapping_sub(FACTOR.wrapping_mul(inverse)));
        round += 1;
    }
    inverse & MASK
}

fn written(kind: char, market: MarketId, number: u64) -> String {
    let plain = ((market.0 as u128) << NUMBER_BITS) | u128::from(number & ((1 << NUMBER_BITS) - 1));
    let spread = plain.wrapping_mul(FACTOR) & MASK;
    let letter = |at: u32| char::from(LETTERS[((spread >> (5 * (LENGTH - 1 - at))) & 31) as usize]);
    let letters: String = (0..LENGTH).map(letter).collect();
    format!("{kind}{}-{}-{}", &letters[..5], &letters[5..10], &letters[10..])
}

fn read(kind: char, text: &str) -> Option<(MarketId, u64)> {
    let letters = text.strip_prefix(kind)?.replace('-', "");
    if letters.len() != LENGTH as usize {
        return None;
    }
    let mut spread: u128 = 0;
    for letter in letters.bytes() {
        let bits = LETTERS.iter().position(|known| *known == letter)?;
        spread = (spread << 5) | bits as u128;
    }
    let plain = spread.wrapping_mul(INVERSE) & MASK;
    let market = usize::try_from(plain >> NUMBER_BITS).ok()?;
    let number = u64::try_from(plain & ((1 << NUMBER_BITS) - 1)).ok()?;
    Some((MarketId(market), number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_look_like_those_of_the_exchange_and_name_their_order() {
        for (market, id) in [(0, 1), (3, 2), (499, 1_234_567_890_123)] {
            let text = order(MarketId(market), OrderId(id));
            let groups: Vec<usize> = text.split('-').map(str::len).collect();
            assert_eq!((groups, text.as_bytes()[0]), (vec![6, 5, 6], b'O'), "{text}");
            assert_eq!(named_order(&text), Some((MarketId(market), OrderId(id))));
        }
        assert_eq!([named_order("OAAAAA-AAAAA"), named_order("12345")], [None, None]);
    }
}
