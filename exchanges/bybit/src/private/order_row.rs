use serde::Deserialize;
use tradewire_core::{Amount, Decimal, ExecutionReport, OrderType, Price, Side, Timestamp, Trigger};
use tradewire_wire::{Fault, Number, Text, millis, quantity, unsigned};

use super::words::{POST_ONLY, StateWords, origin, position_side, time_in_force, trigger_price};
use crate::category::Category;
use crate::market::side;

/// An order as messages and answers show it.
///
/// <https://bybit-exchange.github.io/docs/v5/order/open-order>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderRow<'a> {
    #[serde(borrow)]
    category: Option<Text<'a>>,
    #[serde(borrow)]
    symbol: Text<'a>,
    #[serde(borrow)]
    order_id: Text<'a>,
    #[serde(borrow)]
    order_link_id: Option<Text<'a>>,
    #[serde(borrow)]
    side: Text<'a>,
    #[serde(borrow)]
    order_type: Text<'a>,
    #[serde(borrow)]
    time_in_force: Option<Text<'a>>,
    #[serde(borrow)]
    price: Option<Number<'a>>,
    #[serde(borrow)]
    qty: Number<'a>,
    #[serde(borrow)]
    market_unit: Option<Text<'a>>,
    position_idx: Option<u8>,
    #[serde(borrow)]
    order_status: Text<'a>,
    #[serde(borrow)]
    cancel_type: Option<Text<'a>>,
    #[serde(borrow)]
    reject_reason: Option<Text<'a>>,
    #[serde(borrow)]
    create_type: Option<Text<'a>>,
    #[serde(borrow)]
    cum_exec_qty: Option<Number<'a>>,
    #[serde(borrow)]
    cum_exec_value: Option<Number<'a>>,
    #[serde(borrow)]
    trigger_price: Option<Number<'a>>,
    trigger_direction: Option<u8>,
    #[serde(borrow)]
    trigger_by: Option<Text<'a>>,
    #[serde(borrow)]
    base_price: Option<Number<'a>>,
    #[serde(borrow)]
    last_price_on_created: Option<Number<'a>>,
    reduce_only: Option<bool>,
    #[serde(borrow)]
    created_time: Option<Number<'a>>,
    #[serde(borrow)]
    updated_time: Option<Number<'a>>,
}

/// How much an unknown word matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// The order is asked for.
    IsAsked,
    /// The rest counts: this is the answer to a question.
    IsSkipped,
}

impl OrderRow<'_> {
    /// Whether it is of another category, where the row says so.
    pub(crate) fn is_elsewhere(&self, category: Category) -> bool {
        self.category.as_deref().is_some_and(|word| Category::named(word) != Some(category))
    }

    /// As a report that was pushed.
    pub(crate) fn pushed(&self, category: Category) -> Result<ExecutionReport, Fault> {
        self.report(category, Unknown::IsAsked)
    }

    /// As a report that was asked for.
    pub(crate) fn asked(&self, category: Category) -> Result<ExecutionReport, Fault> {
        self.report(category, Unknown::IsSkipped)
    }

    fn report(&self, category: Category, unknown: Unknown) -> Result<ExecutionReport, Fault> {
        let side = side(&self.side).ok_or_else(|| Fault::decode("an order without a side"))?;
        let trigger_price = self.trigger_price()?;
        let order_type = self.order_type(side, trigger_price)?;
        let time_in_force = self.time_in_force.as_deref().and_then(time_in_force);
        let words = StateWords {
            status: &self.order_status,
            cancel: self.cancel_type.as_deref().unwrap_or_default(),
            refusal: self.reject_reason.as_deref().unwrap_or_default(),
            order_type,
            time_in_force,
        };
        let (status, reason) = match unknown {
            Unknown::IsAsked => words.read_strictly(),
            Unknown::IsSkipped => words.read(),
        };
        let (created, updated) = (instant(self.created_time.as_ref())?, instant(self.updated_time.as_ref())?);
        let waits = &*self.order_status == "Untriggered";
        Ok(ExecutionReport {
            symbol: self.symbol.to_string(),
            client_order_id: self.order_link_id.as_deref().filter(|id| !id.is_empty()).map(Into::into),
            new_client_order_id: None,
            exchange_order_id: Some((&*self.order_id).into()),
            side: Some(side),
            order_type,
            time_in_force,
            price: positive(self.price.as_ref())?.map(Price::new),
            amount: Some(self.amount(category, side)?),
            trigger: trigger_price.filter(|_| waits).map(|price| self.trigger(price)),
            reduce_only: self.reduce_only,
            position_side: self.position_idx.and_then(position_side),
            status,
            filled: filled(self.cum_exec_qty.as_ref()).map(quantity).transpose()?,
            quote_filled: filled(self.cum_exec_value.as_ref()).map(unsigned).transpose()?,
            fills: Vec::new(),
            prevented: None,
            reason,
            word: words.word(),
            origin: origin(self.create_type.as_deref().unwrap_or_default()),
            created,
            time: updated.or(created).ok_or_else(|| Fault::decode("an order without a time"))?,
        })
    }

    fn trigger(&self, price: Price) -> Trigger {
        let by = trigger_price(self.trigger_by.as_deref().unwrap_or_default());
        Trigger { by, price: Some(price), trailing_bips: None }
    }

    fn trigger_price(&self) -> Result<Option<Price>, Fault> {
        Ok(positive(self.trigger_price.as_ref())?.map(Price::new))
    }

    /// How it is executed; `None` for a word that is not known here.
    fn order_type(&self, side: Side, trigger: Option<Price>) -> Result<Option<OrderType>, Fault> {
        let limit = match &*self.order_type {
            "Limit" => true,
            "Market" => false,
            _ => return Ok(None),
        };
        let Some(trigger) = trigger else {
            let post_only = self.time_in_force.as_deref() == Some(POST_ONLY);
            return Ok(Some(match (limit, post_only) {
                (true, true) => OrderType::PostOnly,
                (true, false) => OrderType::Limit,
                (false, _) => OrderType::Market,
            }));
        };
        let Some(rises) = self.rises(trigger)? else { return Ok(None) };
        // A stop buys what gets dearer and sells what gets cheaper.
        Ok(Some(match (rises == (side == Side::Buy), limit) {
            (true, true) => OrderType::StopLossLimit,
            (true, false) => OrderType::StopLoss,
            (false, true) => OrderType::TakeProfitLimit,
            (false, false) => OrderType::TakeProfit,
        }))
    }

    /// Whether the price has to rise to trigger it; spot tells it by the price at which it was placed.
    fn rises(&self, trigger: Price) -> Result<Option<bool>, Fault> {
        match self.trigger_direction {
            Some(1) => return Ok(Some(true)),
            Some(2) => return Ok(Some(false)),
            _ => {}
        }
        let placed = positive(self.base_price.as_ref())?.or(positive(self.last_price_on_created.as_ref())?);
        Ok(placed.map(|placed| trigger.value() > placed))
    }

    /// Spot's market orders to buy are for an amount of the quote coin, unless they say otherwise.
    fn amount(&self, category: Category, side: Side) -> Result<Amount, Fault> {
        let market = &*self.order_type == "Market";
        let by_quote = match self.market_unit.as_deref() {
            Some("quoteCoin") => true,
            Some("baseCoin") => false,
            _ => side == Side::Buy,
        };
        if category == Category::Spot && market && by_quote {
            return Ok(Amount::Quote(unsigned(&self.qty)?));
        }
        quantity(&self.qty).map(Amount::Base)
    }
}

/// A number that is there and not an empty text.
pub(crate) fn filled<'n, 'a>(number: Option<&'n Number<'a>>) -> Option<&'n Number<'a>> {
    number.filter(|number| !number.text().is_empty())
}

/// A number above zero; zero and an empty text stand for none.
pub(crate) fn positive(number: Option<&Number<'_>>) -> Result<Option<Decimal>, Fault> {
    Ok(filled(number).map(unsigned).transpose()?.filter(|read| !read.is_zero()))
}

/// A time that is written as text, in milliseconds; zero stands for none.
pub(crate) fn instant(number: Option<&Number<'_>>) -> Result<Option<Timestamp>, Fault> {
    let Some(number) = filled(number) else { return Ok(None) };
    let time: u64 = number.text().parse().map_err(|_| Fault::decode(format!("'{number}' is no time")))?;
    if time == 0 { Ok(None) } else { millis(time).map(Some) }
}

#[cfg(test)]
pub(in crate::private) mod tests {
    use super::*;
    use serde_json::{Value, json};
    use tradewire_core::{EndReason, ReportedStatus, TimeInForce, TriggerPrice};
    use tradewire_wire::object;

    /// An order that rests.
    pub(crate) fn order() -> Value {
        json!({
            "category": "linear", "symbol": "BTCUSDT", "orderId": "o-1", "orderLinkId": "tw-1", "side": "Buy",
            "orderType": "Limit", "timeInForce": "GTC", "price": "61000.50", "qty": "0.500", "positionIdx": 0,
            "orderStatus": "PartiallyFilled", "cancelType": "UNKNOWN", "rejectReason": "EC_NoError",
            "createType": "CreateByUser", "avgPrice": "61000", "leavesQty": "0.300", "cumExecQty": "0.200",
            "cumExecValue": "12200", "cumExecFee": "1", "marketUnit": "", "triggerPrice": "", "triggerDirection": 0,
            "triggerBy": "", "reduceOnly": false, "createdTime": "1700000000001", "updatedTime": "1700000000009",
        })
    }

    fn report(row: &Value, category: Category) -> ExecutionReport {
        let text = row.to_string();
        object::<OrderRow<'_>>(&text).and_then(|row| row.asked(category)).unwrap_or_else(|fault| panic!("{fault:?}"))
    }

    #[test]
    fn an_order_is_read_whole() {
        let read = report(&order(), Category::Linear);
        assert_eq!((read.status, read.reason, read.trigger), (ReportedStatus::PartiallyFilled, None, None));
        assert_eq!((read.order_type, read.time_in_force), (Some(OrderType::Limit), Some(TimeInForce::Gtc)));
        assert_eq!(read.price.map(|price| price.to_string()).as_deref(), Some("61000.5"));
        assert_eq!(read.filled.map(|filled| filled.to_string()).as_deref(), Some("0.2"));
        assert_eq!(
            (read.created, read.time),
            (Some(Timestamp::from_millis(1_700_000_000_001)), Timestamp::from_millis(1_700_000_000_009))
        );
        assert_eq!((read.position_side, read.reduce_only), (None, Some(false)));
    }

    #[test]
    fn market_orders_to_buy_on_spot_are_for_an_amount() {
        let mut row = order();
        row["orderType"] = json!("Market");
        row["price"] = json!("0");
        row["orderLinkId"] = json!("");
        let read = report(&row, Category::Spot);
        assert_eq!(
            (read.amount, read.price, read.client_order_id),
            (Some(Amount::Quote("0.5".parse().expect("a number"))), None, None)
        );
        row["marketUnit"] = json!("baseCoin");
        assert!(matches!(report(&row, Category::Spot).amount, Some(Amount::Base(_))));
        row["marketUnit"] = json!("");
        row["side"] = json!("Sell");
        assert!(matches!(report(&row, Category::Spot).amount, Some(Amount::Base(_))));
        row["side"] = json!("Buy");
        assert!(matches!(report(&row, Category::Linear).amount, Some(Amount::Base(_))));
    }

    #[test]
    fn conditional_orders_wait_and_then_do_not() {
        let mut row = order();
        row["triggerPrice"] = json!("62000");
        row["triggerDirection"] = json!(1);
        row["triggerBy"] = json!("MarkPrice");
        row["orderStatus"] = json!("Untriggered");
        let read = report(&row, Category::Linear);
        assert_eq!((read.status, read.order_type), (ReportedStatus::Open, Some(OrderType::StopLossLimit)));
        assert_eq!(read.trigger.map(|trigger| trigger.by), Some(TriggerPrice::Mark));
        row["orderStatus"] = json!("New");
        row["orderType"] = json!("Market");
        row["side"] = json!("Sell");
        let read = report(&row, Category::Linear);
        assert_eq!((read.trigger, read.order_type), (None, Some(OrderType::TakeProfit)));
        row["triggerDirection"] = json!(0);
        row["basePrice"] = json!("63000");
        assert_eq!(report(&row, Category::Spot).order_type, Some(OrderType::StopLoss), "spot tells by the price then");
    }

    #[test]
    fn an_end_keeps_the_words_of_the_exchange() {
        let mut row = order();
        row["orderStatus"] = json!("Cancelled");
        row["timeInForce"] = json!("PostOnly");
        row["rejectReason"] = json!("EC_PostOnlyWillTakeLiquidity");
        let read = report(&row, Category::Linear);
        assert_eq!((read.status, read.reason), (ReportedStatus::Expired, Some(EndReason::PostOnlyWouldTake)));
        assert_eq!(
            (read.word.as_str(), read.order_type),
            ("Cancelled EC_PostOnlyWillTakeLiquidity", Some(OrderType::PostOnly))
        );
    }

    #[test]
    fn what_is_missing_or_malformed_is_refused() {
        for (field, value) in
            [("side", json!("Hold")), ("qty", json!("x")), ("orderId", Value::Null), ("cumExecQty", json!("-1"))]
        {
            let mut row = order();
            row[field] = value;
            let text = row.to_string();
            assert!(object::<OrderRow<'_>>(&text).and_then(|row| row.asked(Category::Linear)).is_err(), "{field}");
        }
    }
}
