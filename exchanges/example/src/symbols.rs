//! Instruments and their rules, and how symbols are written.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{
    Contract, Decimal, Error, ErrorKind, Instrument, InstrumentRules, InstrumentStatus, MarketKind, Pair, Price,
    Quantity, Range, Step,
};
use tradewire_tracking::InstrumentList;
use tradewire_wire::{Fault, Number, Text, decoded, hours, object, unsigned};

/// The symbol of a pair.
pub(crate) fn symbol(pair: &Pair) -> String {
    format!("{}/{}", pair.base(), pair.quote())
}

/// The pair of a symbol.
pub(crate) fn pair(symbol: &str) -> Option<Pair> {
    let (base, quote) = symbol.split_once('/')?;
    Pair::new(base, quote).ok()
}

/// Reads the body of `GET /1/instruments`. An instrument that cannot be read is left out and named.
///
/// # Errors
/// `Decode` if it is no instrument list at all.
pub(crate) fn decode_instruments(body: &[u8]) -> Result<InstrumentList, Error> {
    decoded(body, |raw| {
        let mut list = InstrumentList::default();
        for raw in object::<Instruments<'_>>(raw)?.instruments {
            match object::<Row<'_>>(raw.get()).and_then(Row::instrument) {
                Ok(instrument) => list.instruments.push(instrument),
                Err(fault) => list.unreadable.push(unreadable(raw, fault)),
            }
        }
        Ok(list)
    })
}

#[derive(Deserialize)]
struct Instruments<'a> {
    #[serde(borrow)]
    instruments: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    symbol: Text<'a>,
    #[serde(borrow)]
    base: Text<'a>,
    #[serde(borrow)]
    quote: Text<'a>,
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow)]
    rules: Rules<'a>,
    /// Of perpetual contracts alone.
    #[serde(borrow)]
    contract: Option<Terms<'a>>,
}

/// Rules by name: those that this connector does not know are named to the user.
#[derive(Deserialize)]
#[serde(transparent)]
struct Rules<'a>(#[serde(borrow)] BTreeMap<String, &'a RawValue>);

impl Rules<'_> {
    /// Takes a rule out; zero stands for none.
    fn take(&mut self, name: &'static str) -> Result<Option<Decimal>, Fault> {
        let Some(raw) = self.0.remove(name) else { return Ok(None) };
        let value = unsigned(&serde_json::from_str::<Number<'_>>(raw.get())?)?;
        Ok(Some(value).filter(|value| !value.is_zero()))
    }

    fn step(&mut self, name: &'static str) -> Result<Step, Fault> {
        let size = self.take(name)?.ok_or_else(|| Fault::decode(format!("no {name}")))?;
        Ok(Step::of(size.normalize()))
    }

    fn range<T>(&mut self, min: &'static str, max: &'static str, of: fn(Decimal) -> T) -> Result<Range<T>, Fault> {
        Ok(Range { min: self.take(min)?.map(of), max: self.take(max)?.map(of) })
    }
}

impl Row<'_> {
    fn instrument(mut self) -> Result<Instrument, Fault> {
        let rules = &mut self.rules;
        let quantity_step = rules.step("quantity_step")?;
        let quantity = rules.range("quantity_min", "quantity_max", Quantity::new)?;
        let market_max = rules.take("market_quantity_max")?.map(Quantity::new).or(quantity.max);
        let rules = InstrumentRules {
            price_step: rules.step("price_step")?,
            price: rules.range("price_min", "price_max", Price::new)?,
            quantity_step,
            quantity,
            market_quantity_step: quantity_step,
            market_quantity: Range { min: quantity.min, max: market_max },
            notional: rules.range("value_min", "value_max", |value| value)?,
            min_notional_for_market: true,
            max_notional_for_market: false,
            market_notional_by_mark: self.contract.is_some(),
        };
        Ok(Instrument {
            pair: Pair::new(&self.base, &self.quote).map_err(|error| Fault::decode(error.to_string()))?,
            kind: if self.contract.is_some() { MarketKind::LinearPerpetual } else { MarketKind::Spot },
            symbol: (&*self.symbol).into(),
            status: match &*self.status {
                "trading" => InstrumentStatus::Trading,
                "halted" => InstrumentStatus::Halted("halted".to_owned()),
                other => InstrumentStatus::Unknown(other.to_owned()),
            },
            contract: self.contract.map(Terms::contract).transpose()?,
            rules,
            unknown_filters: self.rules.0.into_keys().collect(),
        })
    }
}

#[derive(Deserialize)]
struct Terms<'a> {
    #[serde(borrow)]
    settle: Text<'a>,
    #[serde(borrow)]
    size: Number<'a>,
    #[serde(borrow)]
    leverage_max: Number<'a>,
    funding_hours: u64,
}

impl Terms<'_> {
    /// Quantities of another size would not be base units: such a contract is left out, and named.
    fn contract(self) -> Result<Contract, Fault> {
        let size = unsigned(&self.size)?;
        if size != Decimal::ONE {
            return Err(Fault::decode(format!("quantities count contracts of {size}")));
        }
        Ok(Contract {
            settle: (&*self.settle).into(),
            size,
            max_leverage: Some(unsigned(&self.leverage_max)?),
            funding_interval: Some(hours(self.funding_hours)?),
        })
    }
}

/// An error that names the instrument, if its name can be read.
fn unreadable(raw: &RawValue, fault: Fault) -> Error {
    #[derive(Deserialize)]
    struct Name<'a> {
        #[serde(borrow)]
        symbol: Text<'a>,
    }
    let error = Error::new(ErrorKind::Decode, fault.message).with_frame(raw.get().as_bytes());
    match object::<Name<'_>>(raw.get()) {
        Ok(name) => error.with("symbol", &*name.symbol),
        Err(_) => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_and_unknown_ones_named() {
        let body = br#"{"instruments": [
            {"symbol": "BTC/USDT", "base": "BTC", "quote": "USDT", "status": "trading",
             "rules": {"price_step": "0.010", "quantity_step": "0.00001", "quantity_max": "9000", "value_min": "5", "moon": {"phase": 1}}},
            {"symbol": "BAD/USDT", "base": "BAD", "quote": "USDT", "status": "trading", "rules": {"price_step": ""}}
        ]}"#;
        let list = decode_instruments(body).expect("a list");
        let [instrument] = &list.instruments[..] else { panic!("{list:?}") };
        assert_eq!(instrument.pair.as_str(), "BTC-USDT");
        assert_eq!(instrument.rules.price_step.size.to_string(), "0.01");
        assert_eq!(instrument.rules.notional.min, Some(Decimal::new(5, 0)));
        assert_eq!(instrument.rules.quantity.min, None);
        assert_eq!(instrument.unknown_filters, ["moon"]);
        assert_eq!(list.unreadable[0].context("symbol"), Some("BAD/USDT"));
        assert!(decode_instruments(b"[]").is_err());
    }

    #[test]
    fn symbols_are_translated_both_ways() {
        let known = pair("BTC/USDT").expect("a pair");
        assert_eq!((known.as_str(), symbol(&known).as_str()), ("BTC-USDT", "BTC/USDT"));
        assert_eq!(pair("BTCUSDT"), None);
    }
}
