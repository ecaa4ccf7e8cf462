//! What trades and prevented trades do to accounts.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::account::AccountId;
use super::commission::Receipt;
use super::desk::{Desk, Due};
use super::event::{OrderChange, TradeDetail};
use super::fill::Fill;
use super::list::OrderListId;
use super::order::{ExpiryReason, OrderStatus};
use super::perpetual::{Cause, ContractTrade, Effect};
use super::prevention::PreventedMatch;
use super::waiting::Waiter;
use crate::engine::{OrderId, OwnerId, Prevented, Side, Trade};
use crate::numbers::notional;

/// One side of a trade.
#[derive(Clone, Copy)]
struct Half {
    account: AccountId,
    order: OrderId,
    side: Side,
    maker: bool,
}

impl Desk<'_> {
    /// Books a trade on both sides, the maker's first.
    pub(super) fn traded(&mut self, trade: &Trade) {
        let sides = [
            (trade.maker_owner, trade.maker, trade.taker_side.opposite(), true),
            (trade.taker_owner, trade.taker, trade.taker_side, false),
        ];
        if sides.iter().all(|(owner, ..)| AccountId::of_owner(*owner).is_none()) {
            return;
        }
        for (owner, order, side, maker) in sides {
            match AccountId::of_owner(owner) {
                Some(account) => self.book(trade, Half { account, order, side, maker }),
                None => self.book_outside(trade, side),
            }
        }
    }

    /// What a trader without an account wins and loses; of contracts that is counted where accounts win and lose.
    fn book_outside(&mut self, trade: &Trade, side: Side) {
        if self.is_contract() {
            return;
        }
        let quote = notional(trade.price, trade.quantity);
        let sign = if side == Side::Buy { Decimal::ONE } else { Decimal::NEGATIVE_ONE };
        let names = self.market.names.clone();
        let others = &mut self.accounts.totals.others;
        *others.entry(names.base).or_default() += sign * trade.quantity;
        *others.entry(names.quote).or_default() -= sign * quote;
    }

    /// Exchanges the two assets; returns what the fee is taken of.
    fn exchange_assets(&mut self, trade: &Trade, half: Half, quote: Decimal) -> (Receipt, bool) {
        let Half { account, order: id, side, maker } = half;
        let (paid, received) = if side == Side::Buy { (quote, trade.quantity) } else { (trade.quantity, quote) };
        let (paid_asset, got_asset) = (self.paid_asset(side), self.paid_asset(side.opposite()));
        self.release(account, id);
        self.move_funds(account, &paid_asset, -paid, Decimal::ZERO);
        self.move_funds(account, &got_asset, received, Decimal::ZERO);
        let first = self.executed(account, id, trade.quantity, quote);
        self.hold(account, id);
        let usual = Receipt { asset: got_asset, amount: received, side, maker };
        (self.receipt_in_quote(account, &usual, quote).unwrap_or(usual), first)
    }

    fn book(&mut self, trade: &Trade, half: Half) {
        let Half { account, order: id, side, maker } = half;
        let quote = notional(trade.price, trade.quantity);
        let mut effect = Effect::default();
        let (receipt, first) = if self.is_contract() {
            let Trade { price, quantity, .. } = *trade;
            effect = self.trade_contract(ContractTrade { account, order: id, side, price, quantity });
            let first = self.executed(account, id, trade.quantity, quote);
            (Receipt { asset: Arc::clone(&self.market.names.quote), amount: quote, side, maker }, first)
        } else {
            self.exchange_assets(trade, half, quote)
        };
        let (commission, commission_asset) = self.commission_of(account, id, &receipt);
        self.move_funds(account, &commission_asset, -commission, Decimal::ZERO);
        *self.accounts.totals.fees.entry(Arc::clone(&commission_asset)).or_default() += commission;
        let Some(order) = self.order(account, id) else { return };
        let fill = Fill {
            trade_id: trade.id,
            order: id,
            list: order.list,
            symbol: Arc::clone(&order.symbol),
            market: order.market,
            side,
            price: trade.price,
            quantity: trade.quantity,
            quote,
            commission,
            commission_asset,
            maker,
            time: self.now,
            position_side: order.position.side,
            closed: effect.closed,
            realised: effect.realised,
            position_after: self.size_for(order),
            balance_after: self.wallet_of(account),
            mark: self.prices.marks.of(order.market).map_or(Decimal::ZERO, |quote| quote.mark()),
            origin: order.origin,
        };
        let position_side = fill.position_side;
        self.record(account, fill.clone());
        if self.is_contract() {
            self.record_contract(account, &fill, effect);
        }
        self.tell_order(account, id, OrderChange::Trade(TradeDetail { fill, first }));
        if self.is_contract() {
            self.tell_margin(account, position_side, Cause::Order, Decimal::ZERO);
        }
        self.advance_list(account, id);
    }

    /// Notes what an order has traded; returns whether that was the first.
    fn executed(&mut self, account: AccountId, id: OrderId, quantity: Decimal, quote: Decimal) -> bool {
        let (now, mut first, mut done) = (self.now, false, false);
        self.change(account, id, |order| {
            first = order.executed.is_zero();
            order.executed += quantity;
            order.executed_quote += quote;
            order.updated = now;
            done = order.remaining().is_zero();
            order.status = if done { OrderStatus::Filled } else { OrderStatus::PartiallyFilled };
        });
        if done {
            self.close(account, id);
        }
        first
    }

    fn record(&mut self, account: AccountId, fill: Fill) {
        if let Ok(account) = self.accounts.account_mut(account) {
            account.fills_of.entry((fill.market, fill.order)).or_default().push(account.fills.len());
            account.fills.push(fill);
        }
    }

    /// Books a trade that was prevented on both orders, the maker's first.
    pub(super) fn prevented(&mut self, prevented: &Prevented) {
        let Some(account) = AccountId::of_owner(prevented.owner) else { return };
        let Some(mode) = self.order(account, prevented.taker).map(|order| order.self_trade) else { return };
        let sequences = self.sequences();
        sequences.prevented += 1;
        let matched = PreventedMatch {
            id: sequences.prevented,
            taker: prevented.taker,
            maker: prevented.maker,
            mode,
            price: prevented.price,
            taker_prevented: prevented.taker_lost,
            maker_prevented: prevented.maker_lost,
            time: self.now,
        };
        self.lose(account, prevented.maker, prevented.maker_lost, matched);
        self.lose(account, prevented.taker, prevented.taker_lost, matched);
    }

    fn lose(&mut self, account: AccountId, id: OrderId, quantity: Decimal, matched: PreventedMatch) {
        let (now, mut gone) = (self.now, false);
        self.change(account, id, |order| {
            order.prevented.push(matched);
            order.prevented_quantity += quantity;
            gone = order.remaining().is_zero();
            if gone {
                order.status = OrderStatus::ExpiredInMatch;
            }
            order.updated = now;
        });
        if quantity.is_zero() {
            return;
        }
        if gone {
            self.close(account, id);
        }
        self.hold_again(account, id);
        self.tell_order(account, id, OrderChange::Prevented { matched, quantity });
        self.advance_list(account, id);
    }

    /// An order is no longer live: it leaves the sets of live ones.
    pub(super) fn close(&mut self, account: AccountId, id: OrderId) {
        let market = self.market_id();
        self.market.waiting.remove(Waiter::Order(account, id));
        if let Ok(account) = self.accounts.account_mut(account) {
            account.closed((market, id));
            if account.margins.algos.by_order.contains_key(&(market, id)) {
                let account = account.id;
                self.later(Due::Finish(account, id));
            }
        }
    }

    /// Ends a live order for `reason`, wherever it is.
    pub(super) fn expire(&mut self, account: AccountId, id: OrderId, reason: ExpiryReason) {
        self.end(account, id, OrderStatus::Expired, OrderChange::Expired, |order| order.expiry = reason);
    }

    /// Ends a live order: takes it out of the book, gives back what it holds and tells the account.
    pub(super) fn end(
        &mut self,
        account: AccountId,
        id: OrderId,
        status: OrderStatus,
        told: OrderChange,
        detail: impl FnOnce(&mut super::order::Order),
    ) {
        if !self.order(account, id).is_some_and(super::order::Order::is_live) {
            return;
        }
        // No trade follows from this; and this may be in the middle of dealing with trades, which must stay in order.
        self.market.engine.cancel(id);
        let now = self.now;
        self.change(account, id, |order| {
            order.status = status;
            order.updated = now;
            detail(order);
        });
        self.close(account, id);
        self.hold_again(account, id);
        self.tell_order(account, id, told);
        self.advance_list(account, id);
    }

    /// Fills a resting order at its price by a counterparty that nobody sees in the book. Returns how much.
    pub(crate) fn fill(&mut self, account: AccountId, id: OrderId, quantity: Decimal, by: OwnerId) -> Option<Decimal> {
        let filled = self.market.engine.fill(id, quantity, account.owner(), by);
        self.absorb();
        filled
    }

    /// What follows for a list from a change of one of its orders.
    pub(super) fn advance_list(&mut self, account: AccountId, id: OrderId) {
        let Some(order) = self.order(account, id) else { return };
        let Some(list_id) = order.list else { return };
        let (status, live, expiry) = (order.status, order.is_live(), order.expiry);
        let started = !order.executed.is_zero() || !live || (order.kind.is_conditional() && order.is_working);
        let found = self.account(account).ok().and_then(|account| account.lists.get(&list_id));
        let Some(list) = found.filter(|list| !list.done) else { return };
        let orders: Vec<OrderId> = list.orders.iter().map(|(id, _)| *id).filter(|other| *other != id).collect();
        if list.working == Some(id) {
            if status == OrderStatus::Filled {
                self.later(Due::Begin(account, list_id));
            } else if !live {
                let exchange = expiry == ExpiryReason::ExchangeCanceled;
                let reason = if exchange { expiry } else { ExpiryReason::OtoPhaseOneExpired };
                orders.into_iter().for_each(|other| self.expire(account, other, reason));
            }
        } else if started
            && expiry != ExpiryReason::OcoTrigger
            && let Some(other) = self.sibling(account, id)
        {
            self.expire(account, other, ExpiryReason::OcoTrigger);
        }
        self.finish_list(account, list_id);
    }

    /// Tells the account if none of a list's orders is live any more.
    fn finish_list(&mut self, account: AccountId, list_id: OrderListId) {
        let market = self.market_id();
        let Ok(found) = self.account(account) else { return };
        let Some(list) = found.lists.get(&list_id).filter(|list| !list.done) else { return };
        let live = |(id, _): &(OrderId, String)| found.open.contains(&(market, *id));
        if !list.orders.iter().any(live) {
            self.done(account, list_id);
        }
    }
}
