use std::borrow::Cow;

use serde::Deserialize;
use tradewire_core::{Amount, ExecutionReport, Price, ReportedStatus};

use super::words::{StateWords, order_type, origin, position_side, time_in_force};
use crate::market::{Fault, Number, millis};
use crate::private::{above_zero, optional, quantity, side, unsigned};

/// An order of the engine as replies to commands and queries show it. Replies to commands do not tell what it cost.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderRow<'a> {
    #[serde(borrow)]
    symbol: Cow<'a, str>,
    #[serde(borrow)]
    order_id: Number<'a>,
    #[serde(borrow)]
    client_order_id: Cow<'a, str>,
    #[serde(borrow)]
    side: Cow<'a, str>,
    #[serde(borrow, default)]
    position_side: Cow<'a, str>,
    reduce_only: Option<bool>,
    #[serde(borrow)]
    price: Number<'a>,
    #[serde(borrow)]
    orig_qty: Number<'a>,
    #[serde(borrow)]
    executed_qty: Number<'a>,
    #[serde(borrow)]
    cum_quote: Option<Number<'a>>,
    #[serde(borrow)]
    status: Cow<'a, str>,
    #[serde(borrow, default)]
    time_in_force: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    order_type: Cow<'a, str>,
    #[serde(borrow, default)]
    orig_type: Cow<'a, str>,
    time: Option<u64>,
    update_time: u64,
}

impl OrderRow<'_> {
    /// What it says of the order.
    pub(crate) fn report(&self) -> Result<ExecutionReport, Fault> {
        let words = self.words();
        let (status, reason) = words.read();
        Ok(ExecutionReport {
            symbol: self.symbol.clone().into_owned(),
            client_order_id: Some((&*self.client_order_id).into()),
            new_client_order_id: None,
            exchange_order_id: Some(self.order_id.text().into()),
            side: Some(side(&self.side).ok_or_else(|| Fault::decode(format!("'{}' is not a side", self.side)))?),
            order_type: words.order_type,
            time_in_force: words.time_in_force,
            price: above_zero(&self.price)?.map(Price::new),
            amount: Some(Amount::Base(quantity(&self.orig_qty)?)),
            trigger: None,
            reduce_only: self.reduce_only,
            position_side: position_side(&self.position_side),
            status,
            filled: Some(quantity(&self.executed_qty)?),
            quote_filled: optional(self.cum_quote.as_ref(), unsigned)?,
            fills: Vec::new(),
            prevented: None,
            reason,
            word: words.word(),
            origin: origin(&self.client_order_id),
            created: self.time.map(millis).transpose()?,
            time: millis(self.update_time)?,
        })
    }

    fn words(&self) -> StateWords<'_> {
        let original = if self.orig_type.is_empty() { &self.order_type } else { &self.orig_type };
        StateWords {
            status: &self.status,
            reason: "",
            order_type: order_type(original, &self.time_in_force),
            time_in_force: time_in_force(&self.time_in_force),
        }
    }
}

/// Whether a report is about an order that may still trade.
pub(crate) fn is_live(report: &ExecutionReport) -> bool {
    !report.status.is_end() && !matches!(report.status, ReportedStatus::Unknown(_))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::{Value, json};
    use tradewire_core::{EndReason, OrderType, PositionSide, TimeInForce};

    /// An order as a reply shows it, with these changes; null takes a field away.
    pub(crate) fn row(changes: &[(&str, Value)]) -> Value {
        let mut row = json!({
            "clientOrderId": "tw-1", "cumQty": "0.004", "executedQty": "0.004", "orderId": 9001, "origQty": "0.010",
            "price": "61000.50", "reduceOnly": false, "side": "BUY", "positionSide": "BOTH", "status": "PARTIALLY_FILLED",
            "stopPrice": "0", "closePosition": false, "symbol": "BTCUSDT", "timeInForce": "GTC", "type": "LIMIT",
            "origType": "LIMIT", "updateTime": 1_780_000_000_101_u64, "workingType": "CONTRACT_PRICE",
        });
        let fields = row.as_object_mut().expect("an object");
        for (name, value) in changes {
            match value.is_null() {
                true => drop(fields.remove(*name)),
                false => drop(fields.insert((*name).to_owned(), value.clone())),
            }
        }
        row
    }

    fn read(changes: &[(&str, Value)]) -> Result<ExecutionReport, String> {
        let text = row(changes).to_string();
        let row: OrderRow<'_> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        row.report().map_err(|fault| fault.message.into_owned())
    }

    #[test]
    fn a_reply_need_not_tell_what_was_paid() {
        let report = read(&[]).expect("a report");
        assert_eq!((report.status.clone(), report.reason), (ReportedStatus::PartiallyFilled, None));
        assert_eq!((report.order_type, report.time_in_force), (Some(OrderType::Limit), Some(TimeInForce::Gtc)));
        assert_eq!((report.quote_filled, report.fills.len(), report.created), (None, 0, None));
        assert_eq!(report.filled.map(|filled| filled.to_string()).as_deref(), Some("0.004"));
        assert_eq!((report.position_side, report.reduce_only, is_live(&report)), (None, Some(false), true));
    }

    #[test]
    fn a_query_tells_more() {
        let changes = [
            ("cumQuote", json!("244.002")),
            ("avgPrice", json!("61000.5")),
            ("cumQty", json!(null)),
            ("time", json!(1_780_000_000_000_u64)),
            ("positionSide", json!("SHORT")),
            ("timeInForce", json!("GTX")),
        ];
        let report = read(&changes).expect("a report");
        assert_eq!(report.quote_filled.map(|quote| quote.to_string()).as_deref(), Some("244.002"));
        assert_eq!((report.position_side, report.order_type), (Some(PositionSide::Short), Some(OrderType::PostOnly)));
        assert_eq!(report.created.map(|created| created.as_millis()), Some(1_780_000_000_000));
    }

    #[test]
    fn an_end_has_a_reason_and_a_market_order_no_price() {
        let ended = read(&[("status", json!("CANCELED")), ("price", json!("0")), ("type", json!("MARKET"))]);
        let ended = ended.expect("a report");
        assert_eq!((ended.reason, ended.price, is_live(&ended)), (Some(EndReason::Requested), None, false));
    }

    #[test]
    fn what_is_needed_must_be_there() {
        for field in
            ["symbol", "orderId", "clientOrderId", "side", "price", "origQty", "executedQty", "status", "updateTime"]
        {
            assert!(read(&[(field, json!(null))]).is_err(), "{field}");
        }
        assert!(read(&[("origQty", json!(""))]).is_err() && read(&[("side", json!("UP"))]).is_err());
    }
}
