//! An order, as answers and events show it alike.

use serde::Deserialize;
use tradewire_core::{
    Amount, EndReason, ExecutionReport, OrderType, Origin, PositionSide, ReportedStatus, TimeInForce,
};
use tradewire_wire::{Fault, Number, Text, millis, optional, price, quantity, unsigned};

use crate::trades::side;

#[derive(Deserialize)]
pub(crate) struct OrderRow<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    client_id: Option<Text<'a>>,
    #[serde(borrow)]
    symbol: Text<'a>,
    #[serde(borrow)]
    side: Text<'a>,
    #[serde(rename = "type", borrow)]
    order_type: Text<'a>,
    #[serde(borrow)]
    time_in_force: Option<Text<'a>>,
    #[serde(borrow)]
    price: Option<Number<'a>>,
    #[serde(borrow)]
    quantity: Number<'a>,
    #[serde(borrow)]
    filled: Number<'a>,
    #[serde(borrow)]
    filled_value: Number<'a>,
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow)]
    reason: Option<Text<'a>>,
    created: u64,
    updated: u64,
    /// Of contracts alone, as what follows.
    #[serde(borrow)]
    position: Option<Text<'a>>,
    reduce_only: Option<bool>,
    #[serde(borrow)]
    source: Option<Text<'a>>,
}

impl OrderRow<'_> {
    /// What it says of the order.
    pub(crate) fn report(&self) -> Result<ExecutionReport, Fault> {
        let filled = quantity(&self.filled)?;
        let (status, reason) = self.status(filled.value().is_zero());
        Ok(ExecutionReport {
            symbol: self.symbol.to_string(),
            client_order_id: self.client_id.as_deref().map(Into::into),
            new_client_order_id: None,
            exchange_order_id: Some((&*self.id).into()),
            side: Some(side(&self.side)?),
            order_type: order_type(&self.order_type),
            time_in_force: self.time_in_force.as_deref().and_then(time_in_force),
            price: optional(self.price.as_ref(), price)?,
            amount: Some(Amount::Base(quantity(&self.quantity)?)),
            trigger: None,
            reduce_only: self.reduce_only,
            position_side: position_side(self.position.as_deref())?,
            status,
            filled: Some(filled),
            quote_filled: Some(unsigned(&self.filled_value)?),
            fills: Vec::new(),
            prevented: None,
            reason,
            word: self.word(),
            origin: self.origin(),
            created: Some(millis(self.created)?),
            time: millis(self.updated)?,
        })
    }

    /// Where it stands, and why it ended. An unknown word says nothing: the framework asks for the order.
    fn status(&self, untouched: bool) -> (ReportedStatus, Option<EndReason>) {
        let reason = self.reason.as_deref().map(|word| match word {
            "asked" => EndReason::Requested,
            "exchange" | "adl" => EndReason::Exchange,
            // A market order takes what there is: nothing was left to take.
            "time_in_force" if &*self.order_type == "market" => EndReason::Liquidity,
            "time_in_force" => EndReason::TimeInForce,
            "self_trade" => EndReason::SelfTrade,
            "reduce_only" => EndReason::ReduceOnly,
            "liquidation" => EndReason::Liquidation,
            "settlement" => EndReason::Settlement,
            _ => EndReason::Other,
        });
        match &*self.status {
            "open" if untouched => (ReportedStatus::Open, None),
            "open" => (ReportedStatus::PartiallyFilled, None),
            "filled" => (ReportedStatus::Filled, None),
            "cancelled" => (ReportedStatus::Cancelled, reason),
            "expired" => (ReportedStatus::Expired, reason),
            unknown => (ReportedStatus::Unknown(unknown.to_owned()), None),
        }
    }

    /// Orders by which the exchange closes positions say so.
    fn origin(&self) -> Origin {
        match self.source.as_deref() {
            Some("liquidation") => Origin::Liquidation,
            Some("adl") => Origin::Adl,
            Some("settlement") => Origin::Settlement,
            _ => Origin::External,
        }
    }

    /// The exchange's own words, for people.
    fn word(&self) -> String {
        self.reason.as_deref().map_or_else(|| self.status.to_string(), |reason| format!("{} {reason}", &*self.status))
    }
}

/// The word for an order type; `None` for one that the exchange does not have.
pub(crate) const fn order_type_word(order_type: OrderType) -> Option<&'static str> {
    match order_type {
        OrderType::Limit => Some("limit"),
        OrderType::Market => Some("market"),
        OrderType::PostOnly => Some("post_only"),
        _ => None,
    }
}

/// The word for a time in force; `None` for one that the exchange does not have.
pub(crate) const fn time_in_force_word(time_in_force: TimeInForce) -> Option<&'static str> {
    match time_in_force {
        TimeInForce::Gtc => Some("gtc"),
        TimeInForce::Ioc => Some("ioc"),
        TimeInForce::Fok => Some("fok"),
        _ => None,
    }
}

/// The word for a position of hedge mode.
pub(crate) const fn position_side_word(side: PositionSide) -> &'static str {
    match side {
        PositionSide::Long => "long",
        PositionSide::Short => "short",
    }
}

/// The position that a word means; none in one-way mode.
pub(crate) fn position_side(word: Option<&str>) -> Result<Option<PositionSide>, Fault> {
    match word {
        None => Ok(None),
        Some("long") => Ok(Some(PositionSide::Long)),
        Some("short") => Ok(Some(PositionSide::Short)),
        Some(other) => Err(Fault::decode(format!("'{other}' is no position"))),
    }
}

fn order_type(word: &str) -> Option<OrderType> {
    OrderType::ALL.iter().copied().find(|known| order_type_word(*known) == Some(word))
}

fn time_in_force(word: &str) -> Option<TimeInForce> {
    TimeInForce::ALL.iter().copied().find(|known| time_in_force_word(*known) == Some(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewire_wire::object;

    fn report(status: &str, reason: &str, filled: &str) -> ExecutionReport {
        let row = format!(
            r#"{{"id":"7001","client_id":null,"symbol":"BTC/USDT","side":"buy","type":"post_only","time_in_force":null,
                "price":"61000.10","quantity":"0.5","filled":"{filled}","filled_value":"0","status":"{status}",
                "reason":{reason},"created":1,"updated":2}}"#
        );
        object::<OrderRow<'_>>(&row).and_then(|row| row.report()).expect("a report")
    }

    #[test]
    fn words_become_states() {
        let open = report("open", "null", "0");
        assert_eq!(
            (open.status, open.order_type, open.client_order_id),
            (ReportedStatus::Open, Some(OrderType::PostOnly), None)
        );
        assert_eq!(report("open", "null", "0.1").status, ReportedStatus::PartiallyFilled);
        let cancelled = report("cancelled", r#""asked""#, "0.1");
        assert_eq!((cancelled.status, cancelled.reason), (ReportedStatus::Cancelled, Some(EndReason::Requested)));
        assert_eq!(cancelled.word, "cancelled asked");
        assert_eq!(report("mooned", "null", "0").status, ReportedStatus::Unknown("mooned".to_owned()));
    }
}
