//! Reading single words: what each may be, and what is said of those that are not.

use std::str::FromStr;

use tradewire::{
    Decimal, OrderType, Pair, PositionMode, PositionSide, Price, Quantity, SelfTradePrevention, Side, TimeInForce,
    TriggerPrice, nearest,
};
use tradewire_conformance::Component;

/// Reads the name of an exchange.
pub(crate) fn exchange(text: &str) -> Result<String, String> {
    if let Some(feature) = tradewire::missing_feature(text) {
        return Err(format!("this program was built without the feature '{feature}', which has it"));
    }
    one_of(text, &tradewire::exchanges().iter().map(|known| known.exchange).collect::<Vec<_>>())
}

/// Reads the name of an exchange that can be simulated.
pub(crate) fn simulated_exchange(text: &str) -> Result<String, String> {
    one_of(text, tradewire_simulator::EXCHANGES)
}

/// Reads the name of an exchange that can be simulated and connected to.
pub(crate) fn exchange_of_demo(text: &str) -> Result<String, String> {
    one_of(text, &crate::demo::exchanges().map(|known| known.exchange).collect::<Vec<_>>())
}

/// Reads the name of a stage of the conformance suite.
pub(crate) fn component(text: &str) -> Result<Component, String> {
    let known = Component::ALL.map(Component::name);
    let hint = nearest(text, known).unwrap_or_default();
    text.parse().map_err(|_| format!("no such component; did you mean '{hint}'? Known: {}", known.join(", ")))
}

/// Reads the name of a connector's crate.
pub(crate) fn crate_name(text: &str) -> Result<String, String> {
    crate::new_exchange::crate_name(text)
}

fn one_of(text: &str, known: &[&str]) -> Result<String, String> {
    if known.contains(&text) {
        return Ok(text.to_owned());
    }
    let all = known.join(", ");
    match nearest(text, known.iter().copied()) {
        Some(nearest) => Err(format!("no such exchange; did you mean '{nearest}'? Known: {all}")),
        None => Err("no such exchange; this program was built without any".to_owned()),
    }
}

/// Reads a pair.
pub(crate) fn pair(text: &str) -> Result<Pair, String> {
    let hint = || nearest_pair(text).unwrap_or_else(|| "BTC-USDT".to_owned());
    text.parse().map_err(|_| format!("not a pair; write base and quote asset with one dash, like '{}'", hint()))
}

/// Reads a number of seconds.
pub(crate) fn seconds(text: &str) -> Result<u64, String> {
    text.parse()
        .ok()
        .filter(|seconds| *seconds > 0)
        .ok_or_else(|| "write whole seconds, at least one, like '10'".to_owned())
}

/// Reads an address for REST requests.
pub(crate) fn rest_address(text: &str) -> Result<String, String> {
    address(text, ["https", "http"])
}

/// Reads an address for streams.
pub(crate) fn ws_address(text: &str) -> Result<String, String> {
    address(text, ["wss", "ws"])
}

fn address(text: &str, [secure, plain]: [&str; 2]) -> Result<String, String> {
    let host = text.split_once("://").filter(|(scheme, _)| [secure, plain].contains(scheme)).map(|(_, host)| host);
    match host {
        Some(host) if !host.is_empty() && !host.contains(char::is_whitespace) => Ok(text.to_owned()),
        _ => Err(format!("not an address for this; write '{secure}://host' or '{plain}://127.0.0.1:8080'")),
    }
}

/// Reads a side.
pub(crate) fn side(text: &str) -> Result<Side, String> {
    match text {
        "buy" => Ok(Side::Buy),
        "sell" => Ok(Side::Sell),
        _ => Err(not_among(text, &["buy", "sell"])),
    }
}

/// Reads an order type.
pub(crate) fn order_type(text: &str) -> Result<OrderType, String> {
    word(text, OrderType::ALL, OrderType::as_str)
}

/// Reads a time in force.
pub(crate) fn time_in_force(text: &str) -> Result<TimeInForce, String> {
    word(text, TimeInForce::ALL, TimeInForce::as_str)
}

/// Reads a self-trade prevention.
pub(crate) fn self_trade_prevention(text: &str) -> Result<SelfTradePrevention, String> {
    word(text, SelfTradePrevention::ALL, SelfTradePrevention::as_str)
}

/// Reads a position side.
pub(crate) fn position_side(text: &str) -> Result<PositionSide, String> {
    word(text, PositionSide::ALL, PositionSide::as_str)
}

/// Reads a position mode.
pub(crate) fn position_mode(text: &str) -> Result<PositionMode, String> {
    word(text, PositionMode::ALL, PositionMode::as_str)
}

/// Reads which price sends a conditional order.
pub(crate) fn trigger_price(text: &str) -> Result<TriggerPrice, String> {
    word(text, TriggerPrice::ALL, TriggerPrice::as_str)
}

/// Reads a leverage: at least one.
pub(crate) fn leverage(text: &str) -> Result<Decimal, String> {
    let number = text.parse().ok().filter(|number| *number >= Decimal::ONE);
    number.ok_or_else(|| "write a number from one on, like '10'".to_owned())
}

fn word<T: FromStr + Copy>(text: &str, all: &[T], name: fn(T) -> &'static str) -> Result<T, String> {
    text.parse().map_err(|_| not_among(text, &all.iter().copied().map(name).collect::<Vec<_>>()))
}

fn not_among(text: &str, known: &[&str]) -> String {
    let hint = nearest(text, known.iter().copied()).unwrap_or_default();
    format!("did you mean '{hint}'? Valid: {}", known.join(", "))
}

/// Reads a quantity: more than zero.
pub(crate) fn quantity(text: &str) -> Result<Quantity, String> {
    positive(text, Quantity::ZERO)
}

/// Reads a price: more than zero.
pub(crate) fn price(text: &str) -> Result<Price, String> {
    positive(text, Price::ZERO)
}

fn positive<T: FromStr + PartialOrd>(text: &str, zero: T) -> Result<T, String> {
    let number = text.parse().ok().filter(|number| *number > zero);
    number.ok_or_else(|| "write a decimal number above zero, with at most 28 digits, like '0.25'".to_owned())
}

/// Reads the id of an order.
pub(crate) fn order_id(text: &str) -> Result<String, String> {
    const LONGEST: usize = 128;
    let good = !text.is_empty() && text.len() <= LONGEST && text.chars().all(|c| c.is_ascii_graphic());
    good.then(|| text.to_owned()).ok_or_else(|| format!("an id is one word of at most {LONGEST} ASCII characters"))
}

/// Reads a time in milliseconds since 1970.
pub(crate) fn milliseconds(text: &str) -> Result<i64, String> {
    let number = text.parse().ok().filter(|number| *number >= 0);
    number.ok_or_else(|| "write milliseconds since 1970, like '1700000000000'".to_owned())
}

/// Reads the name of an account in the key store.
pub(crate) fn account_name(text: &str) -> Result<String, String> {
    const LONGEST: usize = 32;
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let good = !text.is_empty() && text.len() <= LONGEST && text.chars().all(letter) && !text.starts_with('.');
    good.then(|| text.to_owned())
        .ok_or_else(|| format!("a name has at most {LONGEST} letters, digits, '-', '_' and '.', like 'main'"))
}

/// What a pair without its dash, or with another sign instead, most likely means.
fn nearest_pair(text: &str) -> Option<String> {
    const QUOTES: [&str; 8] = ["USDT", "USDC", "FDUSD", "USD", "EUR", "BTC", "ETH", "BNB"];
    let plain = text.to_uppercase();
    let quote = QUOTES.into_iter().find(|quote| plain.ends_with(quote))?;
    let base = plain.strip_suffix(quote)?.trim_end_matches(|c: char| !c.is_alphanumeric());
    Pair::new(base, quote).ok().map(|pair| pair.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_pair_most_likely_means() {
        for (text, likely) in [("BTCUSDT", "BTC-USDT"), ("eth/btc", "ETH-BTC"), ("BTC_USDT", "BTC-USDT")] {
            assert_eq!(nearest_pair(text).as_deref(), Some(likely), "{text}");
        }
        assert_eq!(nearest_pair("?"), None);
        assert!(pair("BTC-USDT-PERP").expect_err("two dashes").contains("'BTC-USDT'"));
    }

    #[test]
    fn numbers_are_plain_and_above_zero() {
        assert_eq!(quantity("0.10").expect("a number").to_string(), "0.1");
        for text in ["0", "-1", "1e3", "", "1,5", "NaN"] {
            assert!(quantity(text).is_err() && price(text).is_err(), "{text}");
        }
        assert_eq!(milliseconds("1499827319559"), Ok(1_499_827_319_559));
        assert!(milliseconds("-1").is_err() && milliseconds("now").is_err());
    }

    #[test]
    fn words_are_known_or_explained() {
        assert_eq!(order_type("post-only"), Ok(OrderType::PostOnly));
        assert!(order_type("postonly").expect_err("unknown").contains("'post-only'"));
        assert!(time_in_force("gtx").expect_err("unknown").contains("gtc, ioc, fok"));
        assert!(side("BUY").expect_err("unknown").contains("'buy'"));
        assert!(account_name("main.2").is_ok() && account_name("../x").is_err() && account_name(".x").is_err());
        assert!(order_id("tw-1").is_ok() && order_id("a b").is_err() && order_id("").is_err());
    }
}
