use std::borrow::Cow;

use serde::Deserialize;
use tradewire_core::{Amount, Asset, ExecutionReport, FillReport, Price, ReportedStatus, Side};

use super::words::{StateWords, order_type, origin, position_side, time_in_force};
use crate::market::{Fault, Number, millis, object};
use crate::private::{above_zero, fee, liquidity, optional, price, quantity, side, signed, trade_id};

/// Kinds of report that are known here.
const KINDS: &[&str] = &[NEW, "CANCELED", "CALCULATED", "EXPIRED", "TRADE", AMENDMENT];
/// The order has come to the book.
const NEW: &str = "NEW";
/// Its terms were changed.
const AMENDMENT: &str = "AMENDMENT";
/// Those of them that carry a fill: a trade, or a part of a liquidation.
const FILLS: &[&str] = &["TRADE", "CALCULATED"];

/// Reads the event `ORDER_TRADE_UPDATE`.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams/Event-Order-Update>
pub(crate) fn read(raw: &str) -> Result<ExecutionReport, Fault> {
    object::<Event<'_>>(raw)?.order.report()
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "o", borrow)]
    order: Wire<'a>,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(rename = "s", borrow)]
    symbol: Cow<'a, str>,
    #[serde(rename = "c", borrow)]
    client_id: Cow<'a, str>,
    #[serde(rename = "S", borrow)]
    side: Cow<'a, str>,
    #[serde(rename = "o", borrow)]
    order_type: Cow<'a, str>,
    /// The type that it was placed with.
    #[serde(rename = "ot", borrow, default)]
    original_type: Cow<'a, str>,
    #[serde(rename = "f", borrow, default)]
    time_in_force: Cow<'a, str>,
    #[serde(rename = "q", borrow)]
    quantity: Number<'a>,
    #[serde(rename = "p", borrow)]
    price: Number<'a>,
    #[serde(rename = "x", borrow)]
    kind: Cow<'a, str>,
    #[serde(rename = "X", borrow)]
    status: Cow<'a, str>,
    #[serde(rename = "er", borrow)]
    reason: Option<Number<'a>>,
    #[serde(rename = "i", borrow)]
    id: Number<'a>,
    #[serde(rename = "z", borrow)]
    filled: Number<'a>,
    #[serde(rename = "l", borrow)]
    last_quantity: Number<'a>,
    #[serde(rename = "L", borrow)]
    last_price: Number<'a>,
    #[serde(rename = "n", borrow)]
    commission: Option<Number<'a>>,
    #[serde(rename = "N")]
    commission_asset: Option<Asset>,
    #[serde(rename = "t", borrow)]
    trade_id: Number<'a>,
    #[serde(rename = "rp", borrow)]
    realised_profit: Option<Number<'a>>,
    #[serde(rename = "m")]
    is_maker: Option<bool>,
    #[serde(rename = "R")]
    reduce_only: Option<bool>,
    #[serde(rename = "ps", borrow, default)]
    position_side: Cow<'a, str>,
    #[serde(rename = "T")]
    time: u64,
}

impl Wire<'_> {
    fn report(&self) -> Result<ExecutionReport, Fault> {
        let side = side(&self.side).ok_or_else(|| Fault::decode(format!("'{}' is not a side", self.side)))?;
        let words = self.words();
        let (status, reason) = match KINDS.contains(&&*self.kind) {
            true => words.read(),
            false => (ReportedStatus::Unknown(format!("{} {}", self.kind, words.word())), None),
        };
        let filled = FILLS.contains(&&*self.kind) && above_zero(&self.last_quantity)?.is_some();
        Ok(ExecutionReport {
            symbol: self.symbol.clone().into_owned(),
            client_order_id: Some((&*self.client_id).into()),
            // It is not renamed; of two reports of one moment that of a change is the younger.
            new_client_order_id: (self.kind == AMENDMENT).then(|| (&*self.client_id).into()),
            exchange_order_id: Some(self.id.text().into()),
            side: Some(side),
            order_type: words.order_type,
            time_in_force: words.time_in_force,
            price: above_zero(&self.price)?.map(Price::new),
            amount: Some(Amount::Base(quantity(&self.quantity)?)),
            trigger: None,
            reduce_only: self.reduce_only,
            position_side: position_side(&self.position_side),
            status,
            filled: Some(quantity(&self.filled)?),
            quote_filled: None,
            fills: if filled { vec![self.fill(side)?] } else { Vec::new() },
            prevented: None,
            reason,
            word: words.word(),
            origin: origin(&self.client_id),
            created: if self.kind == NEW { Some(millis(self.time)?) } else { None },
            time: millis(self.time)?,
        })
    }

    fn words(&self) -> StateWords<'_> {
        let original = if self.original_type.is_empty() { &self.order_type } else { &self.original_type };
        StateWords {
            status: &self.status,
            reason: self.reason.as_ref().map_or("", |reason| reason.text()),
            order_type: order_type(original, &self.time_in_force),
            time_in_force: time_in_force(&self.time_in_force),
        }
    }

    fn fill(&self, side: Side) -> Result<FillReport, Fault> {
        Ok(FillReport {
            symbol: self.symbol.clone().into_owned(),
            trade_id: trade_id(&self.trade_id, None)?,
            exchange_order_id: Some(self.id.text().into()),
            client_order_id: Some((&*self.client_id).into()),
            side,
            position_side: position_side(&self.position_side),
            realised_profit: optional(self.realised_profit.as_ref(), signed)?,
            price: price(&self.last_price)?,
            quantity: quantity(&self.last_quantity)?,
            quote_quantity: None,
            fee: fee(self.commission.as_ref(), self.commission_asset.as_ref())?,
            liquidity: liquidity(self.is_maker),
            time: millis(self.time)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use tradewire_core::{EndReason, Liquidity, OrderType, Origin, PositionSide};

    const TRADE: &str = include_str!("../../fixtures/usdm-order-trade-update.json");

    /// The fixture with these fields of the order as raw JSON; empty takes a field away.
    fn with(changes: &[(&str, &str)]) -> String {
        let mut event: Value = serde_json::from_str(TRADE).expect("JSON");
        let fields = event["o"].as_object_mut().expect("an object");
        for (name, value) in changes {
            match value.is_empty() {
                true => drop(fields.remove(*name)),
                false => drop(fields.insert((*name).to_owned(), serde_json::from_str(value).expect("JSON"))),
            }
        }
        event.to_string()
    }

    fn report(changes: &[(&str, &str)]) -> ExecutionReport {
        read(&with(changes)).unwrap_or_else(|fault| panic!("{}", fault.message))
    }

    #[test]
    fn a_trade_carries_its_fill() {
        let report = report(&[]);
        assert_eq!(
            (report.status.clone(), report.order_type),
            (ReportedStatus::PartiallyFilled, Some(OrderType::Limit))
        );
        assert_eq!((report.position_side, report.reduce_only), (Some(PositionSide::Long), Some(false)));
        let [fill] = report.fills.as_slice() else { panic!("{report:?}") };
        assert_eq!((fill.trade_id.as_str(), fill.liquidity), ("55001", Some(Liquidity::Maker)));
        assert_eq!((fill.price.to_string().as_str(), fill.quantity.to_string().as_str()), ("61000.5", "0.004"));
        assert_eq!(
            fill.fee.as_ref().map(|fee| (fee.amount.to_string(), fee.asset.to_string())),
            Some(("0.0488".to_owned(), "USDT".to_owned()))
        );
        assert_eq!(
            (fill.position_side, fill.realised_profit.map(|profit| profit.to_string()).as_deref()),
            (Some(PositionSide::Long), Some("0.5"))
        );
    }

    #[test]
    fn commission_may_be_absent_and_a_report_without_a_trade_has_no_fill() {
        assert_eq!(report(&[("n", ""), ("N", "")]).fills[0].fee, None);
        let new =
            report(&[("x", "\"NEW\""), ("X", "\"NEW\""), ("l", "\"0\""), ("L", "\"0\""), ("t", "0"), ("z", "\"0\"")]);
        assert_eq!((new.new_client_order_id.is_some(), new.created.is_some()), (false, true));
        assert_eq!((new.status, new.fills.len()), (ReportedStatus::Open, 0));
        let amended =
            report(&[("x", "\"AMENDMENT\""), ("X", "\"NEW\""), ("l", "\"0\""), ("q", "\"0.02\""), ("M", "3")]);
        assert_eq!((amended.new_client_order_id.is_some(), amended.created.is_some()), (true, false));
        assert_eq!(
            (amended.status, amended.amount),
            (ReportedStatus::Open, Some(Amount::Base("0.02".parse().expect("a number"))))
        );
    }

    #[test]
    fn ends_have_their_reason() {
        let ended =
            |status: &str, reason: &str| report(&[("x", "\"EXPIRED\""), ("X", status), ("er", reason), ("l", "\"0\"")]);
        assert_eq!(ended("\"EXPIRED\"", "\"4\"").reason, Some(EndReason::ReduceOnly));
        assert_eq!(ended("\"EXPIRED_IN_MATCH\"", "1").reason, Some(EndReason::SelfTrade));
        let liquidated = ended("\"CANCELED\"", "\"5\"");
        assert_eq!((liquidated.status, liquidated.reason), (ReportedStatus::Cancelled, Some(EndReason::Liquidation)));
        assert_eq!(ended("\"EXPIRED\"", "\"99\"").status, ReportedStatus::Unknown("EXPIRED 99".to_owned()));
        assert_eq!(report(&[("x", "\"MOON\"")]).status, ReportedStatus::Unknown("MOON PARTIALLY_FILLED".to_owned()));
    }

    #[test]
    fn orders_of_the_exchange_have_an_origin_and_their_fills_count() {
        let liquidation = report(&[("c", "\"autoclose-7\""), ("x", "\"CALCULATED\""), ("X", "\"FILLED\"")]);
        assert_eq!((liquidation.origin, liquidation.fills.len()), (Origin::Liquidation, 1));
        assert_eq!(report(&[("c", "\"adl_autoclose\"")]).origin, Origin::Adl);
    }

    #[test]
    fn what_is_needed_must_be_there() {
        for field in ["s", "c", "S", "o", "q", "p", "x", "X", "i", "z", "T", "l", "L", "t"] {
            assert!(read(&with(&[(field, "")])).is_err(), "{field}");
        }
        assert!(read(&with(&[("L", "\"0\"")])).is_err(), "a fill without a price");
        assert!(read(&with(&[("S", "\"UP\"")])).is_err());
    }
}
