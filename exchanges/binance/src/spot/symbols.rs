use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{Instrument, InstrumentStatus, MarketKind, Pair};

use crate::symbols::{Filters, StepsFrom};

/// Reads an instrument of spot's list.
pub(crate) fn instrument(raw: &RawValue) -> Result<Instrument, String> {
    let wire: Symbol<'_> = serde_json::from_str(raw.get()).map_err(|error| error.to_string())?;
    let pair = Pair::new(&wire.base, &wire.quote).map_err(|error| error.to_string())?;
    let filters = Filters::read(&wire.filters)?;
    Ok(Instrument {
        pair,
        kind: MarketKind::Spot,
        contract: None,
        status: wire.status(),
        rules: filters.rules(wire.base_precision, wire.quote_precision, StepsFrom::Zero),
        unknown_filters: filters.unknown,
        symbol: wire.symbol.into(),
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spot::Spot;
    use crate::symbols::decode_instruments;
    use tradewire_core::{Decimal, Price, Quantity, Range, Step};
    use tradewire_tracking::InstrumentList;

    const LIST: &[u8] = include_bytes!("../../fixtures/exchange-info.json");

    fn range<T: Default + PartialOrd>(min: T, max: T) -> Range<T> {
        let positive = |bound: T| (bound > T::default()).then_some(bound);
        Range { min: positive(min), max: positive(max) }
    }

    fn decimal(text: &str) -> Decimal {
        text.parse::<Quantity>().expect(text).value()
    }

    fn of<'a>(list: &'a InstrumentList, symbol: &str) -> &'a Instrument {
        list.instruments.iter().find(|instrument| &*instrument.symbol == symbol).expect(symbol)
    }

    #[test]
    fn filters_become_rules() {
        let (list, _) = decode_instruments::<Spot>(LIST).expect("a list");
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
        let (list, _) = decode_instruments::<Spot>(LIST).expect("a list");
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
        let (list, _) = decode_instruments::<Spot>(LIST).expect("a list");
        let new = of(&list, "NEWUSDT");
        assert_eq!(new.unknown_filters, ["MOON_PHASE"]);
        assert_eq!(new.rules.price_step, Step::of(decimal("0.000001")));
        assert_eq!(new.rules.quantity_step, Step::of(decimal("0.0001")));
    }

    #[test]
    fn symbols_need_not_be_ascii() {
        let (list, _) = decode_instruments::<Spot>(LIST).expect("a list");
        assert_eq!(of(&list, "币安人生USDT").pair.base(), "币安人生");
    }

    #[test]
    fn one_unreadable_instrument_is_named_and_the_others_load() {
        let (list, pools) = decode_instruments::<Spot>(LIST).expect("a list");
        let named: Vec<_> = list.unreadable.iter().map(|error| error.context("symbol")).collect();
        assert_eq!(named, [Some("BADUSDT"), Some("BTCUSDT2"), None]);
        assert!(list.unreadable[0].message().contains("LOT_SIZE"), "{}", list.unreadable[0]);
        assert_eq!(list.problems.len(), 1, "a limit of an unknown kind");
        assert_eq!(pools.len(), 4);
        assert!(decode_instruments::<Spot>(b"{}").is_err());
    }
}
