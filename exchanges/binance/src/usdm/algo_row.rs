use std::borrow::Cow;

use serde::Deserialize;
use tradewire_core::{
    Amount, Decimal, EndReason, ErrorKind, ExchangeOrderId, ExecutionReport, Origin, Price, ReportedStatus, Trigger,
};
use tradewire_tracking::Target;

use super::words::{order_type, position_side, time_in_force, trigger_price};
use crate::market::{Fault, Number, millis};
use crate::private::{above_zero, quantity, side};

/// What the ids of orders that wait for a trigger begin with here: they are counted apart from the engine's.
const PREFIX: &str = "algo-";

/// The id of an order that waits, as this library knows it.
pub(crate) fn algo_id(id: &str) -> ExchangeOrderId {
    format!("{PREFIX}{id}").into()
}

/// The exchange's own number in such an id.
pub(crate) fn algo_number(id: &ExchangeOrderId) -> Option<u64> {
    id.as_str().strip_prefix(PREFIX)?.parse().ok()
}

/// Whether an order is to be asked for at the service of those that wait.
pub(crate) fn waits(target: &Target) -> bool {
    target.exchange_order_id.as_ref().map_or(target.conditional, |id| algo_number(id).is_some())
}

/// An order that waits for a trigger, as replies and queries show it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AlgoRow<'a> {
    #[serde(borrow)]
    pub(crate) algo_id: Number<'a>,
    #[serde(borrow)]
    pub(crate) client_algo_id: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) algo_status: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) order_type: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) symbol: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) side: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(crate) position_side: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(crate) time_in_force: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) quantity: Number<'a>,
    #[serde(borrow)]
    pub(crate) price: Number<'a>,
    #[serde(borrow)]
    pub(crate) trigger_price: Number<'a>,
    #[serde(borrow, default)]
    pub(crate) working_type: Cow<'a, str>,
    pub(crate) reduce_only: Option<bool>,
    #[serde(borrow)]
    pub(crate) activate_price: Option<Number<'a>>,
    #[serde(borrow)]
    pub(crate) callback_rate: Option<Number<'a>>,
    /// The engine's order, once there is one; empty before.
    #[serde(borrow, default)]
    pub(crate) actual_order_id: Option<Number<'a>>,
    /// Why it ended, in words. Only the stream tells it.
    #[serde(skip)]
    pub(crate) reason: Cow<'a, str>,
    pub(crate) create_time: Option<u64>,
    pub(crate) update_time: u64,
}

impl AlgoRow<'_> {
    /// The engine's order that it has become.
    pub(crate) fn engine_order(&self) -> Option<ExchangeOrderId> {
        let id = self.actual_order_id.as_ref()?.text();
        (!matches!(id, "" | "0")).then(|| id.into())
    }

    /// What it says of the order. Once triggered, the engine has it under another id.
    pub(crate) fn report(&self) -> Result<ExecutionReport, Fault> {
        let (status, reason) = self.state();
        let engine_order = self.engine_order();
        let trigger = if engine_order.is_none() { self.trigger()? } else { None };
        Ok(ExecutionReport {
            symbol: self.symbol.clone().into_owned(),
            client_order_id: Some((&*self.client_algo_id).into()),
            new_client_order_id: None,
            exchange_order_id: Some(engine_order.unwrap_or_else(|| algo_id(self.algo_id.text()))),
            side: Some(side(&self.side).ok_or_else(|| Fault::decode(format!("'{}' is not a side", self.side)))?),
            order_type: order_type(&self.order_type, &self.time_in_force),
            time_in_force: time_in_force(&self.time_in_force),
            price: above_zero(&self.price)?.map(Price::new),
            amount: Some(Amount::Base(quantity(&self.quantity)?)),
            trigger,
            reduce_only: self.reduce_only,
            position_side: position_side(&self.position_side),
            status,
            filled: None,
            quote_filled: None,
            fills: Vec::new(),
            prevented: None,
            reason,
            word: self.word(),
            origin: Origin::External,
            created: self.create_time.map(millis).transpose()?,
            time: millis(self.update_time)?,
        })
    }

    fn state(&self) -> (ReportedStatus, Option<EndReason>) {
        match &*self.algo_status {
            // What has become of it in the engine, the engine's order tells.
            "NEW" | "TRIGGERING" | "TRIGGERED" => (ReportedStatus::Open, None),
            "FINISHED" if self.engine_order().is_some() => (ReportedStatus::Open, None),
            "CANCELED" if self.reason.is_empty() => (ReportedStatus::Cancelled, Some(EndReason::Requested)),
            "CANCELED" => (ReportedStatus::Cancelled, Some(EndReason::Exchange)),
            "EXPIRED" => (ReportedStatus::Expired, Some(EndReason::Other)),
            "REJECTED" => {
                let kind = ErrorKind::Exchange;
                (ReportedStatus::Rejected(kind), Some(EndReason::Refused(kind)))
            }
            unknown => (ReportedStatus::Unknown(unknown.to_owned()), None),
        }
    }

    fn trigger(&self) -> Result<Option<Trigger>, Fault> {
        let written = |number: &Option<Number<'_>>| match number {
            Some(number) if !number.text().is_empty() => above_zero(number),
            _ => Ok(None),
        };
        let bips = |rate: Decimal| u32::try_from(rate.checked_mul(Decimal::ONE_HUNDRED)?.trunc()).ok();
        let trailing_bips = written(&self.callback_rate)?.and_then(bips);
        let price = match trailing_bips {
            Some(_) => written(&self.activate_price)?,
            None => above_zero(&self.trigger_price)?,
        };
        Ok(Some(Trigger { by: trigger_price(&self.working_type), price: price.map(Price::new), trailing_bips }))
    }

    fn word(&self) -> String {
        if self.reason.is_empty() {
            self.algo_status.clone().into_owned()
        } else {
            format!("{} {}", self.algo_status, self.reason)
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::order_arguments::tests::target;
    use super::*;
    use serde_json::{Value, json};
    use tradewire_core::{OrderType, TriggerPrice};

    /// An order that waits, with these changes.
    pub(crate) fn row(changes: &[(&str, Value)]) -> Value {
        let mut row = json!({
            "algoId": 77, "clientAlgoId": "tw-1", "algoType": "CONDITIONAL", "orderType": "STOP", "symbol": "BTCUSDT",
            "side": "SELL", "positionSide": "BOTH", "timeInForce": "GTC", "quantity": "0.01", "algoStatus": "NEW",
            "triggerPrice": "60000.0", "price": "59900.0", "icebergQuantity": null, "workingType": "MARK_PRICE",
            "closePosition": false, "reduceOnly": true, "activatePrice": "", "callbackRate": "",
            "createTime": 1_780_000_000_000_u64, "updateTime": 1_780_000_000_100_u64, "triggerTime": 0,
        });
        for (name, value) in changes {
            row[*name] = value.clone();
        }
        row
    }

    fn report(changes: &[(&str, Value)]) -> ExecutionReport {
        let text = row(changes).to_string();
        let row: AlgoRow<'_> = serde_json::from_str(&text).expect("a row");
        row.report().unwrap_or_else(|fault| panic!("{}", fault.message))
    }

    #[test]
    fn an_order_that_waits_is_open_and_has_a_trigger() {
        let waiting = report(&[]);
        assert_eq!(
            (waiting.status.clone(), waiting.order_type),
            (ReportedStatus::Open, Some(OrderType::StopLossLimit))
        );
        assert_eq!(waiting.exchange_order_id, Some("algo-77".into()));
        let trigger = waiting.trigger.expect("a trigger");
        assert_eq!((trigger.by, trigger.price), (TriggerPrice::Mark, Some("60000".parse().expect("a price"))));
        assert_eq!((waiting.reduce_only, waiting.price), (Some(true), Some("59900".parse().expect("a price"))));
        let trailing = report(&[
            ("orderType", json!("TRAILING_STOP_MARKET")),
            ("callbackRate", json!("1.5")),
            ("activatePrice", json!("62000")),
            ("price", json!("0")),
        ]);
        let trigger = trailing.trigger.expect("a trigger");
        assert_eq!((trigger.trailing_bips, trigger.price), (Some(150), Some("62000".parse().expect("a price"))));
    }

    #[test]
    fn a_triggered_order_is_the_engines() {
        for status in ["TRIGGERED", "FINISHED"] {
            let triggered = report(&[("algoStatus", json!(status)), ("actualOrderId", json!("9002"))]);
            assert_eq!(triggered.exchange_order_id, Some("9002".into()));
            assert_eq!((triggered.status, triggered.trigger), (ReportedStatus::Open, None));
        }
        assert_eq!(
            report(&[("algoStatus", json!("FINISHED")), ("actualOrderId", json!(""))]).status,
            ReportedStatus::Unknown("FINISHED".to_owned())
        );
    }

    #[test]
    fn ends_have_a_reason() {
        let ended = |status: &str| report(&[("algoStatus", json!(status))]);
        assert_eq!(ended("CANCELED").reason, Some(EndReason::Requested));
        assert_eq!(ended("EXPIRED").status, ReportedStatus::Expired);
        assert_eq!(ended("REJECTED").status, ReportedStatus::Rejected(ErrorKind::Exchange));
        assert_eq!(ended("MOON").status, ReportedStatus::Unknown("MOON".to_owned()));
    }

    #[test]
    fn ids_of_orders_that_wait_are_apart() {
        assert_eq!((algo_number(&algo_id("7")), algo_number(&"7".into())), (Some(7), None));
        let conditional = |id| Target { conditional: true, ..target(Some("a"), id) };
        assert!(waits(&conditional(None)) && waits(&conditional(Some("algo-7"))) && !waits(&conditional(Some("7"))));
        assert!(!waits(&target(Some("a"), None)) && waits(&target(None, Some("algo-7"))));
    }
}
