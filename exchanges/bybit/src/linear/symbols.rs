use std::time::Duration;

use serde::Deserialize;
use tradewire_core::{Contract, Decimal, Error, Instrument, InstrumentRules, MarketKind, Pair, Price, Quantity, Step};
use tradewire_tracking::InstrumentList;
use tradewire_wire::{Fault, exact_decimal, object};

use crate::instrument_list::{decode, range, status};

/// The kind of contract that is a perpetual; others have a day of delivery.
const PERPETUAL: &str = "LinearPerpetual";

/// Reads a page of the instrument list of linear contracts. Those with a day of delivery are left out.
///
/// <https://bybit-exchange.github.io/docs/v5/market/instrument>
///
/// # Errors
/// `Decode` if it is no instrument list at all.
pub fn decode_instruments(body: &[u8]) -> Result<InstrumentList, Error> {
    decode(body, |raw| {
        let kind = object::<Kind>(raw)?.contract_type;
        if kind == PERPETUAL { object::<Symbol>(raw)?.instrument().map(Some) } else { Ok(None) }
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kind {
    contract_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Symbol {
    symbol: String,
    status: String,
    base_coin: String,
    quote_coin: String,
    settle_coin: String,
    leverage_filter: Leverage,
    price_filter: PriceFilter,
    lot_size_filter: LotSize,
    /// In minutes.
    funding_interval: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Leverage {
    #[serde(deserialize_with = "exact_decimal")]
    max_leverage: Decimal,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PriceFilter {
    #[serde(deserialize_with = "exact_decimal")]
    min_price: Decimal,
    #[serde(deserialize_with = "exact_decimal")]
    max_price: Decimal,
    #[serde(deserialize_with = "exact_decimal")]
    tick_size: Decimal,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LotSize {
    #[serde(deserialize_with = "exact_decimal")]
    min_order_qty: Decimal,
    #[serde(deserialize_with = "exact_decimal")]
    max_order_qty: Decimal,
    #[serde(deserialize_with = "exact_decimal")]
    max_mkt_order_qty: Decimal,
    #[serde(deserialize_with = "exact_decimal")]
    qty_step: Decimal,
    #[serde(default, deserialize_with = "exact_decimal")]
    min_notional_value: Decimal,
}

impl Symbol {
    fn instrument(self) -> Result<Instrument, Fault> {
        let pair = Pair::new(&self.base_coin, &self.quote_coin).map_err(|error| Fault::decode(error.to_string()))?;
        let (price, lot) = (&self.price_filter, &self.lot_size_filter);
        let step = Step::of(lot.qty_step.normalize());
        Ok(Instrument {
            pair,
            kind: MarketKind::LinearPerpetual,
            status: status(&self.status),
            rules: InstrumentRules {
                price_step: Step::of(price.tick_size.normalize()),
                price: range(Some(price.min_price), Some(price.max_price), Price::new),
                quantity_step: step,
                quantity: range(Some(lot.min_order_qty), Some(lot.max_order_qty), Quantity::new),
                market_quantity_step: step,
                market_quantity: range(Some(lot.min_order_qty), Some(lot.max_mkt_order_qty), Quantity::new),
                notional: range(Some(lot.min_notional_value), None, |value| value),
                min_notional_for_market: true,
                max_notional_for_market: false,
                market_notional_by_mark: false,
            },
            unknown_filters: Vec::new(),
            contract: Some(Contract {
                settle: self.settle_coin.into(),
                size: Decimal::ONE,
                max_leverage: Some(self.leverage_filter.max_leverage.normalize()),
                funding_interval: self.funding_interval.map(|minutes| Duration::from_secs(60 * minutes)),
            }),
            symbol: self.symbol.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use tradewire_core::InstrumentStatus;

    fn symbol(symbol: &str, quote: &str, kind: &str) -> Value {
        json!({
            "symbol": symbol, "contractType": kind, "status": "Trading", "baseCoin": "BTC", "quoteCoin": quote,
            "settleCoin": quote, "leverageFilter": {"minLeverage": "1", "maxLeverage": "100.00", "leverageStep": "0.01"},
            "priceFilter": {"minPrice": "0.10", "maxPrice": "1999999.80", "tickSize": "0.10"},
            "lotSizeFilter": {"maxOrderQty": "1190.000", "minOrderQty": "0.001", "qtyStep": "0.001",
                "maxMktOrderQty": "500.000", "minNotionalValue": "5"},
            "fundingInterval": 480, "preListingInfo": null,
        })
    }

    fn body(list: Value, cursor: &str) -> Vec<u8> {
        let result = json!({"category": "linear", "list": list, "nextPageCursor": cursor});
        json!({"retCode": 0, "retMsg": "OK", "result": result, "time": 1}).to_string().into_bytes()
    }

    #[test]
    fn perpetuals_are_read_and_dated_contracts_left_out() {
        let list = json!([
            symbol("BTCUSDT", "USDT", PERPETUAL),
            symbol("BTCUSDT-26DEC26", "USDT", "LinearFutures"),
            symbol("BTCPERP", "USDC", PERPETUAL),
        ]);
        let list = decode_instruments(&body(list, "page%3D2")).expect("a list");
        assert_eq!((list.unreadable.len(), list.next_page.as_deref()), (0, Some("page=2")));
        let pairs: Vec<_> = list.instruments.iter().map(|known| (known.pair.as_str(), &*known.symbol)).collect();
        assert_eq!(pairs, [("BTC-USDT", "BTCUSDT"), ("BTC-USDC", "BTCPERP")]);
        let Instrument { rules, contract, .. } = &list.instruments[1];
        let contract = contract.as_ref().expect("a contract");
        assert_eq!((contract.settle.as_str(), contract.funding_interval), ("USDC", Some(Duration::from_secs(28_800))));
        assert_eq!(contract.max_leverage.map(|max| max.to_string()).as_deref(), Some("100"));
        assert_eq!(rules.market_quantity.max.map(|max| max.to_string()).as_deref(), Some("500"));
        assert_eq!(rules.notional.min.map(|min| min.to_string()).as_deref(), Some("5"));
    }

    #[test]
    fn what_cannot_be_traded_is_listed_with_its_status() {
        let mut early = symbol("BTCUSDT", "USDT", PERPETUAL);
        early["status"] = json!("PreLaunch");
        let list = decode_instruments(&body(json!([early]), "")).expect("a list");
        assert_eq!(list.instruments[0].status, InstrumentStatus::Halted("PreLaunch".to_owned()));
        assert_eq!(list.next_page, None);
    }
}
