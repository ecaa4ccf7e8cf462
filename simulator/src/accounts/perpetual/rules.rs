//! The rules of a contract that an order keeps or breaks by itself.

use rust_decimal::Decimal;

use crate::accounts::desk::Desk;
use crate::accounts::error::{Filter, OrderError};
use crate::accounts::order::Order;
use crate::engine::Side;
use crate::numbers::notional;

fn need(holds: bool, filter: Filter) -> Result<(), OrderError> {
    if holds { Ok(()) } else { Err(OrderError::Filter(filter)) }
}

/// Whether a number is a multiple of the step, counted from `from`.
fn on_grid(number: Decimal, from: Decimal, step: Decimal) -> bool {
    (number - from).checked_rem(step).is_none_or(|rest| rest.is_zero())
}

impl Desk<'_> {
    /// Prices, quantity and value. Prices and quantities count from the smallest permitted one.
    pub(in crate::accounts) fn check_contract_rules(&self, order: &Order) -> Result<(), OrderError> {
        for price in [order.price, order.stop_price].into_iter().filter(|price| !price.is_zero()) {
            self.check_price(price)?;
        }
        if !order.price.is_zero() && !order.kind.is_conditional() {
            self.check_band(order)?;
        }
        if order.position.close_position && order.quantity.is_zero() {
            return Ok(());
        }
        self.check_amount(order)
    }

    fn check_price(&self, price: Decimal) -> Result<(), OrderError> {
        let listing = &self.market.listing;
        need(price >= listing.min_price, Filter::MinPrice)?;
        need(price <= listing.max_price, Filter::MaxPrice)?;
        need(on_grid(price, listing.min_price, listing.tick), Filter::TickSize)
    }

    /// A buy may not be too far above the mark price, nor a sell too far below.
    fn check_band(&self, order: &Order) -> Result<(), OrderError> {
        let Some(quote) = self.prices.marks.of(self.market.id) else { return Ok(()) };
        let (up, down) = quote.contract.price_band;
        match order.side {
            Side::Buy => need(order.price <= notional(quote.mark(), up), Filter::PercentPriceUp),
            Side::Sell => need(order.price >= notional(quote.mark(), down), Filter::PercentPriceDown),
        }
    }

    fn check_amount(&self, order: &Order) -> Result<(), OrderError> {
        let listing = &self.market.listing;
        let most = if order.kind.has_price() { listing.max_quantity } else { listing.max_market_quantity };
        need(order.quantity >= listing.step, Filter::MinQuantity)?;
        need(order.quantity <= most, Filter::MaxQuantity)?;
        need(on_grid(order.quantity, Decimal::ZERO, listing.step), Filter::StepSize)?;
        if order.only_closes() {
            return Ok(());
        }
        let mark = self.prices.marks.of(self.market.id).map_or(self.last_price(), |quote| quote.mark());
        let price = if order.price.is_zero() { mark } else { order.price };
        need(notional(price, order.quantity) >= listing.min_notional, Filter::Notional)
    }
}
