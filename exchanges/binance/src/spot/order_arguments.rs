use tradewire_core::{Amount, Error, ErrorKind, OrderType, Trigger};
use tradewire_tracking::{NewOrder, Target};
use tradewire_transport::Query;

use super::order_words::type_word;
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
        let Trigger { price, trailing_bips } = request.trigger.unwrap_or_default();
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

fn add(query: &mut Query, name: &str, value: Option<impl std::fmt::Display>) {
    if let Some(value) = value {
        query.add(name, value);
    }
}

/// Names an order by its number where that is known, which is the quickest for the exchange, else by its client id.
pub(crate) fn write_target(query: &mut Query, target: &Target, number: &str, client_id: &str) {
    let known = target.exchange_order_id.as_ref().and_then(|id| id.as_str().parse::<u64>().ok());
    match (known, &target.client_order_id) {
        (Some(id), _) => drop(query.add_literal(number, id)),
        (None, Some(id)) => drop(query.add(client_id, id)),
        (None, None) => {}
    }
}
