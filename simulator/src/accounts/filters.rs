//! The rules of an instrument and of the exchange.

use rust_decimal::Decimal;

use super::account::{Account, Counts};
use super::desk::Desk;
use super::error::{Filter, OrderError};
use super::order::{Order, OrderKind};
use crate::engine::Side;
use crate::numbers::notional;

const MINUTE_MS: i64 = 60_000;

/// Live orders of one account on the whole exchange; without bound where absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExchangeRules {
    /// Live orders (`EXCHANGE_MAX_NUM_ORDERS`).
    pub max_orders: Option<usize>,
    /// Live conditional orders (`EXCHANGE_MAX_NUM_ALGO_ORDERS`).
    pub max_algo_orders: Option<usize>,
    /// Live iceberg orders (`EXCHANGE_MAX_NUM_ICEBERG_ORDERS`).
    pub max_iceberg_orders: Option<usize>,
    /// Live order lists (`EXCHANGE_MAX_NUM_ORDER_LISTS`).
    pub max_order_lists: Option<usize>,
}

fn need(holds: bool, filter: Filter) -> Result<(), OrderError> {
    if holds { Ok(()) } else { Err(OrderError::Filter(filter)) }
}

fn on_grid(value: Decimal, step: Decimal) -> bool {
    value.checked_rem(step).is_none_or(|rest| rest.is_zero())
}

impl Desk<'_> {
    /// The rules that an order keeps or breaks by itself. `pays_off`: its quantity is not known yet.
    pub(super) fn check_rules(&self, order: &Order, pays_off: bool) -> Result<(), OrderError> {
        if self.is_contract() {
            return self.check_contract_rules(order);
        }
        self.check_prices(order)?;
        self.check_trailing(order)?;
        if pays_off {
            return Ok(());
        }
        self.check_quantity(order)?;
        self.check_value(order)
    }

    fn check_prices(&self, order: &Order) -> Result<(), OrderError> {
        let listing = &self.market.listing;
        for price in [order.price, order.stop_price].into_iter().filter(|price| !price.is_zero()) {
            let within = (listing.min_price..=listing.max_price).contains(&price);
            need(within && on_grid(price, listing.tick), Filter::PriceFilter)?;
        }
        if order.price.is_zero() {
            return Ok(());
        }
        let (up, down) = listing.rules.price_multipliers;
        let average = self.average_price();
        let within = order.price <= notional(average, up) && order.price >= notional(average, down);
        need(within, Filter::PercentPriceBySide)
    }

    fn average_price(&self) -> Decimal {
        let minutes = i64::from(self.market.listing.rules.average_minutes);
        if minutes == 0 { self.last_price() } else { self.market.average_price(self.now, minutes * MINUTE_MS) }
    }

    fn check_trailing(&self, order: &Order) -> Result<(), OrderError> {
        let (low, high) = self.market.listing.rules.trailing_delta;
        need(order.trailing_delta.is_none_or(|delta| (low..=high).contains(&delta)), Filter::TrailingDelta)
    }

    /// Quantity and visible quantity.
    pub(super) fn check_quantity(&self, order: &Order) -> Result<(), OrderError> {
        let listing = &self.market.listing;
        let fits = |quantity: Decimal| {
            quantity >= listing.step && quantity <= listing.max_quantity && on_grid(quantity, listing.step)
        };
        if order.is_by_amount() {
            return Ok(());
        }
        need(fits(order.quantity), Filter::LotSize)?;
        let market = matches!(order.kind, OrderKind::Market | OrderKind::StopLoss | OrderKind::TakeProfit);
        need(!market || order.quantity <= listing.max_market_quantity, Filter::MarketLotSize)?;
        if order.iceberg_quantity.is_zero() {
            return Ok(());
        }
        need(fits(order.iceberg_quantity), Filter::LotSize)?;
        let parts = order.quantity.checked_div(order.iceberg_quantity).unwrap_or_default().ceil();
        need(parts <= Decimal::from(listing.rules.iceberg_parts), Filter::IcebergParts)
    }

    /// Price times quantity; of market orders by the average price, and not bounded above.
    pub(super) fn check_value(&self, order: &Order) -> Result<(), OrderError> {
        let listing = &self.market.listing;
        let value = match order.hold {
            Some(price) => notional(price, order.quantity),
            None if order.is_by_amount() => order.quote_quantity,
            None => notional(self.average_price(), order.quantity),
        };
        need(value >= listing.min_notional, Filter::Notional)?;
        need(order.hold.is_none() || value <= listing.max_notional, Filter::Notional)
    }

    /// The rules about how many orders an account has, and how much, for orders that are accepted together.
    pub(super) fn check_counts(&self, account: &Account, orders: &[&Order]) -> Result<(), OrderError> {
        let rules = &self.market.listing.rules;
        let more = Counts {
            orders: orders.len(),
            algo: orders.iter().filter(|order| order.kind.is_conditional()).count(),
            iceberg: orders.iter().filter(|order| !order.iceberg_quantity.is_zero()).count(),
        };
        let here = account.counts.get(&self.market.id).copied().unwrap_or_default();
        let fits = |present: usize, more: usize, most: usize| more == 0 || present + more <= most;
        need(fits(here.orders, more.orders, rules.max_orders), Filter::MaxNumOrders)?;
        need(fits(here.algo, more.algo, rules.max_algo_orders), Filter::MaxNumAlgoOrders)?;
        need(fits(here.iceberg, more.iceberg, rules.max_iceberg_orders), Filter::MaxNumIcebergOrders)?;
        self.check_counts_everywhere(account, more)?;
        self.check_position(account, orders)
    }

    fn check_counts_everywhere(&self, account: &Account, more: Counts) -> Result<(), OrderError> {
        let rules = &self.accounts.rules;
        let sum = |part: fn(&Counts) -> usize| account.counts.values().map(part).sum::<usize>();
        let fits = |most: Option<usize>, more: usize, part: fn(&Counts) -> usize| {
            more == 0 || most.is_none_or(|most| sum(part) + more <= most)
        };
        need(fits(rules.max_orders, more.orders, |counts| counts.orders), Filter::ExchangeMaxNumOrders)?;
        need(fits(rules.max_algo_orders, more.algo, |counts| counts.algo), Filter::ExchangeMaxNumAlgoOrders)?;
        need(fits(rules.max_iceberg_orders, more.iceberg, |counts| counts.iceberg), Filter::ExchangeMaxNumIcebergOrders)
    }

    /// Base balance with open and new buys.
    fn check_position(&self, account: &Account, orders: &[&Order]) -> Result<(), OrderError> {
        let Some(most) = self.market.listing.rules.max_position else { return Ok(()) };
        let bought = |order: &&Order| order.side == Side::Buy;
        let new: Decimal = orders.iter().copied().filter(bought).map(Order::remaining).max().unwrap_or_default();
        let open: Decimal = account.open_orders(Some(self.market.id)).filter(bought).map(Order::remaining).sum();
        let has = account.balance(&self.market.listing.base).total();
        need(new.is_zero() || has + open + new <= most, Filter::MaxPosition)
    }

    /// The rules about how many lists an account has.
    pub(super) fn check_list_counts(&self, account: &Account) -> Result<(), OrderError> {
        let here = account.open_lists().filter(|list| list.market == self.market.id).count();
        need(here < self.market.listing.rules.max_order_lists, Filter::MaxNumOrderLists)?;
        let most = self.accounts.rules.max_order_lists;
        need(most.is_none_or(|most| account.open_lists.len() < most), Filter::ExchangeMaxNumOrderLists)
    }
}
