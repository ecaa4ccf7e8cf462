use serde::Deserialize;
use tradewire_core::{Decimal, Error, Instrument, InstrumentRules, MarketKind, Pair, Price, Quantity, Step};
use tradewire_tracking::InstrumentList;
use tradewire_wire::{Fault, exact_decimal, object};

use crate::instrument_list::{decode, range, status};

/// Reads the body of spot's instrument list.
///
/// <https://bybit-exchange.github.io/docs/v5/market/instrument>
///
/// # Errors
/// `Decode` if it is no instrument list at all.
pub fn decode_instruments(body: &[u8]) -> Result<InstrumentList, Error> {
    decode(body, |raw| object::<Symbol>(raw)?.instrument().map(Some))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Symbol {
    symbol: String,
    status: String,
    base_coin: String,
    quote_coin: String,
    lot_size_filter: LotSize,
    price_filter: PriceFilter,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LotSize {
    #[serde(deserialize_with = "exact_decimal")]
    base_precision: Decimal,
    #[serde(deserialize_with = "exact_decimal")]
    min_order_amt: Decimal,
    #[serde(default, deserialize_with = "some_decimal")]
    max_limit_order_qty: Option<Decimal>,
    #[serde(default, deserialize_with = "some_decimal")]
    max_market_order_qty: Option<Decimal>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PriceFilter {
    #[serde(deserialize_with = "exact_decimal")]
    tick_size: Decimal,
}

fn some_decimal<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    exact_decimal(deserializer).map(Some)
}

impl Symbol {
    fn instrument(self) -> Result<Instrument, Fault> {
        let pair = Pair::new(&self.base_coin, &self.quote_coin).map_err(|error| Fault::decode(error.to_string()))?;
        let LotSize { base_precision, min_order_amt, max_limit_order_qty, max_market_order_qty } = self.lot_size_filter;
        // There is no smallest quantity: the smallest amount bounds it.
        let step = Step::of(base_precision.normalize());
        Ok(Instrument {
            pair,
            kind: MarketKind::Spot,
            status: status(&self.status),
            rules: InstrumentRules {
                price_step: Step::of(self.price_filter.tick_size.normalize()),
                price: range(None, None, Price::new),
                quantity_step: step,
                quantity: range(None, max_limit_order_qty, Quantity::new),
                market_quantity_step: step,
                market_quantity: range(None, max_market_order_qty, Quantity::new),
                notional: range(Some(min_order_amt), None, |amount| amount),
                min_notional_for_market: true,
                max_notional_for_market: false,
                market_notional_by_mark: false,
            },
            unknown_filters: Vec::new(),
            contract: None,
            symbol: self.symbol.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use tradewire_core::InstrumentStatus;

    fn symbol(symbol: &str, base: &str) -> Value {
        json!({
            "symbol": symbol, "symbolId": 1, "baseCoin": base, "quoteCoin": "USDT", "innovation": "0", "status": "Trading",
            "lotSizeFilter": {"basePrecision": "0.00001", "quotePrecision": "0.00000001", "minOrderAmt": "5",
                "maxLimitOrderQty": "83", "maxMarketOrderQty": "41.5", "postOnlyMaxLimitOrderSize": "500"},
            "priceFilter": {"tickSize": "0.10"}, "riskParameters": {}, "symbolType": "",
        })
    }

    fn body(list: Value) -> Vec<u8> {
        let body = json!({"retCode": 0, "retMsg": "OK", "result": {"category": "spot", "list": list}, "time": 1});
        body.to_string().into_bytes()
    }

    #[test]
    fn filters_become_rules() {
        let list = decode_instruments(&body(json!([symbol("BTCUSDT", "BTC")]))).expect("a list");
        assert_eq!((list.instruments.len(), list.next_page), (1, None));
        let Instrument { pair, rules, contract, .. } = &list.instruments[0];
        assert_eq!((pair.as_str(), contract), ("BTC-USDT", &None));
        assert_eq!(
            (rules.price_step.size.to_string(), rules.quantity_step.size.to_string()),
            ("0.1".into(), "0.00001".into())
        );
        assert_eq!(rules.notional.min.map(|min| min.to_string()).as_deref(), Some("5"));
        assert_eq!(rules.quantity.max.map(|max| max.to_string()).as_deref(), Some("83"));
        assert_eq!(rules.market_quantity.max.map(|max| max.to_string()).as_deref(), Some("41.5"));
    }

    #[test]
    fn one_unreadable_instrument_is_named_and_the_others_load() {
        let mut bad = symbol("BADUSDT", "BAD");
        bad["priceFilter"]["tickSize"] = json!("");
        let mut dreaming = symbol("币安人生USDT", "币安人生");
        dreaming["status"] = json!("Dreaming");
        let list = decode_instruments(&body(json!([bad, 7, dreaming]))).expect("a list");
        let named: Vec<_> = list.unreadable.iter().map(|error| error.context("symbol")).collect();
        assert_eq!(named, [Some("BADUSDT"), None]);
        assert_eq!(list.instruments[0].status, InstrumentStatus::Unknown("Dreaming".to_owned()));
        assert!(decode_instruments(b"{}").is_err());
    }
}
