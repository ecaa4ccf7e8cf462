use tradewire_core::{Amount, Error, ErrorKind, OrderType, PositionSide, SelfTradePrevention, Side, TriggerPrice};
use tradewire_tracking::{NewOrder, Target};
use tradewire_transport::Query;

use crate::category::Category;
use crate::private::{POST_ONLY, prevention_word, side_word, time_in_force_word, trigger_word};

/// The kind of spot's conditional orders: one that locks what it needs at once, as every other order does.
const CONDITIONAL: &str = "tpslOrder";

/// A new order in the exchange's words. Numbers go out as they came in: the order fits its instrument's rules.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OrderArguments<'a> {
    category: Category,
    order: &'a NewOrder,
    time_in_force: Option<&'static str>,
    prevention: Option<&'static str>,
    trigger: Option<&'static str>,
}

impl<'a> OrderArguments<'a> {
    /// The words for an order.
    ///
    /// # Errors
    /// `Unsupported` for an order that the exchange has no words for.
    pub(crate) fn of(category: Category, order: &'a NewOrder) -> Result<Self, Error> {
        let request = &order.request;
        let time_in_force = match (request.order_type, time_in_force_word(request.time_in_force)) {
            (OrderType::PostOnly, _) => Some(POST_ONLY),
            (timed, _) if !timed.has_price() => None,
            (_, Some(word)) => Some(word),
            (_, None) => return Err(wordless("time_in_force")),
        };
        let prevention = match request.self_trade_prevention.map(prevention_word) {
            Some(None) => return Err(wordless("self_trade_prevention")),
            Some(word) => word,
            None => None,
        };
        let trigger = match request.trigger {
            Some(trigger) if trigger.trailing_bips.is_some() => return Err(wordless("trailing_bips")),
            Some(trigger) => Some(trigger_word(trigger.by).ok_or_else(|| wordless("trigger"))?),
            None => None,
        };
        if request.visible.is_some() {
            return Err(wordless("visible"));
        }
        Ok(Self { category, order, time_in_force, prevention, trigger })
    }

    /// Writes it, with its market.
    pub(crate) fn write(&self, query: &mut Query) {
        query.add("category", self.category);
        self.write_order(query);
    }

    /// Writes it as one of several orders of a market.
    pub(crate) fn write_order(&self, query: &mut Query) {
        let request = &self.order.request;
        query.add("symbol", &self.order.instrument.symbol);
        query.add("side", side_word(request.side));
        query.add("orderType", if request.order_type.has_price() { "Limit" } else { "Market" });
        self.write_amount(query);
        if let Some(price) = request.price {
            query.add("price", price);
        }
        if let Some(word) = self.time_in_force {
            query.add("timeInForce", word);
        }
        self.write_trigger(query);
        if self.category == Category::Linear {
            query.add_literal("positionIdx", position_index(request.position_side));
            if request.reduce_only {
                query.add_literal("reduceOnly", true);
            }
        }
        if let Some(word) = self.prevention {
            query.add("smpType", word);
        }
        query.add("orderLinkId", &self.order.client_order_id);
    }

    /// Spot's market orders to buy would be for an amount of the quote coin if they did not say otherwise.
    fn write_amount(&self, query: &mut Query) {
        let request = &self.order.request;
        let unit = match request.amount {
            Amount::Base(quantity) => {
                query.add("qty", quantity);
                "baseCoin"
            }
            Amount::Quote(amount) => {
                query.add("qty", amount.normalize());
                "quoteCoin"
            }
        };
        if self.category == Category::Spot && !request.order_type.has_price() {
            query.add("marketUnit", unit);
        }
    }

    fn write_trigger(&self, query: &mut Query) {
        let request = &self.order.request;
        let (Some(word), Some(price)) = (self.trigger, request.trigger.and_then(|trigger| trigger.price)) else {
            return;
        };
        query.add("triggerPrice", price);
        match self.category {
            Category::Spot => drop(query.add("orderFilter", CONDITIONAL)),
            Category::Linear => {
                query.add_literal("triggerDirection", if self.rises() { 1 } else { 2 });
                query.add("triggerBy", word);
            }
        }
    }

    /// Whether the price has to rise to trigger it: a stop buys what gets dearer and sells what gets cheaper.
    fn rises(&self) -> bool {
        let stop = matches!(self.order.request.order_type, OrderType::StopLoss | OrderType::StopLossLimit);
        stop == (self.order.request.side == Side::Buy)
    }
}

/// The index of a position.
pub(crate) const fn position_index(side: Option<PositionSide>) -> u8 {
    match side {
        None => 0,
        Some(PositionSide::Long) => 1,
        Some(PositionSide::Short) => 2,
    }
}

/// The choices of self-trade prevention.
pub(crate) const PREVENTION: &[SelfTradePrevention] = &[
    SelfTradePrevention::Off,
    SelfTradePrevention::ExpireMaker,
    SelfTradePrevention::ExpireTaker,
    SelfTradePrevention::ExpireBoth,
];
/// The prices that spot's conditional orders are triggered by.
pub(crate) const SPOT_TRIGGERS: &[TriggerPrice] = &[TriggerPrice::Last];
/// Those of contracts.
pub(crate) const LINEAR_TRIGGERS: &[TriggerPrice] = &[TriggerPrice::Last, TriggerPrice::Mark, TriggerPrice::Index];

fn wordless(field: &'static str) -> Error {
    Error::new(ErrorKind::Unsupported, "Bybit does not offer what the order asks for").with("field", field)
}

/// Names an order by its id where that is known, else by ours; and its instrument.
pub(crate) fn write_target(query: &mut Query, category: Category, target: &Target) {
    query.add("category", category).add("symbol", &target.instrument.symbol);
    match (&target.exchange_order_id, &target.client_order_id) {
        (Some(id), _) => drop(query.add("orderId", id)),
        (None, Some(id)) => drop(query.add("orderLinkId", id)),
        (None, None) => {}
    }
}

/// As [`write_target`], for a cancel: spot keeps conditional orders apart.
pub(crate) fn write_cancel_target(query: &mut Query, category: Category, target: &Target) {
    write_target(query, category, target);
    if category == Category::Spot && target.conditional {
        query.add("orderFilter", CONDITIONAL);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use super::*;
    use tradewire_core::{Decimal, Instrument, OrderRequest, Price, Quantity, TimeInForce};

    /// The instrument of the fixtures.
    pub(crate) fn instrument(category: Category) -> Arc<Instrument> {
        let list = match category {
            Category::Spot => crate::spot::decode_instruments(include_bytes!("../fixtures/instruments-spot.json")),
            Category::Linear => {
                crate::linear::decode_instruments(include_bytes!("../fixtures/instruments-linear.json"))
            }
        };
        Arc::new(list.expect("a list").instruments.swap_remove(0))
    }

    /// An order of it.
    pub(crate) fn order(category: Category, request: OrderRequest) -> NewOrder {
        NewOrder { request, client_order_id: "tw-1".into(), instrument: instrument(category) }
    }

    /// An order of it by these ids.
    pub(crate) fn target(category: Category, client_id: Option<&str>, id: Option<&str>) -> Target {
        Target {
            instrument: instrument(category),
            client_order_id: client_id.map(Into::into),
            exchange_order_id: id.map(Into::into),
            conditional: false,
        }
    }

    /// A limit order to buy.
    pub(crate) fn limit() -> OrderRequest {
        let (quantity, price): (Quantity, Price) =
            ("0.00100".parse().expect("a number"), "61000.50".parse().expect("a number"));
        OrderRequest::limit("BTC-USDT".parse().expect("a pair"), Side::Buy, quantity, price)
    }

    fn written(category: Category, request: OrderRequest) -> String {
        let order = order(category, request);
        let mut query = Query::default();
        OrderArguments::of(category, &order).expect("words").write(&mut query);
        let mut json = String::new();
        query.append_json_to(&mut json);
        let head = format!(r#""category":"{category}","symbol":"BTCUSDT","side":""#);
        let rest = json.strip_prefix(&head).and_then(|rest| rest.strip_suffix(r#","orderLinkId":"tw-1""#));
        rest.expect("head and id").replace('"', "")
    }

    #[test]
    fn every_type_sends_what_it_needs() {
        use Category::{Linear, Spot};
        let of = |order_type| OrderRequest { order_type, ..limit() };
        let trigger: Price = "60000".parse().expect("a number");
        let market = |order_type| OrderRequest { price: None, ..of(order_type) };
        for (category, request, rest) in [
            (Spot, limit(), "Buy,orderType:Limit,qty:0.001,price:61000.5,timeInForce:GTC"),
            (Linear, limit(), "Buy,orderType:Limit,qty:0.001,price:61000.5,timeInForce:GTC,positionIdx:0"),
            (
                Spot,
                limit().time_in_force(TimeInForce::Fok),
                "Buy,orderType:Limit,qty:0.001,price:61000.5,timeInForce:FOK",
            ),
            (Spot, limit().post_only(), "Buy,orderType:Limit,qty:0.001,price:61000.5,timeInForce:PostOnly"),
            (Spot, market(OrderType::Market), "Buy,orderType:Market,qty:0.001,marketUnit:baseCoin"),
            (Linear, market(OrderType::Market), "Buy,orderType:Market,qty:0.001,positionIdx:0"),
            (
                Spot,
                market(OrderType::StopLoss).trigger_price(trigger),
                "Buy,orderType:Market,qty:0.001,marketUnit:baseCoin,triggerPrice:60000,orderFilter:tpslOrder",
            ),
            (
                Linear,
                of(OrderType::StopLossLimit).trigger_price(trigger),
                "Buy,orderType:Limit,qty:0.001,price:61000.5,timeInForce:GTC,triggerPrice:60000,triggerDirection:1,\
                 triggerBy:LastPrice,positionIdx:0",
            ),
            (
                Linear,
                OrderRequest { side: Side::Sell, ..market(OrderType::StopLoss) }.trigger_price(trigger).reduce_only(),
                "Sell,orderType:Market,qty:0.001,triggerPrice:60000,triggerDirection:2,triggerBy:LastPrice,positionIdx:0,\
                 reduceOnly:true",
            ),
            (
                Linear,
                limit().position_side(PositionSide::Short).self_trade_prevention(SelfTradePrevention::ExpireBoth),
                "Buy,orderType:Limit,qty:0.001,price:61000.5,timeInForce:GTC,positionIdx:2,smpType:CancelBoth",
            ),
        ] {
            assert_eq!(written(category, request), rest);
        }
    }

    #[test]
    fn market_orders_on_spot_name_their_unit() {
        let pair = "BTC-USDT".parse().expect("a pair");
        let by_quote = OrderRequest::market_for_quote(pair, Side::Buy, Decimal::new(10_050, 2));
        assert_eq!(written(Category::Spot, by_quote), "Buy,orderType:Market,qty:100.5,marketUnit:quoteCoin");
    }

    #[test]
    fn what_the_exchange_has_no_words_for_is_not_written() {
        for (request, field) in [
            (limit().visible("0.0005".parse().expect("a number")), "visible"),
            (limit().trailing_bips(10), "trailing_bips"),
            (limit().self_trade_prevention(SelfTradePrevention::Decrement), "self_trade_prevention"),
        ] {
            let refused = OrderArguments::of(Category::Spot, &order(Category::Spot, request)).expect_err(field);
            assert_eq!((refused.kind(), refused.context("field")), (ErrorKind::Unsupported, Some(field)));
        }
    }

    #[test]
    fn an_order_is_named_by_its_id_where_it_is_known() {
        let named = |target: &Target| {
            let mut query = Query::default();
            write_cancel_target(&mut query, Category::Spot, target);
            query.as_str().to_owned()
        };
        let both = target(Category::Spot, Some("a"), Some("7"));
        assert_eq!(named(&both), "category=spot&symbol=BTCUSDT&orderId=7");
        let conditional = Target { exchange_order_id: None, conditional: true, ..both };
        assert_eq!(named(&conditional), "category=spot&symbol=BTCUSDT&orderLinkId=a&orderFilter=tpslOrder");
    }
}
