//! Numbers as JSON numbers with all their decimals, trailing zeros too, which no floating-point number could carry.

use rust_decimal::Decimal;
use serde_json::Value;

use crate::listing::Listing;
use crate::numbers::fixed;

/// Begins a text that stands for a number; no client's text may hold it.
const MARK: char = '\u{1}';
/// The mark at the beginning of a JSON string.
const WRITTEN_MARK: &str = "\"\\u0001";

/// A number with exactly so many decimals, more only where it needs them.
pub(super) fn exact(value: Decimal, places: u32) -> Value {
    Value::String(format!("{MARK}{}", fixed(value, places)))
}

/// A number in its shortest form.
pub(super) fn short(value: Decimal) -> Value {
    exact(value, 0)
}

/// The number that [`exact`] has made.
pub(super) fn number(value: &Value) -> Option<Decimal> {
    value.as_str()?.strip_prefix(MARK)?.parse().ok()
}

/// JSON text, with the numbers of [`exact`] as numbers.
pub(super) fn text(value: &Value) -> String {
    let written = value.to_string();
    let mut parts = written.split(WRITTEN_MARK);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_once('"').unwrap_or((part, ""));
        text.push_str(number);
        text.push_str(rest);
    }
    text
}

/// Decimals of prices.
pub(super) fn price_places(listing: &Listing) -> u32 {
    listing.tick.normalize().scale()
}

/// Decimals of quantities.
pub(super) fn quantity_places(listing: &Listing) -> u32 {
    listing.step.normalize().scale()
}

/// Decimals of amounts: those of a price times a quantity.
pub(super) fn cost_places(listing: &Listing) -> u32 {
    price_places(listing) + quantity_places(listing)
}

/// A price as a JSON number.
pub(super) fn price(listing: &Listing, value: Decimal) -> Value {
    exact(value, price_places(listing))
}

/// A quantity as a JSON number.
pub(super) fn quantity(listing: &Listing, value: Decimal) -> Value {
    exact(value, quantity_places(listing))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn trailing_zeros_stay() {
        let value = json!({ "a": exact("0.10".parse().unwrap(), 5), "b": [short("7.50".parse().unwrap())], "c": "x" });
        assert_eq!(text(&value), r#"{"a":0.10000,"b":[7.5],"c":"x"}"#);
    }
}
