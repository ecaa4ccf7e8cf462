use std::fmt::Display;

use rust_decimal::Decimal;
use tradewire_core::exact::multiply;
use tradewire_core::{
    Amount, Capabilities, CommandError, Error, ErrorKind, Instrument, InstrumentStatus, OrderRequest, OrderType, Part,
    PositionMode, Price, Quantity, Range, Side, Step, TimeInForce,
};

/// What an order is checked against.
#[derive(Clone, Copy, Debug)]
pub struct OrderCheck<'a> {
    /// What the exchange offers.
    pub capabilities: &'a Capabilities,
    /// The instrument, with its rules and its status.
    pub instrument: &'a Instrument,
    /// The first part that orders need and that is not ready, and why it is not.
    pub not_ready: Option<(Part, &'a str)>,
    /// The best prices of a valid book, as far as there are any.
    pub best: BestOffers,
    /// The mark price of a contract, as far as it is known.
    pub mark_price: Option<Price>,
    /// How positions of the instrument are kept, where it is a contract.
    pub position_mode: Option<PositionMode>,
}

/// The best prices of a book that can be trusted; `None` for a side without any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BestOffers {
    /// The highest price at which somebody buys.
    pub bid: Option<Price>,
    /// The lowest price at which somebody sells.
    pub ask: Option<Price>,
}

impl OrderCheck<'_> {
    /// Refuses an order that cannot be right. The first of these wins: what the exchange offers, readiness, whether the instrument
    /// is tradable, type and time in force, price steps, quantity steps, bounds, notional, position action. What depends on prices that move, such as
    /// percent bands, is left to the exchange; so is the notional of a market order without the price that it is judged by.
    ///
    /// # Errors
    /// `NotSent` with the field and what it should be: `Unsupported`, `NotReady`, `Restricted`, `InvalidRequest` or
    /// `FilterFailure`.
    pub fn check(&self, order: &OrderRequest) -> Result<(), CommandError> {
        self.capabilities.check(order)?;
        self.ready()
            .and_then(|()| self.tradable())
            .and_then(|()| consistent(order))
            .and_then(|()| self.price_steps(order))
            .and_then(|()| self.quantity_steps(order))
            .and_then(|()| self.bounds(order))
            .and_then(|()| self.notional(order))
            .and_then(|()| self.position_action(order))
            .map_err(CommandError::NotSent)
    }

    fn ready(&self) -> Result<(), Error> {
        match self.not_ready {
            Some((part, reason)) => {
                let text = "a part that orders need is not ready";
                Err(Error::new(ErrorKind::NotReady, text).with("part", part).with("reason", reason))
            }
            None => Ok(()),
        }
    }

    fn tradable(&self) -> Result<(), Error> {
        let status = match &self.instrument.status {
            InstrumentStatus::Trading => return Ok(()),
            InstrumentStatus::CancelOnly => "cancel-only",
            InstrumentStatus::Halted(word) | InstrumentStatus::Unknown(word) => word,
            _ => "unknown",
        };
        let text = "the instrument takes no orders now";
        Err(Error::new(ErrorKind::Restricted, text).with("pair", &self.instrument.pair).with("status", status))
    }

    fn price_steps(&self, order: &OrderRequest) -> Result<(), Error> {
        let step = self.instrument.rules.price_step;
        prices(order).try_for_each(|(field, price)| on_step(field, step, price.value()))
    }

    fn quantity_steps(&self, order: &OrderRequest) -> Result<(), Error> {
        let rules = &self.instrument.rules;
        for (field, quantity) in quantities(order) {
            on_step(field, rules.quantity_step, quantity.value())?;
            if order.order_type == OrderType::Market {
                on_step(field, rules.market_quantity_step, quantity.value())?;
            }
        }
        Ok(())
    }

    fn bounds(&self, order: &OrderRequest) -> Result<(), Error> {
        let rules = &self.instrument.rules;
        for (field, price) in prices(order) {
            positive(field, price.value())?;
            within(field, price, &rules.price)?;
        }
        if let Amount::Quote(quote) = order.amount {
            positive("amount", quote)?;
        }
        if let Some(quantity) = order.quantity() {
            positive("quantity", quantity.value())?;
            within("quantity", quantity, &self.quantity_range(order.order_type))?;
        }
        if let Some(visible) = order.visible {
            positive("visible", visible.value())?;
            within("visible", visible, &Range { min: None, max: order.quantity() })?;
        }
        Ok(())
    }

    /// The bounds of the quantity: those of market orders where there are any of their own.
    fn quantity_range(&self, order_type: OrderType) -> Range<Quantity> {
        let (all, market) = (self.instrument.rules.quantity, self.instrument.rules.market_quantity);
        match order_type {
            OrderType::Market => Range { min: market.min.or(all.min), max: market.max.or(all.max) },
            _ => all,
        }
    }

    fn notional(&self, order: &OrderRequest) -> Result<(), Error> {
        let rules = &self.instrument.rules;
        let market = order.order_type == OrderType::Market;
        let Some(notional) = self.notional_of(order).filter(|_| !order.reduce_only) else { return Ok(()) };
        let bounds = Range {
            min: rules.notional.min.filter(|_| !market || rules.min_notional_for_market),
            max: rules.notional.max.filter(|_| !market || rules.max_notional_for_market),
        };
        within("notional", notional.normalize(), &bounds)
    }

    /// In hedge mode an order names the side that it is for, and reduces only the one that it is against. Otherwise there is one
    /// position, which has no side.
    fn position_action(&self, order: &OrderRequest) -> Result<(), Error> {
        let Some(mode) = self.position_mode else { return Ok(()) };
        let (field, text) = match (mode, order.position_side) {
            (PositionMode::Hedge, None) => ("position_side", "in hedge mode an order needs the side of its position"),
            (PositionMode::OneWay, Some(_)) => ("position_side", "in one-way mode a position has no side"),
            (PositionMode::Hedge, Some(side)) if order.reduce_only && !side.is_closed_by(order.side) => {
                ("reduce_only", "this side makes the position larger")
            }
            _ => return Ok(()),
        };
        Err(Error::new(ErrorKind::InvalidRequest, text).with("field", field).with("position_mode", mode))
    }

    /// Price × quantity, as far as it is known. A product that needs more than 28 digits is left to the exchange.
    fn notional_of(&self, order: &OrderRequest) -> Option<Decimal> {
        let price = match (order.price, order.order_type, order.side) {
            (Some(price), ..) => price,
            (None, OrderType::Market, _) if self.instrument.rules.market_notional_by_mark => self.mark_price?,
            (None, OrderType::Market, Side::Buy) => self.best.ask?,
            (None, OrderType::Market, Side::Sell) => self.best.bid?,
            (None, ..) => return None,
        };
        match order.amount {
            Amount::Base(quantity) => multiply(price.value(), quantity.value()),
            Amount::Quote(quote) => Some(quote),
        }
    }
}

/// Whether type, time in force and the fields that go with them agree.
fn consistent(order: &OrderRequest) -> Result<(), Error> {
    let order_type = order.order_type;
    let gtc = order.time_in_force == TimeInForce::Gtc;
    let trigger = order.trigger.filter(|trigger| trigger.price.is_some() || trigger.trailing_bips.is_some());
    let wrong = [
        ("price", order_type.has_price() && order.price.is_none(), "an order of this type needs a price"),
        ("price", !order_type.has_price() && order.price.is_some(), "an order of this type has no price"),
        ("trigger", order_type.is_conditional() && trigger.is_none(), "an order of this type needs a trigger"),
        ("trigger", !order_type.is_conditional() && order.trigger.is_some(), "an order of this type has no trigger"),
        (
            "amount",
            order_type != OrderType::Market && order.quantity().is_none(),
            "only a market order can be for an amount of the quote asset",
        ),
        ("time_in_force", order_type == OrderType::PostOnly && !gtc, "a post-only order stays until it is cancelled"),
        (
            "time_in_force",
            !order_type.has_price() && order.time_in_force == TimeInForce::Fok,
            "an order without a price has no time in force",
        ),
        ("visible", order.visible.is_some() && !order_type.has_price(), "only an order with a price can hide a part"),
        ("visible", order.visible.is_some() && !gtc, "only an order that stays until it is cancelled can hide a part"),
    ];
    match wrong.into_iter().find(|(_, wrong, _)| *wrong) {
        Some((field, _, text)) => {
            let error = Error::new(ErrorKind::InvalidRequest, text).with("field", field);
            Err(error.with("order_type", order_type).with("time_in_force", order.time_in_force))
        }
        None => Ok(()),
    }
}

fn prices(order: &OrderRequest) -> impl Iterator<Item = (&'static str, Price)> {
    let trigger = order.trigger.and_then(|trigger| trigger.price);
    [("price", order.price), ("trigger_price", trigger)].into_iter().filter_map(|(field, price)| Some((field, price?)))
}

fn quantities(order: &OrderRequest) -> impl Iterator<Item = (&'static str, Quantity)> {
    let all = [("quantity", order.quantity()), ("visible", order.visible)];
    all.into_iter().filter_map(|(field, quantity)| Some((field, quantity?)))
}

fn on_step(field: &'static str, step: Step, value: Decimal) -> Result<(), Error> {
    step.check(value).map_err(|off| {
        Error::new(ErrorKind::FilterFailure, "a number is not on its step")
            .with("field", field)
            .with("value", off.value.normalize())
            .with("step", off.step.size.normalize())
            .with("below", off.below)
            .with("above", off.above)
    })
}

fn positive(field: &'static str, value: Decimal) -> Result<(), Error> {
    if value > Decimal::ZERO {
        return Ok(());
    }
    let error = Error::new(ErrorKind::FilterFailure, "a number is not above zero");
    Err(error.with("field", field).with("value", value.normalize()))
}

fn within<T: PartialOrd + Display + Copy>(field: &'static str, value: T, range: &Range<T>) -> Result<(), Error> {
    if range.contains(&value) {
        return Ok(());
    }
    let error =
        Error::new(ErrorKind::FilterFailure, "a number is out of bounds").with("field", field).with("value", value);
    let bounds = [("min", range.min), ("max", range.max)];
    Err(bounds.into_iter().fold(error, |error, (name, bound)| match bound {
        Some(bound) => error.with(name, bound),
        None => error,
    }))
}
