use std::collections::HashSet;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{Error, ErrorKind, Instrument, InstrumentRules, Price, Quantity, Range, Step};
use tradewire_tracking::InstrumentList;
use tradewire_transport::PoolSpec;

use crate::limits;
use crate::market::{exact, exact_decimal};
use crate::product::Product;

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
    "POSITION_RISK_CONTROL",
    "TRAILING_DELTA",
];

/// Reads the body of a market's instrument list, and the limits that it publishes.
///
/// An instrument that cannot be read is left out and named in [`InstrumentList::unreadable`].
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/rest-api/general-endpoints#exchange-information>
///
/// # Errors
/// `Decode` if it is no instrument list at all.
pub(crate) fn decode_instruments<P: Product>(body: &[u8]) -> Result<(InstrumentList, Vec<PoolSpec>), Error> {
    let info: ExchangeInfo<'_> = serde_json::from_slice(body)
        .map_err(|error| Error::new(ErrorKind::Decode, "not an instrument list").with_source(error).with_frame(body))?;
    let (pools, problems) = limits::published(&info.rate_limits);
    let mut list = InstrumentList { problems, ..InstrumentList::default() };
    let mut pairs = HashSet::new();
    for raw in info.symbols {
        match instrument::<P>(raw) {
            Ok(None) => {}
            Ok(Some(instrument)) if !pairs.insert(instrument.pair.clone()) => {
                list.unreadable.push(unreadable(raw, "a second instrument of one pair"));
            }
            Ok(Some(instrument)) => list.instruments.push(instrument),
            Err(error) => list.unreadable.push(error),
        }
    }
    Ok((list, pools))
}

fn instrument<P: Product>(raw: &RawValue) -> Result<Option<Instrument>, Error> {
    if !raw.get().starts_with('{') {
        return Err(unreadable(raw, "not an object"));
    }
    P::instrument(raw).map_err(|why| unreadable(raw, why))
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
    #[serde(alias = "notional", deserialize_with = "exact_decimal")]
    min_notional: Decimal,
    /// Futures do not say it: it holds.
    #[serde(default = "holds")]
    apply_to_market: bool,
}

const fn holds() -> bool {
    true
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

/// From which value steps count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StepsFrom {
    /// From zero.
    Zero,
    /// From the lowest value allowed.
    Min,
}

/// The filters of an instrument that become rules.
#[derive(Default)]
pub(crate) struct Filters {
    price: PriceFilter,
    lot: LotSize,
    market_lot: LotSize,
    min_notional: Option<MinNotional>,
    notional: Option<Notional>,
    pub(crate) unknown: Vec<String>,
}

impl Filters {
    pub(crate) fn read(filters: &[&RawValue]) -> Result<Self, String> {
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

    /// The rules; where the exchange sets no step, what these decimals of quantities and prices allow.
    pub(crate) fn rules(&self, quantity_decimals: u32, price_decimals: u32, from: StepsFrom) -> InstrumentRules {
        let base = |min: Decimal| if from == StepsFrom::Min { min } else { Decimal::ZERO };
        let quantity_step = step(self.lot.step_size, quantity_decimals, base(self.lot.min_qty.value()));
        let quantity = range(self.lot.min_qty, self.lot.max_qty);
        let market_step = if self.market_lot.step_size.is_zero() {
            quantity_step
        } else {
            step(self.market_lot.step_size, 0, base(self.market_lot.min_qty.value()))
        };
        let mut rules = InstrumentRules {
            price_step: step(self.price.tick_size, price_decimals, base(self.price.min_price.value())),
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
fn step(size: Decimal, decimals: u32, base: Decimal) -> Step {
    let size = if size.is_zero() { Decimal::new(1, decimals.min(28)) } else { size.normalize() };
    Step { size, base: base.normalize() }
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
