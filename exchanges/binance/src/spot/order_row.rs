use std::borrow::Cow;

use serde::Deserialize;
use tradewire_core::{
    Amount, Asset, ClientOrderId, ExecutionReport, FillReport, Liquidity, Origin, Price, ReportedStatus, Side,
    Timestamp,
};

use super::order_words::{StateWords, order_type};
use crate::market::{Fault, Number, millis};
use crate::private::{above_zero, fee, optional, price, quantity, side, time_in_force, trade_id, unsigned};

/// An order as replies to commands and queries show it. Which fields it has depends on the request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderRow<'a> {
    #[serde(borrow)]
    symbol: Cow<'a, str>,
    #[serde(borrow)]
    order_id: Number<'a>,
    order_list_id: Option<i64>,
    #[serde(borrow)]
    client_order_id: Cow<'a, str>,
    #[serde(borrow, default)]
    orig_client_order_id: Cow<'a, str>,
    transact_time: Option<u64>,
    time: Option<u64>,
    update_time: Option<u64>,
    #[serde(borrow)]
    price: Option<Number<'a>>,
    #[serde(borrow, alias = "qty")]
    orig_qty: Option<Number<'a>>,
    #[serde(borrow, alias = "quoteOrderQty")]
    orig_quote_order_qty: Option<Number<'a>>,
    #[serde(borrow)]
    executed_qty: Option<Number<'a>>,
    #[serde(borrow, alias = "cumulativeQuoteQty")]
    cummulative_quote_qty: Option<Number<'a>>,
    #[serde(borrow, alias = "preventedQty")]
    prevented_quantity: Option<Number<'a>>,
    #[serde(borrow, default)]
    status: Cow<'a, str>,
    #[serde(borrow, default)]
    time_in_force: Cow<'a, str>,
    #[serde(borrow, default, rename = "type")]
    order_type: Cow<'a, str>,
    #[serde(borrow, default)]
    side: Cow<'a, str>,
    #[serde(borrow, default)]
    expiry_reason: Cow<'a, str>,
    #[serde(borrow, default)]
    fills: Vec<FillRow<'a>>,
}

/// A fill inside the reply to a new order.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FillRow<'a> {
    #[serde(borrow)]
    price: Number<'a>,
    #[serde(borrow)]
    qty: Number<'a>,
    #[serde(borrow)]
    commission: Option<Number<'a>>,
    commission_asset: Option<Asset>,
    #[serde(borrow)]
    trade_id: Number<'a>,
    #[serde(borrow)]
    alloc_id: Option<Number<'a>>,
}

impl OrderRow<'_> {
    /// What it says of the order. `when` is the time of the whole answer, for rows without a time of their own.
    pub(crate) fn report(&self, when: Option<u64>) -> Result<ExecutionReport, Fault> {
        let time = self.transact_time.or(self.update_time).or(self.time).or(when);
        let received = self.received(millis(time.ok_or_else(|| missing("transactTime"))?)?)?;
        if self.is_acknowledgement() {
            return Ok(received);
        }
        let side = side(&self.side).ok_or_else(|| missing("side"))?;
        let words = self.words();
        let (status, reason) = words.read();
        if self.status.is_empty() {
            return Err(missing("status"));
        }
        Ok(ExecutionReport {
            side: Some(side),
            order_type: words.order_type,
            time_in_force: words.time_in_force,
            price: above_zero(needed(&self.price, "price")?)?.map(Price::new),
            amount: Some(self.amount()?),
            status,
            filled: Some(quantity(needed(&self.executed_qty, "executedQty")?)?),
            quote_filled: optional(self.cummulative_quote_qty.as_ref(), unsigned)?,
            fills: self.fills.iter().map(|fill| fill.report(&received, side)).collect::<Result<_, _>>()?,
            prevented: optional(self.prevented_quantity.as_ref(), quantity)?,
            reason,
            word: words.word(),
            ..received
        })
    }

    /// As [`Self::report`], of an order that an amendment may have renamed.
    pub(crate) fn amended(&self, when: u64) -> Result<ExecutionReport, Fault> {
        let named: ClientOrderId = (&*self.client_order_id).into();
        let mut report = self.report(Some(when))?;
        report.new_client_order_id = (report.client_order_id.as_ref() != Some(&named)).then_some(named);
        Ok(report)
    }

    /// What the shortest form of an answer says: which order, and that it was received.
    fn received(&self, time: Timestamp) -> Result<ExecutionReport, Fault> {
        Ok(ExecutionReport {
            symbol: self.symbol.clone().into_owned(),
            client_order_id: Some(self.own_client_order_id()),
            new_client_order_id: None,
            exchange_order_id: Some(self.order_id.text().into()),
            side: None,
            order_type: None,
            time_in_force: None,
            price: None,
            amount: None,
            status: ReportedStatus::Received,
            filled: None,
            quote_filled: None,
            fills: Vec::new(),
            trigger: None,
            reduce_only: None,
            position_side: None,
            prevented: None,
            reason: None,
            word: String::new(),
            origin: Origin::External,
            created: self.time.map(millis).transpose()?,
            time,
        })
    }

    fn is_acknowledgement(&self) -> bool {
        self.status.is_empty() && self.side.is_empty() && self.orig_qty.is_none() && self.executed_qty.is_none()
    }

    /// The order's own id: the answer to a cancel or to an amendment names the request first.
    fn own_client_order_id(&self) -> ClientOrderId {
        let original = &*self.orig_client_order_id;
        if original.is_empty() { (&*self.client_order_id).into() } else { original.into() }
    }

    fn amount(&self) -> Result<Amount, Fault> {
        Ok(match optional(self.orig_quote_order_qty.as_ref(), above_zero)?.flatten() {
            Some(quote) => Amount::Quote(quote),
            None => Amount::Base(quantity(needed(&self.orig_qty, "origQty")?)?),
        })
    }

    fn words(&self) -> StateWords<'_> {
        StateWords {
            status: &self.status,
            refusal: "",
            expiry: &self.expiry_reason,
            // Orders that the exchange ends by itself are shown as expired.
            cancel_named: true,
            order_type: order_type(&self.order_type),
            time_in_force: time_in_force(&self.time_in_force),
            in_list: self.order_list_id.is_some_and(|list| list >= 0),
        }
    }
}

impl FillRow<'_> {
    /// A fill that the reply to a new order carries has taken: the order had no time to rest.
    fn report(&self, order: &ExecutionReport, side: Side) -> Result<FillReport, Fault> {
        Ok(FillReport {
            symbol: order.symbol.clone(),
            trade_id: trade_id(&self.trade_id, self.alloc_id.as_ref())?,
            exchange_order_id: order.exchange_order_id.clone(),
            client_order_id: order.client_order_id.clone(),
            side,
            price: price(&self.price)?,
            quantity: quantity(&self.qty)?,
            quote_quantity: None,
            fee: fee(self.commission.as_ref(), self.commission_asset.as_ref())?,
            liquidity: Some(Liquidity::Taker),
            position_side: None,
            realised_profit: None,
            time: order.time,
        })
    }
}

fn needed<'n, 'a>(field: &'n Option<Number<'a>>, name: &str) -> Result<&'n Number<'a>, Fault> {
    field.as_ref().ok_or_else(|| missing(name))
}

fn missing(name: &str) -> Fault {
    Fault::decode(format!("an order without the field `{name}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use tradewire_core::{EndReason, OrderType, TimeInForce};

    fn row(changes: &[(&str, serde_json::Value)]) -> serde_json::Value {
        let mut row = json!({
            "symbol": "BTCUSDT", "orderId": 4001, "orderListId": -1, "clientOrderId": "tw-1",
            "transactTime": 1_780_000_000_101_u64, "price": "61000.50", "origQty": "0.50000000",
            "executedQty": "0.20000000", "origQuoteOrderQty": "0.000000", "cummulativeQuoteQty": "12200.10000000",
            "status": "PARTIALLY_FILLED", "timeInForce": "GTC", "type": "LIMIT", "side": "BUY",
            "workingTime": 1_780_000_000_101_u64, "selfTradePreventionMode": "NONE",
            "fills": [{"price": "61000.50", "qty": "0.2", "commission": "0.0002", "commissionAsset": "BTC", "tradeId": 77}],
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

    fn read(row: &serde_json::Value, when: Option<u64>) -> Result<ExecutionReport, String> {
        let text = row.to_string();
        let row: OrderRow<'_> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        row.report(when).map_err(|fault| fault.message.into_owned())
    }

    fn report(changes: &[(&str, serde_json::Value)]) -> ExecutionReport {
        read(&row(changes), None).expect("a report")
    }

    #[test]
    fn a_reply_carries_its_fills_as_taken() {
        let report = report(&[]);
        assert_eq!((report.status, report.order_type), (ReportedStatus::PartiallyFilled, Some(OrderType::Limit)));
        assert_eq!(report.time_in_force, Some(TimeInForce::Gtc));
        let [fill] = report.fills.as_slice() else { panic!("one fill") };
        assert_eq!((fill.trade_id.as_str(), fill.liquidity), ("77", Some(Liquidity::Taker)));
        assert_eq!(
            fill.fee.as_ref().map(|fee| (fee.amount.to_string(), fee.asset.to_string())),
            Some(("0.0002".to_owned(), "BTC".to_owned()))
        );
        assert_eq!(fill.client_order_id, report.client_order_id);
    }

    #[test]
    fn a_query_has_two_times() {
        let changes = [
            ("transactTime", json!(null)),
            ("time", json!(1_780_000_000_000_u64)),
            ("updateTime", json!(1_780_000_000_500_u64)),
            ("fills", json!(null)),
        ];
        let report = report(&changes);
        assert_eq!(report.created.map(Timestamp::as_millis), Some(1_780_000_000_000));
        assert_eq!((report.time.as_millis(), report.fills.len()), (1_780_000_000_500, 0));
    }

    #[test]
    fn a_cancel_names_the_request_first() {
        let report = report(&[
            ("clientOrderId", json!("cancel-9")),
            ("origClientOrderId", json!("tw-1")),
            ("status", json!("CANCELED")),
        ]);
        assert_eq!(report.client_order_id.as_ref().map(ClientOrderId::as_str), Some("tw-1"));
        assert_eq!((report.status, report.reason), (ReportedStatus::Cancelled, Some(EndReason::Requested)));
    }

    #[test]
    fn an_amended_order_may_have_a_new_id() {
        let changes = |new: &str| {
            row(&[
                ("clientOrderId", json!(new)),
                ("origClientOrderId", json!("tw-1")),
                ("origQty", json!(null)),
                ("qty", json!("0.4")),
                ("origQuoteOrderQty", json!(null)),
                ("quoteOrderQty", json!("0")),
                ("cummulativeQuoteQty", json!(null)),
                ("cumulativeQuoteQty", json!("12200.1")),
                ("preventedQty", json!("0.1")),
                ("transactTime", json!(null)),
            ])
            .to_string()
        };
        let amended = |new: &str| {
            let text = changes(new);
            let row: OrderRow<'_> = serde_json::from_str(&text).expect("a row");
            row.amended(7).expect("a report")
        };
        let kept = amended("tw-1");
        assert_eq!((kept.new_client_order_id, kept.time.as_millis()), (None, 7));
        assert_eq!(kept.prevented, Some("0.1".parse().expect("a quantity")));
        assert_eq!(kept.amount, Some(Amount::Base("0.4".parse().expect("a quantity"))));
        assert_eq!(amended("tw-2").new_client_order_id.map(|id| id.to_string()), Some("tw-2".to_owned()));
    }

    #[test]
    fn an_end_keeps_its_reason() {
        let ended = |status: &str, reason: &str| {
            let report = report(&[("status", json!(status)), ("expiryReason", json!(reason))]);
            (report.status, report.reason, report.word)
        };
        assert_eq!(
            ended("EXPIRED", "EXCHANGE_CANCELED"),
            (ReportedStatus::Cancelled, Some(EndReason::Exchange), "EXPIRED EXCHANGE_CANCELED".to_owned())
        );
        assert_eq!(ended("EXPIRED", "FULL_MOON").1, Some(EndReason::Other), "the second look must get on");
        assert_eq!(ended("MOON", "").0, ReportedStatus::Unknown("MOON".to_owned()));
    }

    #[test]
    fn an_order_by_quote_amount() {
        let report =
            report(&[("origQuoteOrderQty", json!("100.0")), ("price", json!("0.00")), ("type", json!("MARKET"))]);
        assert_eq!(report.amount, Some(Amount::Quote("100.0".parse::<Price>().expect("a number").value())));
        assert_eq!(report.price, None);
    }

    #[test]
    fn what_is_needed_must_be_there_and_an_acknowledgement_is_only_one_whole() {
        for field in
            ["symbol", "orderId", "clientOrderId", "transactTime", "price", "origQty", "executedQty", "status", "side"]
        {
            assert!(read(&row(&[(field, json!(null))]), None).is_err(), "{field}");
        }
        let acknowledgement =
            json!({"symbol": "BTCUSDT", "orderId": 1, "orderListId": -1, "clientOrderId": "a", "transactTime": 5});
        let received = read(&acknowledgement, None).expect("a report");
        assert_eq!((received.status, received.time.as_millis()), (ReportedStatus::Received, 5));
        for wrong in [json!(""), json!("1e3"), json!("-1"), json!(true)] {
            assert!(read(&row(&[("executedQty", wrong.clone())]), None).is_err(), "{wrong}");
        }
    }
}
