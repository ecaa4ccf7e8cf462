use tradewire_core::{Amount, Error, ErrorKind, OrderType, Trigger};
use tradewire_tracking::NewOrder;
use tradewire_transport::Query;

use super::order_words::type_word;
use crate::account_endpoints::add;
use crate::private::{prevention_word, side_word, time_in_force_word};

/// A new order in the exchange's words. Numbers go out as they came in: the order fits its instrument's rules.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OrderArguments<'a> {
    order: &'a NewOrder,
    order_type: &'static str,
    time_in_force: Option<&'static str>,
    prevention: Option<&'static str>,
}

impl<'a> OrderArguments<'a> {
    /// The words for an order.
    ///
    /// # Errors
    /// `Unsupported` for an order that spot has no words for.
    pub(crate) fn of(order: &'a NewOrder) -> Result<Self, Error> {
        let request = &order.request;
        let order_type = type_word(request.order_type).ok_or_else(|| wordless("order_type"))?;
        let timed = request.order_type.has_price() && request.order_type != OrderType::PostOnly;
        let time_in_force = match time_in_force_word(request.time_in_force) {
            _ if !timed => None,
            Some(word) => Some(word),
            None => return Err(wordless("time_in_force")),
        };
        let prevention = match request.self_trade_prevention.map(prevention_word) {
            Some(None) => return Err(wordless("self_trade_prevention")),
            Some(word) => word,
            None => None,
        };
        Ok(Self { order, order_type, time_in_force, prevention })
    }

    /// Writes it, with the request to tell the order's fate and fills at once.
    pub(crate) fn write(&self, query: &mut Query) {
        let request = &self.order.request;
        query.add("symbol", &self.order.instrument.symbol).add("side", side_word(request.side));
        query.add("type", self.order_type);
        add(query, "timeInForce", self.time_in_force);
        match request.amount {
            Amount::Base(quantity) => query.add("quantity", quantity),
            Amount::Quote(quote) => query.add("quoteOrderQty", quote.normalize()),
        };
        add(query, "price", request.price);
        let Trigger { price, trailing_bips, .. } = request.trigger.unwrap_or_default();
        add(query, "stopPrice", price);
        if let Some(bips) = trailing_bips {
            query.add_literal("trailingDelta", bips);
        }
        add(query, "icebergQty", request.visible);
        add(query, "selfTradePreventionMode", self.prevention);
        query.add("newClientOrderId", &self.order.client_order_id).add("newOrderRespType", "FULL");
    }
}

fn wordless(field: &'static str) -> Error {
    Error::new(ErrorKind::Unsupported, "Binance spot does not offer what the order asks for").with("field", field)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::account_endpoints::write_target;
    use tradewire_core::{Decimal, Instrument, OrderRequest, Price, Quantity, SelfTradePrevention, Side, TimeInForce};
    use tradewire_tracking::Target;

    /// The instrument of a symbol in the fixtures.
    pub(crate) fn instrument(symbol: &str) -> Arc<Instrument> {
        let (list, _) = crate::symbols::decode_instruments::<crate::spot::Spot>(include_bytes!(
            "../../fixtures/exchange-info.json"
        ))
        .expect("a list");
        Arc::new(list.instruments.into_iter().find(|known| &*known.symbol == symbol).expect(symbol))
    }

    /// An order of the instrument that its pair names in the fixtures.
    pub(crate) fn order(request: OrderRequest) -> NewOrder {
        let symbol = format!("{}{}", request.pair.base(), request.pair.quote());
        NewOrder { request, client_order_id: "tw-1".into(), instrument: instrument(&symbol) }
    }

    /// A target with these ids.
    pub(crate) fn target(client_id: Option<&str>, id: Option<&str>) -> Target {
        Target {
            instrument: instrument("BTCUSDT"),
            client_order_id: client_id.map(Into::into),
            exchange_order_id: id.map(Into::into),
            conditional: false,
        }
    }

    fn quantity(text: &str) -> Quantity {
        text.parse().expect(text)
    }

    fn price(text: &str) -> Price {
        text.parse().expect(text)
    }

    fn limit() -> OrderRequest {
        OrderRequest::limit("BTC-USDT".parse().expect("a pair"), Side::Buy, quantity("0.00100"), price("61000.50"))
    }

    fn of_type(order_type: OrderType) -> OrderRequest {
        OrderRequest { order_type, ..limit() }
    }

    fn written(request: OrderRequest) -> String {
        let order = order(request);
        let mut query = Query::default();
        OrderArguments::of(&order).expect("words").write(&mut query);
        let (written, named) = query.as_str().rsplit_once("&newClientOrderId=").expect("an id");
        assert_eq!(named, "tw-1&newOrderRespType=FULL");
        written.to_owned()
    }

    #[test]
    fn every_type_sends_what_it_needs() {
        let triggered = |order_type| of_type(order_type).trigger_price(price("60000"));
        let market = |order_type| OrderRequest { price: None, ..triggered(order_type) };
        for (request, rest) in [
            (limit(), "type=LIMIT&timeInForce=GTC&quantity=0.001&price=61000.5"),
            (limit().time_in_force(TimeInForce::Ioc), "type=LIMIT&timeInForce=IOC&quantity=0.001&price=61000.5"),
            (limit().time_in_force(TimeInForce::Fok), "type=LIMIT&timeInForce=FOK&quantity=0.001&price=61000.5"),
            (limit().post_only(), "type=LIMIT_MAKER&quantity=0.001&price=61000.5"),
            (
                limit().visible(quantity("0.0001")),
                "type=LIMIT&timeInForce=GTC&quantity=0.001&price=61000.5&icebergQty=0.0001",
            ),
            (market(OrderType::StopLoss), "type=STOP_LOSS&quantity=0.001&stopPrice=60000"),
            (
                market(OrderType::TakeProfit).trailing_bips(50),
                "type=TAKE_PROFIT&quantity=0.001&stopPrice=60000&trailingDelta=50",
            ),
            (
                triggered(OrderType::StopLossLimit),
                "type=STOP_LOSS_LIMIT&timeInForce=GTC&quantity=0.001&price=61000.5&stopPrice=60000",
            ),
            (
                of_type(OrderType::TakeProfitLimit).trailing_bips(100),
                "type=TAKE_PROFIT_LIMIT&timeInForce=GTC&quantity=0.001&price=61000.5&trailingDelta=100",
            ),
            (
                limit().self_trade_prevention(SelfTradePrevention::Off),
                "type=LIMIT&timeInForce=GTC&quantity=0.001&price=61000.5&selfTradePreventionMode=NONE",
            ),
        ] {
            assert_eq!(written(request), format!("symbol=BTCUSDT&side=BUY&{rest}"));
        }
    }

    #[test]
    fn market_orders_name_a_quantity_or_an_amount() {
        let pair = || "BTC-USDT".parse().expect("a pair");
        let by_quantity = OrderRequest::market(pair(), Side::Sell, quantity("2"));
        assert_eq!(written(by_quantity), "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=2");
        let by_quote = OrderRequest::market_for_quote(pair(), Side::Buy, Decimal::new(10_050, 2));
        assert_eq!(written(by_quote), "symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=100.5");
    }

    #[test]
    fn numbers_have_no_exponent_and_no_needless_digits() {
        let extreme = OrderRequest::limit(
            "BTC-USDT".parse().expect("a pair"),
            Side::Buy,
            quantity("1000000000000000.000000000000"),
            price("0.000000000000000001"),
        );
        let written = written(extreme);
        assert!(written.ends_with("quantity=1000000000000000&price=0.000000000000000001"), "{written}");
    }

    #[test]
    fn symbols_are_encoded_once() {
        let wide = OrderRequest { pair: "币安人生-USDT".parse().expect("a pair"), ..limit() };
        assert!(written(wide).starts_with("symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT&"));
    }

    #[test]
    fn an_order_is_named_by_its_number_where_it_is_known() {
        let named = |target: &Target| {
            let mut query = Query::default();
            write_target(&mut query, target, "orderId", "origClientOrderId");
            query.as_str().to_owned()
        };
        assert_eq!(named(&target(Some("tw-1"), Some("17"))), "orderId=17");
        assert_eq!(named(&target(Some("tw-1"), None)), "origClientOrderId=tw-1");
        assert_eq!(named(&target(Some("tw-1"), Some("x"))), "origClientOrderId=tw-1", "numbers are sent as such");
    }
}
