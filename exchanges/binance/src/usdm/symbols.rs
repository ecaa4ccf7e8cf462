use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{Asset, Contract, Decimal, Instrument, InstrumentRules, InstrumentStatus, MarketKind, Pair};

use crate::symbols::{Filters, StepsFrom};

/// Reads an instrument of the list; `None` for a contract that is delivered on a date, and for one that is only announced.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Exchange-Information>
pub(crate) fn instrument(raw: &RawValue) -> Result<Option<Instrument>, String> {
    let wire: Symbol<'_> = serde_json::from_str(raw.get()).map_err(|error| error.to_string())?;
    if !PERPETUAL.contains(&&*wire.contract_type) {
        return Ok(None);
    }
    let pair = Pair::new(&wire.base, &wire.quote).map_err(|error| error.to_string())?;
    let filters = Filters::read(&wire.filters)?;
    Ok(Some(Instrument {
        pair,
        kind: MarketKind::LinearPerpetual,
        status: wire.status(),
        contract: Some(Contract {
            settle: Asset::from(&*wire.settle),
            size: Decimal::ONE,
            max_leverage: None,
            funding_interval: None,
        }),
        rules: InstrumentRules {
            market_notional_by_mark: true,
            ..filters.rules(wire.base_precision, wire.quote_precision, StepsFrom::Min)
        },
        unknown_filters: filters.unknown,
        symbol: wire.symbol.into(),
    }))
}

/// Kinds of contract that do not end on a date. For those on stocks and metals an account must have signed an agreement;
/// without one their orders are refused.
const PERPETUAL: &[&str] = &["PERPETUAL", "PERPETUAL_DELIVERING", "TRADIFI_PERPETUAL"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Symbol<'a> {
    symbol: String,
    contract_type: String,
    status: String,
    #[serde(rename = "baseAsset")]
    base: String,
    #[serde(rename = "quoteAsset")]
    quote: String,
    #[serde(rename = "marginAsset")]
    settle: String,
    #[serde(rename = "baseAssetPrecision", default = "eight")]
    base_precision: u32,
    #[serde(default = "eight")]
    quote_precision: u32,
    #[serde(borrow)]
    filters: Vec<&'a RawValue>,
}

const fn eight() -> u32 {
    8
}

impl Symbol<'_> {
    fn status(&self) -> InstrumentStatus {
        match self.status.as_str() {
            "TRADING" => InstrumentStatus::Trading,
            "PENDING_TRADING" | "PRE_DELIVERING" | "DELIVERING" | "DELIVERED" | "PRE_SETTLE" | "SETTLING" | "CLOSE" => {
                InstrumentStatus::Halted(self.status.clone())
            }
            _ => InstrumentStatus::Unknown(self.status.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symbols::decode_instruments;
    use crate::usdm::Usdm;
    use tradewire_core::{Price, Quantity, Step};
    use tradewire_tracking::InstrumentList;

    const LIST: &[u8] = include_bytes!("../../fixtures/exchange-info-usdm.json");

    fn of<'a>(list: &'a InstrumentList, symbol: &str) -> &'a Instrument {
        list.instruments.iter().find(|instrument| &*instrument.symbol == symbol).expect(symbol)
    }

    fn decimal(text: &str) -> Decimal {
        text.parse::<Quantity>().expect(text).value()
    }

    #[test]
    fn filters_become_rules_whose_steps_count_from_the_lowest_value() {
        let (list, pools) = decode_instruments::<Usdm>(LIST).expect("a list");
        let bitcoin = of(&list, "BTCUSDT");
        assert_eq!((bitcoin.pair.as_str(), bitcoin.kind), ("BTC-USDT", MarketKind::LinearPerpetual));
        let rules = &bitcoin.rules;
        assert_eq!(rules.price_step, Step { size: decimal("0.1"), base: decimal("556.8") });
        assert_eq!(rules.price.min, Some(Price::new(decimal("556.8"))));
        assert_eq!(rules.quantity_step, Step { size: decimal("0.001"), base: decimal("0.001") });
        assert_eq!(rules.market_quantity.max, Some(Quantity::new(decimal("120"))));
        assert_eq!((rules.notional.min, rules.min_notional_for_market), (Some(decimal("50")), true));
        let contract = bitcoin.contract.as_ref().expect("a contract");
        assert_eq!((contract.settle.as_str(), contract.size), ("USDT", Decimal::ONE));
        assert!(bitcoin.unknown_filters.is_empty(), "{:?}", bitcoin.unknown_filters);
        assert_eq!(pools.len(), 3);
    }

    #[test]
    fn perpetuals_are_listed_with_their_status_and_dated_contracts_are_not() {
        let (list, _) = decode_instruments::<Usdm>(LIST).expect("a list");
        let shown: Vec<_> =
            list.instruments.iter().map(|instrument| (&*instrument.symbol, instrument.status.clone())).collect();
        let halted = |word: &str| InstrumentStatus::Halted(word.to_owned());
        assert_eq!(
            shown,
            [
                ("BTCUSDT", InstrumentStatus::Trading),
                ("XAUUSDT", InstrumentStatus::Trading),
                ("OLDUSDT", halted("SETTLING")),
                ("NEWUSDC", halted("PENDING_TRADING")),
                ("ODDUSDT", InstrumentStatus::Unknown("ASLEEP".to_owned())),
            ]
        );
        assert_eq!(of(&list, "ODDUSDT").unknown_filters, ["TIDE"]);
        let named: Vec<_> = list.unreadable.iter().map(|error| error.context("symbol")).collect();
        assert_eq!(named, [Some("BADUSDT")]);
    }
}
