//! Instruments and their rules, and how symbols are written. <https://docs.kraken.com/api/docs/rest-api/get-tradable-asset-pairs>
//!
//! A pair has three names: that of the sockets, `BTC/USDT`, which is the one used here; `XBTUSDT`, by which requests name it; and
//! an id such as `XETHXXBT`, by which answers do. Which id means what only the list tells.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use parking_lot::RwLock;
use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{
    Asset, Error, ErrorKind, Instrument, InstrumentRules, InstrumentStatus, MarketKind, Pair, Quantity, Range, Step,
};
use tradewire_tracking::InstrumentList;
use tradewire_wire::{Fault, Number, Text, above_zero, decoded, object, optional, unsigned};

use crate::rest::result;

/// Assets that requests and the list call by an older name: that, and the usual one.
const RENAMED: &[(&str, &str)] = &[("XBT", "BTC"), ("XDG", "DOGE")];

/// Assets whose ids have a letter before their names. New ones have none.
const LETTERED: &[&str] = &[
    "XETC", "XETH", "XLTC", "XMLN", "XREP", "XXBT", "XXDG", "XXLM", "XXMR", "XXRP", "XZEC", "ZAUD", "ZCAD", "ZEUR",
    "ZGBP", "ZJPY", "ZUSD",
];

fn usual(asset: &str) -> &str {
    RENAMED.iter().find(|(old, _)| *old == asset).map_or(asset, |(_, usual)| usual)
}

fn older(asset: &str) -> &str {
    RENAMED.iter().find(|(_, usual)| *usual == asset).map_or(asset, |(old, _)| old)
}

/// The symbol of a pair.
pub(crate) fn symbol(pair: &Pair) -> String {
    format!("{}/{}", pair.base(), pair.quote())
}

/// The pair of a symbol.
pub(crate) fn pair(symbol: &str) -> Option<Pair> {
    let (base, quote) = symbol.split_once('/')?;
    Pair::new(usual(base), usual(quote)).ok()
}

/// The name by which requests mean an instrument.
pub(crate) fn request_name(symbol: &str) -> String {
    symbol.split('/').map(older).collect()
}

/// What ids mean, as the instrument list has told. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(Arc<RwLock<Known>>);

#[derive(Debug, Default)]
struct Known {
    symbols: HashMap<String, Arc<str>>,
    assets: HashMap<String, Asset>,
}

impl Names {
    /// The symbol of an instrument by any of its names; the name itself where the list knows none such.
    pub(crate) fn symbol(&self, name: &str) -> String {
        self.0.read().symbols.get(name).map_or_else(|| name.to_owned(), |symbol| symbol.to_string())
    }

    /// An asset by its id or name.
    pub(crate) fn asset(&self, name: &str) -> Asset {
        let bare = || if LETTERED.contains(&name) { &name[1..] } else { name };
        self.0.read().assets.get(name).cloned().unwrap_or_else(|| Asset::from(usual(bare())))
    }

    fn learn(&self, id: &str, row: &Row<'_>, instrument: &Instrument) {
        let mut known = self.0.write();
        for name in [id, &row.altname, &row.wsname] {
            known.symbols.insert(name.to_owned(), instrument.symbol.clone());
        }
        known.assets.insert(row.base.to_string(), Asset::from(instrument.pair.base()));
        known.assets.insert(row.quote.to_string(), Asset::from(instrument.pair.quote()));
    }
}

/// Reads the body of `GET /0/public/AssetPairs`. An instrument that cannot be read is left out and named.
///
/// # Errors
/// `Decode` if it is no instrument list at all.
pub(crate) fn decode_instruments(body: &[u8], names: &Names) -> Result<InstrumentList, Error> {
    decoded(body, |raw| {
        let mut list = InstrumentList::default();
        let rows: BTreeMap<String, &RawValue> = object(result(raw)?)?;
        for (id, raw) in rows {
            let read = object::<Row<'_>>(raw.get()).and_then(|row| Ok((row.instrument()?, row)));
            match read {
                Ok((instrument, row)) => {
                    names.learn(&id, &row, &instrument);
                    list.instruments.push(instrument);
                }
                Err(fault) => {
                    let error = Error::new(ErrorKind::Decode, fault.message).with_frame(raw.get().as_bytes());
                    list.unreadable.push(error.with("symbol", id));
                }
            }
        }
        Ok(list)
    })
}

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    altname: Text<'a>,
    #[serde(borrow)]
    wsname: Text<'a>,
    #[serde(borrow)]
    base: Text<'a>,
    #[serde(borrow)]
    quote: Text<'a>,
    pair_decimals: u32,
    lot_decimals: u32,
    #[serde(borrow)]
    ordermin: Option<Number<'a>>,
    #[serde(borrow)]
    costmin: Option<Number<'a>>,
    #[serde(borrow)]
    tick_size: Number<'a>,
    #[serde(borrow)]
    status: Text<'a>,
}

impl Row<'_> {
    fn instrument(&self) -> Result<Instrument, Fault> {
        let pair = pair(&self.wsname).ok_or_else(|| Fault::decode(format!("'{}' is no pair", &*self.wsname)))?;
        let price_step = Step::of(unsigned(&self.tick_size)?.normalize());
        if price_step.decimals() != self.pair_decimals {
            // The checksum of its book is taken over so many decimals.
            return Err(Fault::decode("its step has not the decimals of its prices"));
        }
        let quantity_step = Step::of(Quantity::from_scaled(1, self.lot_decimals).value());
        let least = optional(self.ordermin.as_ref(), above_zero)?.flatten().map(Quantity::new);
        let quantity = Range { min: least, max: None };
        Ok(Instrument {
            symbol: symbol(&pair).into(),
            pair,
            kind: MarketKind::Spot,
            status: match &*self.status {
                "online" => InstrumentStatus::Trading,
                "cancel_only" => InstrumentStatus::CancelOnly,
                word @ ("post_only" | "limit_only" | "reduce_only" | "maintenance") => {
                    InstrumentStatus::Halted(word.to_owned())
                }
                other => InstrumentStatus::Unknown(other.to_owned()),
            },
            contract: None,
            rules: InstrumentRules {
                price_step,
                price: Range::default(),
                quantity_step,
                quantity,
                market_quantity_step: quantity_step,
                market_quantity: quantity,
                notional: Range { min: optional(self.costmin.as_ref(), above_zero)?.flatten(), max: None },
                min_notional_for_market: true,
                max_notional_for_market: false,
                market_notional_by_mark: false,
            },
            unknown_filters: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewire_core::Decimal;

    const LIST: &[u8] = br#"{"error":[],"result":{
        "XETHXXBT": {"altname":"ETHXBT","wsname":"ETH/XBT","base":"XETH","quote":"XXBT","pair_decimals":5,"lot_decimals":8,
                     "ordermin":"0.002","costmin":"0.00002","tick_size":"0.00001","status":"online"},
        "XDGUSDT": {"altname":"XDGUSDT","wsname":"XDG/USDT","base":"XXDG","quote":"USDT","pair_decimals":7,"lot_decimals":8,
                    "tick_size":"0.0000001","status":"post_only"},
        "XETHXXBT.d": {"altname":"ETHXBT.d","base":"XETH","quote":"XXBT","pair_decimals":5,"lot_decimals":8},
        "ODDUSDT": {"altname":"ODDUSDT","wsname":"ODD/USDT","base":"ODD","quote":"USDT","pair_decimals":3,"lot_decimals":8,
                    "tick_size":"0.5","status":"online"}
    }}"#;

    #[test]
    fn instruments_are_read_and_their_names_learnt() {
        let names = Names::default();
        let list = decode_instruments(LIST, &names).expect("a list");
        let symbols: Vec<_> = list.instruments.iter().map(|instrument| &*instrument.symbol).collect();
        assert_eq!(symbols, ["DOGE/USDT", "ETH/BTC"]);
        let rules = &list.instruments[1].rules;
        assert_eq!((rules.price_step.decimals(), rules.quantity_step.decimals()), (5, 8));
        assert_eq!(rules.notional.min, Some(Decimal::new(2, 5)));
        assert_eq!(list.instruments[0].status, InstrumentStatus::Halted("post_only".to_owned()));
        assert_eq!(list.instruments[0].rules.quantity.min, None);
        let unreadable: Vec<_> = list.unreadable.iter().map(|error| error.context("symbol")).collect();
        assert_eq!(unreadable, [Some("ODDUSDT"), Some("XETHXXBT.d")]);
        for name in ["XETHXXBT", "ETHXBT", "ETH/XBT"] {
            assert_eq!(names.symbol(name), "ETH/BTC");
        }
        let assets = ["XXBT", "XXDG", "USDT", "XBT", "NEW", "XLTC"].map(|id| names.asset(id).to_string());
        assert_eq!(assets, ["BTC", "DOGE", "USDT", "BTC", "NEW", "LTC"]);
        assert!(decode_instruments(b"[]", &names).is_err());
    }

    #[test]
    fn symbols_are_translated_both_ways() {
        let known = pair("BTC/USDT").expect("a pair");
        assert_eq!((known.as_str(), symbol(&known).as_str()), ("BTC-USDT", "BTC/USDT"));
        assert_eq!(pair("BTCUSDT"), None);
        assert_eq!((request_name("BTC/USDT").as_str(), request_name("ETH/DOGE").as_str()), ("XBTUSDT", "ETHXDG"));
    }
}
