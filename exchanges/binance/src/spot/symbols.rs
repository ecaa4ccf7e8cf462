use std::collections::HashSet;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{
    Error, ErrorKind, Instrument, InstrumentRules, InstrumentStatus, MarketKind, Pair, Price, Quantity, Range, Step,
};
use tradewire_tracking::InstrumentList;
use tradewire_transport::PoolSpec;

use crate::limits;
use crate::market::{exact, exact_decimal};

/// Filters that are understood but depend on what moves (prices, open orders, positions): the exchange checks them.
const LEFT_TO_THE_EXCHANGE: &[&str] = &[
    "EXCHANGE_MAX_NUM_ALGO_ORDERS",
    "EXCHANGE_MAX_NUM_ICEBERG_ORDERS",
    "EXCHANGE_MAX_NUM_ORDERS",
    "EXCHANGE_MAX_NUM_ORDER_LISTS",
    "ICEBERG_PARTS",
    "MAX_ASSET",
    "MAX_NUM_ALGO_ORDERS",
    "MAX_NUM_ICEBERG_ORDERS",
    "MAX_NUM_ORDERS",
    "MAX_NUM_ORDER_AMENDS",
    "MAX_NUM_ORDER_LISTS",
    "MAX_POSITION",
    "PERCENT_PRICE",
    "PERCENT_PRICE_BY_SIDE",
    "TRAILING_DELTA",
];

/// Reads the body of an instrument list, and the limits that it publishes.
///
/// An instrument that cannot be read is left out and named in [`InstrumentList::unreadable`].
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/rest-api/general-endpoints#exchange-information>
///
/// # Errors
/// `Decode` if it is no instrument list at all.
pub fn decode_instruments(body: &[u8]) -> Result<(InstrumentList, Vec<PoolSpec>), Error> {
    let info: ExchangeInfo<'_> = serde_json::from_slice(body)
        .map_err(|error| Error::new(ErrorKind::Decode, "not an instrument list").with_source(error).with_frame(body))?;
    let (pools, problems) = limits::published(&info.rate_limits);
    let mut list = InstrumentList { problems, ..InstrumentList::default() };
    let mut pairs = HashSet::new();
    for raw in info.symbols {
        match instrument(raw) {
            Ok(instrument) if !pairs.insert(instrument.pair.clone()) => {
                list.unreadable.push(unreadable(raw, "a second instrument of one pair"));
            }
            Ok(instrument) => list.instruments.push(instrument),
            Err(error) => list.unreadable.push(error),
        }
    }
    Ok((list, pools))
}

fn instrument(raw: &RawValue) -> Result<Instrument, Error> {
    if !raw.get().starts_with('{') {
        return Err(unreadable(raw, "not an object"));
    }
    let wire: Symbol<'_> = serde_json::from_str(raw.get()).map_err(|error| unreadable(raw, error.to_string()))?;
    let pair = Pair::new(&wire.base, &wire.quote).map_err(|error| unreadable(raw, error.to_string()))?;
    let filters = Filters::read(&wire.filters).map_err(|error| unreadable(raw, error))?;
    Ok(Instrument {
        pair,
        kind: MarketKind::Spot,
        contract: None,
        status: wire.status(),
        rules: filters.rules(&wire),
        unknown_filters: filters.unknown,
        symbol: wire.symbol.into(),
    })
}

/// An error that names the instrument, if its name can be read.
fn unreadable(raw: &RawValue, why: impl Into<String>) -> Error {
    let error = Error::new(ErrorKind::Decode, why.into()).with_frame(raw.get().as_bytes());
    match serde_json::from_str::<Name>(raw.get()) {
        Ok(name) => error.with("symbol", name.symbol),
        Err(_) => error,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExchangeInfo<'a> {
    #[serde(borrow, default)]
    rate_limits: Vec<&'a RawValue>,
    #[serde(borrow)]
    symbols: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Name {
    symbol: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Symbol<'a> {
    symbol: String,
    status: String,
    #[serde(rename = "baseAsset")]
    base: String,
    #[serde(rename = "quoteAsset")]
    quote: String,
    #[serde(rename = "baseAssetPrecision", default = "eight")]
    base_precision: u32,
    #[serde(rename = "quoteAssetPrecision", default = "eight")]
    quote_precision: u32,
    is_spot_trading_allowed: Option<bool>,
    #[serde(borrow)]
    filters: Vec<&'a RawValue>,
}

const fn eight() -> u32 {
    8
}

impl Symbol<'_> {
    fn status(&self) -> InstrumentStatus {
        match self.status.as_str() {
            "TRADING" if self.is_spot_trading_allowed == Some(false) => {
                InstrumentStatus::Halted("spot trading is not allowed".to_owned())
            }
            "TRADING" => InstrumentStatus::Trading,
            "CANCEL_ONLY" => InstrumentStatus::CancelOnly,
            "BREAK" | "END_OF_DAY" | "HALT" => InstrumentStatus::Halted(self.status.clone()),
            _ => InstrumentStatus::Unknown(self.status.clone()),
        }
    }
}

#[derive(Deserialize)]
struct FilterKind {
    #[serde(rename = "filterType")]
    kind: String,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PriceFilter {
    #[serde(deserialize_with = "exact")]
    min_price: Price,
    #[serde(deserialize_with = "exact")]
    max_price: Price,
    #[serde(deserialize_with = "exact_decimal")]
    tick_size: Decimal,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LotSize {
    #[serde(deserialize_with = "exact")]
    min_qty: Quantity,
    #[serde(deserialize_with = "exact")]
    max_qty: Quantity,
    #[serde(deserialize_with = "exact_decimal")]
    step_size: Decimal,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MinNotional {
    #[serde(deserialize_with = "exact_decimal")]
    min_notional: Decimal,
    apply_to_market: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Notional {
    #[serde(deserialize_with = "exact_decimal")]
    min_notional: Decimal,
    apply_min_to_market: bool,
    #[serde(deserialize_with = "exact_decimal")]
    max_notional: Decimal,
    apply_max_to_market: bool,
}

/// The filters of an instrument that become rules.
#[derive(Default)]
struct Filters {
    price: PriceFilter,
    lot: LotSize,
    market_lot: LotSize,
    min_notional: Option<MinNotional>,
    notional: Option<Notional>,
    unknown: Vec<String>,
}

impl Filters {
    fn read(filters: &[&RawValue]) -> Result<Self, String> {
        let mut read = Self::default();
        for raw in filters {
            let kind = filter::<FilterKind>(raw, "filter")?.kind;
            match kind.as_str() {
                "PRICE_FILTER" => read.price = filter(raw, &kind)?,
                "LOT_SIZE" => read.lot = filter(raw, &kind)?,
                "MARKET_LOT_SIZE" => read.market_lot = filter(raw, &kind)?,
                "MIN_NOTIONAL" => read.min_notional = Some(filter(raw, &kind)?),
                "NOTIONAL" => read.notional = Some(filter(raw, &kind)?),
                known if LEFT_TO_THE_EXCHANGE.contains(&known) => {}
                _ => read.unknown.push(kind),
            }
        }
        Ok(read)
    }

    fn rules(&self, symbol: &Symbol<'_>) -> InstrumentRules {
        let quantity_step = step(self.lot.step_size, symbol.base_precision);
        let quantity = range(self.lot.min_qty, self.lot.max_qty);
        let market_step =
            if self.market_lot.step_size.is_zero() { quantity_step } else { Step::of(self.market_lot.step_size) };
        let mut rules = InstrumentRules {
            price_step: step(self.price.tick_size, symbol.quote_precision),
            price: range(self.price.min_price, self.price.max_price),
            quantity_step,
            quantity,
            market_quantity_step: market_step,
            market_quantity: narrower(quantity, range(self.market_lot.min_qty, self.market_lot.max_qty)),
            ..InstrumentRules::default()
        };
        if let Some(filter) = &self.min_notional {
            rules.notional.min = positive(filter.min_notional);
            rules.min_notional_for_market = filter.apply_to_market;
        }
        if let Some(filter) = &self.notional {
            rules.notional = range(filter.min_notional, filter.max_notional);
            rules.min_notional_for_market = filter.apply_min_to_market;
            rules.max_notional_for_market = filter.apply_max_to_market;
        }
        rules
    }
}

fn filter<'a, T: Deserialize<'a>>(raw: &'a RawValue, kind: &str) -> Result<T, String> {
    if !raw.get().starts_with('{') {
        return Err(format!("{kind}: not an object"));
    }
    serde_json::from_str(raw.get()).map_err(|error| format!("{kind}: {error}"))
}

/// A step; where the exchange sets none, what the asset's decimals allow.
fn step(size: Decimal, decimals: u32) -> Step {
    Step::of(if size.is_zero() { Decimal::new(1, decimals.min(28)) } else { size.normalize() })
}

/// Zero disables a bound.
fn positive<T: Default + PartialOrd>(bound: T) -> Option<T> {
    (bound > T::default()).then_some(bound)
}

fn range<T: Default + PartialOrd>(min: T, max: T) -> Range<T> {
    Range { min: positive(min), max: positive(max) }
}

/// The values that lie in both.
fn narrower(a: Range<Quantity>, b: Range<Quantity>) -> Range<Quantity> {
    let max = match (a.max, b.max) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    Range { min: a.min.max(b.min), max }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &[u8] = include_bytes!("../../fixtures/exchange-info.json");

    fn decimal(text: &str) -> Decimal {
        text.parse::<Quantity>().expect(text).value()
    }

    fn of<'a>(list: &'a InstrumentList, symbol: &str) -> &'a Instrument {
        list.instruments.iter().find(|instrument| &*instrument.symbol == symbol).expect(symbol)
    }

    #[test]
    fn filters_become_rules() {
        let (list, _) = decode_instruments(LIST).expect("a list");
        let rules = &of(&list, "BTCUSDT").rules;
        assert_eq!(rules.price_step, Step::of(decimal("0.01")));
        assert_eq!(rules.price, range(Price::new(decimal("0.01")), Price::new(decimal("1000000"))));
        assert_eq!(rules.quantity_step, Step::of(decimal("0.00001")));
        assert_eq!(rules.quantity, range(Quantity::new(decimal("0.00001")), Quantity::new(decimal("9000"))));
        assert_eq!(rules.market_quantity_step, rules.quantity_step, "0 sets none of its own");
        assert_eq!(rules.market_quantity.min, rules.quantity.min);
        assert_eq!(rules.market_quantity.max, Some(Quantity::new(decimal("71.5"))));
        assert_eq!(rules.notional, range(decimal("5"), decimal("9000000")));
        assert!(rules.min_notional_for_market && !rules.max_notional_for_market);
        let older = &of(&list, "ETHBTC").rules;
        assert_eq!((older.notional, older.min_notional_for_market), (range(decimal("0.0001"), Decimal::ZERO), false));
    }

    #[test]
    fn what_cannot_be_traded_is_listed_with_its_status() {
        let (list, _) = decode_instruments(LIST).expect("a list");
        let status = |symbol| of(&list, symbol).status.clone();
        assert_eq!(status("BTCUSDT"), InstrumentStatus::Trading);
        assert_eq!(status("ETHBTC"), InstrumentStatus::Halted("BREAK".to_owned()));
        assert_eq!(status("BNBUSDT"), InstrumentStatus::CancelOnly);
        assert_eq!(status("NEWUSDT"), InstrumentStatus::Unknown("DREAMING".to_owned()));
        assert!(matches!(status("OLDUSDT"), InstrumentStatus::Halted(_)));
        assert_eq!(list.instruments.iter().filter(|instrument| instrument.tradable()).count(), 2);
    }

    #[test]
    fn an_unknown_filter_is_kept_by_name_and_missing_ones_leave_the_asset_decimals() {
        let (list, _) = decode_instruments(LIST).expect("a list");
        let new = of(&list, "NEWUSDT");
        assert_eq!(new.unknown_filters, ["MOON_PHASE"]);
        assert_eq!(new.rules.price_step, Step::of(decimal("0.000001")));
        assert_eq!(new.rules.quantity_step, Step::of(decimal("0.0001")));
    }

    #[test]
    fn symbols_need_not_be_ascii() {
        let (list, _) = decode_instruments(LIST).expect("a list");
        assert_eq!(of(&list, "币安人生USDT").pair.base(), "币安人生");
    }

    #[test]
    fn one_unreadable_instrument_is_named_and_the_others_load() {
        let (list, pools) = decode_instruments(LIST).expect("a list");
        let named: Vec<_> = list.unreadable.iter().map(|error| error.context("symbol")).collect();
        assert_eq!(named, [Some("BADUSDT"), Some("BTCUSDT2"), None]);
        assert!(list.unreadable[0].message().contains("LOT_SIZE"), "{}", list.unreadable[0]);
        assert_eq!(list.problems.len(), 1, "a limit of an unknown kind");
        assert_eq!(pools.len(), 4);
        assert!(decode_instruments(b"{}").is_err());
    }
}
