use tradewire_core::{Amount, Decimal, Error, ErrorKind, OrderType, Trigger};
use tradewire_tracking::NewOrder;
use tradewire_transport::Query;

use super::words::{POST_ONLY, conditional_word, position_side_word, trigger_price_word, type_word};
use crate::account_endpoints::add;
use crate::private::{prevention_word, side_word, time_in_force_word};

/// A new order in the exchange's words. Numbers go out as they came in: the order fits its instrument's rules.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OrderArguments<'a> {
    order: &'a NewOrder,
    order_type: &'static str,
    time_in_force: Option<&'static str>,
    quantity: tradewire_core::Quantity,
    prevention: Option<&'static str>,
    trigger: Option<TriggerArguments>,
}

/// When an order is sent to the engine.
#[derive(Clone, Copy, Debug)]
struct TriggerArguments {
    trigger: Trigger,
    by: &'static str,
}

impl<'a> OrderArguments<'a> {
    /// The words for an order.
    ///
    /// # Errors
    /// `Unsupported` for an order that the exchange has no words for.
    pub(crate) fn of(order: &'a NewOrder) -> Result<Self, Error> {
        let request = &order.request;
        let Amount::Base(quantity) = request.amount else { return Err(wordless("amount")) };
        let trigger = match (request.order_type.is_conditional(), request.trigger) {
            (true, Some(trigger)) => {
                let by = trigger_price_word(trigger.by).ok_or_else(|| wordless("trigger"))?;
                Some(TriggerArguments { trigger, by })
            }
            (false, None) => None,
            _ => return Err(wordless("trigger")),
        };
        let order_type = match &trigger {
            Some(conditional) => conditional_word(request.order_type, conditional.trigger.trailing_bips.is_some()),
            None => type_word(request.order_type),
        };
        let time_in_force = match request.order_type {
            OrderType::PostOnly => Some(POST_ONLY),
            other if !other.has_price() => None,
            _ => Some(time_in_force_word(request.time_in_force).ok_or_else(|| wordless("time_in_force"))?),
        };
        let prevention = match request.self_trade_prevention.map(prevention_word) {
            Some(None | Some("NONE" | "DECREMENT")) => return Err(wordless("self_trade_prevention")),
            Some(word) => word,
            None => None,
        };
        let order_type = order_type.ok_or_else(|| wordless("order_type"))?;
        Ok(Self { order, order_type, time_in_force, quantity, prevention, trigger })
    }

    /// Whether it waits for a trigger, for which there is a service of its own.
    pub(crate) fn is_conditional(&self) -> bool {
        self.trigger.is_some()
    }

    /// Writes it, with the request to tell the order's fate at once.
    ///
    /// In hedge mode the side of the position says what an order may do, and reduce-only is not taken.
    pub(crate) fn write(&self, query: &mut Query) {
        let request = &self.order.request;
        if self.is_conditional() {
            query.add("algoType", "CONDITIONAL");
        }
        query.add("symbol", &self.order.instrument.symbol).add("side", side_word(request.side));
        add(query, "positionSide", request.position_side.map(position_side_word));
        query.add("type", self.order_type);
        add(query, "timeInForce", self.time_in_force);
        query.add("quantity", self.quantity);
        add(query, "price", request.price);
        if request.reduce_only && request.position_side.is_none() {
            query.add_literal("reduceOnly", "true");
        }
        add(query, "selfTradePreventionMode", self.prevention);
        let client_id = match &self.trigger {
            Some(conditional) => {
                conditional.write(query);
                "clientAlgoId"
            }
            None => "newClientOrderId",
        };
        query.add(client_id, &self.order.client_order_id).add("newOrderRespType", "RESULT");
    }
}

impl TriggerArguments {
    /// The price of a trailing order is the one from which on it trails.
    fn write(&self, query: &mut Query) {
        match self.trigger.trailing_bips {
            Some(bips) => {
                add(query, "activatePrice", self.trigger.price);
                query.add("callbackRate", Decimal::new(bips.into(), 2).normalize());
            }
            None => add(query, "triggerPrice", self.trigger.price),
        }
        query.add("workingType", self.by);
    }
}

fn wordless(field: &'static str) -> Error {
    Error::new(ErrorKind::Unsupported, "Binance USD-M does not offer what the order asks for").with("field", field)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use super::*;
    use tradewire_core::{
        Instrument, OrderRequest, PositionSide, Price, Quantity, SelfTradePrevention, Side, TimeInForce, TriggerPrice,
    };
    use tradewire_tracking::Target;

    /// Bitcoin in the fixtures.
    pub(crate) fn instrument() -> Arc<Instrument> {
        let list = include_bytes!("../../fixtures/exchange-info-usdm.json");
        let (list, _) = crate::symbols::decode_instruments::<crate::usdm::Usdm>(list).expect("a list");
        Arc::new(list.instruments[0].clone())
    }

    /// An order of it.
    pub(crate) fn order(request: OrderRequest) -> NewOrder {
        NewOrder { request, client_order_id: "tw-1".into(), instrument: instrument() }
    }

    /// A target with these ids.
    pub(crate) fn target(client_id: Option<&str>, id: Option<&str>) -> Target {
        Target {
            instrument: instrument(),
            client_order_id: client_id.map(Into::into),
            exchange_order_id: id.map(Into::into),
            conditional: false,
        }
    }

    /// A buy order with a price.
    pub(crate) fn limit() -> OrderRequest {
        OrderRequest::limit("BTC-USDT".parse().expect("a pair"), Side::Buy, quantity("0.0100"), price("61000.50"))
    }

    fn quantity(text: &str) -> Quantity {
        text.parse().expect(text)
    }

    fn price(text: &str) -> Price {
        text.parse().expect(text)
    }

    fn written(request: OrderRequest) -> String {
        let order = order(request);
        let mut query = Query::default();
        OrderArguments::of(&order).expect("words").write(&mut query);
        let mut members = String::new();
        query.append_json_to(&mut members);
        let call = serde_json::from_str::<serde_json::Value>(&format!("{{{members}}}"));
        assert!(call.is_ok(), "a call over the socket: {members}");
        query.as_str().to_owned()
    }

    #[test]
    fn every_type_sends_what_it_needs() {
        let market = OrderRequest { order_type: OrderType::Market, price: None, ..limit() };
        for (request, rest) in [
            (limit(), "type=LIMIT&timeInForce=GTC&quantity=0.01&price=61000.5"),
            (limit().time_in_force(TimeInForce::Fok), "type=LIMIT&timeInForce=FOK&quantity=0.01&price=61000.5"),
            (limit().post_only(), "type=LIMIT&timeInForce=GTX&quantity=0.01&price=61000.5"),
            (market.clone().reduce_only(), "type=MARKET&quantity=0.01&reduceOnly=true"),
            (
                limit().self_trade_prevention(SelfTradePrevention::ExpireBoth),
                "type=LIMIT&timeInForce=GTC&quantity=0.01&price=61000.5&selfTradePreventionMode=EXPIRE_BOTH",
            ),
        ] {
            let expected = format!("symbol=BTCUSDT&side=BUY&{rest}&newClientOrderId=tw-1&newOrderRespType=RESULT");
            assert_eq!(written(request), expected);
        }
    }

    #[test]
    fn orders_that_wait_are_written_for_their_service() {
        let stop = |order_type| OrderRequest { order_type, ..limit() }.trigger_price(price("60000"));
        let without_price = |request| OrderRequest { price: None, ..request };
        let trailing = OrderRequest { order_type: OrderType::StopLoss, price: None, ..limit() }.trailing_bips(150);
        for (request, rest) in [
            (without_price(stop(OrderType::StopLoss)), "type=STOP_MARKET&quantity=0.01&triggerPrice=60000"),
            (
                stop(OrderType::StopLossLimit),
                "type=STOP&timeInForce=GTC&quantity=0.01&price=61000.5&triggerPrice=60000",
            ),
            (
                without_price(stop(OrderType::TakeProfit)).reduce_only(),
                "type=TAKE_PROFIT_MARKET&quantity=0.01&reduceOnly=true&triggerPrice=60000",
            ),
            (trailing.clone(), "type=TRAILING_STOP_MARKET&quantity=0.01&callbackRate=1.5"),
            (
                trailing.trigger_price(price("59000")),
                "type=TRAILING_STOP_MARKET&quantity=0.01&activatePrice=59000&callbackRate=1.5",
            ),
        ] {
            let expected = format!(
                "algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&{rest}&workingType=CONTRACT_PRICE&clientAlgoId=tw-1\
                 &newOrderRespType=RESULT"
            );
            assert_eq!(written(request), expected);
        }
        let by_mark = without_price(stop(OrderType::StopLoss)).triggered_by(TriggerPrice::Mark);
        assert!(written(by_mark).contains("&workingType=MARK_PRICE&"));
    }

    #[test]
    fn reduce_only_is_never_sent_with_the_side_of_a_position() {
        let hedged = written(limit().reduce_only().position_side(PositionSide::Short));
        assert!(hedged.starts_with("symbol=BTCUSDT&side=BUY&positionSide=SHORT&type=LIMIT&"), "{hedged}");
        assert!(!hedged.contains("reduceOnly"), "{hedged}");
    }

    #[test]
    fn what_has_no_words_is_not_written() {
        let pair = || "BTC-USDT".parse().expect("a pair");
        for (request, field) in [
            (OrderRequest::market_for_quote(pair(), Side::Buy, Decimal::TEN), "amount"),
            (limit().trigger_price(price("1")), "trigger"),
            (limit().self_trade_prevention(SelfTradePrevention::Decrement), "self_trade_prevention"),
            (OrderRequest { order_type: OrderType::StopLoss, ..limit() }, "trigger"),
            (OrderRequest { order_type: OrderType::TakeProfit, ..limit() }.trailing_bips(50), "order_type"),
        ] {
            let refused = OrderArguments::of(&order(request)).expect_err(field);
            assert_eq!((refused.kind(), refused.context("field")), (ErrorKind::Unsupported, Some(field)));
        }
    }
}
