//! Fundings: at each funding time every position pays or receives size · mark price · rate, once.

use std::sync::Arc;

use rust_decimal::{Decimal, RoundingStrategy};

use super::figures::Figures;
use super::marks::{FundingRecord, Quote};
use super::settings::{MarginMode, PositionSide};
use super::transaction::{FundingPayment, Movement, TransactionKind};
use super::{Cause, MARGIN_DECIMALS, MarginUpdate};
use crate::accounts::account::AccountId;
use crate::accounts::event::AccountChange;
use crate::accounts::registry::Accounts;
use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::exchanges::Product;
use crate::market::MarketId;
use crate::numbers::notional;

/// Fundings of one contract that are caught up after a jump of the clock; older ones are left out.
const CATCH_UP: i64 = 100;

impl Exchange {
    /// What the passing of time brings to contracts; `second`: a whole second is over.
    pub(crate) fn pass_time(&self, second: bool) {
        if self.product != Product::LinearPerpetual {
            return;
        }
        self.fund_due();
        if second {
            self.prices.marks.second();
            self.follow_marks();
        }
    }

    /// Carries out the fundings whose time has come, in the order of time.
    pub(crate) fn fund_due(&self) {
        let now = self.clock.now();
        while let Some(due) = self.prices.marks.next_funding().filter(|due| *due <= now) {
            let quotes = self.prices.marks.quotes();
            for quote in quotes.values().filter(|quote| quote.price.next_funding == due) {
                let interval = i64::from(quote.price.funding_hours) * 3_600_000_000;
                let time = due.max(Timestamp(now.0 - CATCH_UP * interval));
                self.fund(quote, time);
                let record = FundingRecord { rate: quote.price.rate, mark: quote.mark(), time };
                self.prices.marks.funded(quote.market, record, true);
            }
        }
    }

    /// Carries out a funding now, beside those whose time comes; at this rate, or at the contract's own.
    pub(crate) fn run_funding(&self, market: MarketId, rate: Option<Decimal>) {
        let Some(mut quote) = self.prices.marks.of(market) else { return };
        quote.price.rate = rate.unwrap_or(quote.price.rate);
        let time = self.clock.now();
        self.fund(&quote, time);
        let record = FundingRecord { rate: quote.price.rate, mark: quote.mark(), time };
        self.prices.marks.funded(market, record, false);
    }

    fn fund(&self, quote: &Quote, time: Timestamp) {
        {
            let mut accounts = self.accounts.lock();
            let holders: Vec<(AccountId, PositionSide)> = accounts
                .all()
                .iter()
                .flat_map(|account| {
                    let open = account.margins.positions.iter();
                    let open = open.filter(|((market, _), held)| *market == quote.market && !held.size.is_zero());
                    open.map(|((_, side), _)| (account.id, *side))
                })
                .collect();
            for (account, side) in holders {
                self.fund_position(&mut accounts, account, side, quote, time);
            }
        }
        self.deliver();
        self.follow_marks();
    }

    fn fund_position(
        &self,
        accounts: &mut Accounts,
        id: AccountId,
        side: PositionSide,
        quote: &Quote,
        time: Timestamp,
    ) {
        let Ok(found) = accounts.account_mut(id) else { return };
        let isolated = found.margins.settings.margin_mode(quote.market) == MarginMode::Isolated;
        let Some(held) = found.margins.positions.get_mut(&(quote.market, side)) else { return };
        let size = held.size;
        let exact = -notional(notional(quote.mark(), size), quote.price.rate);
        let amount = exact.round_dp_with_strategy(MARGIN_DECIMALS, RoundingStrategy::MidpointNearestEven).normalize();
        held.paid -= amount;
        held.isolated += if isolated { amount } else { Decimal::ZERO };
        let asset = Arc::clone(&quote.settle);
        found.balances.entry(Arc::clone(&asset)).or_default().free += amount;
        let balance = found.balance(&asset).total();
        *accounts.totals.funding.entry(Arc::clone(&asset)).or_default() -= amount;
        let movement = Movement::new(TransactionKind::FundingFee, Arc::clone(&asset), amount).of(&quote.symbol);
        let number = accounts.transact(id, movement, time);
        let payment = FundingPayment {
            id: number,
            symbol: Arc::clone(&quote.symbol),
            market: quote.market,
            position_side: side,
            size,
            mark: quote.mark(),
            rate: quote.price.rate,
            amount,
            asset: Arc::clone(&asset),
            balance,
            time,
        };
        let Ok(found) = accounts.account_mut(id) else { return };
        found.margins.payments.push(payment.clone());
        let figures = Figures::of(found, self.prices.marks.quotes());
        let update = MarginUpdate {
            cause: Cause::Funding,
            symbol: Some(Arc::clone(&quote.symbol)),
            wallets: vec![(figures.wallet(&asset), amount)],
            positions: figures.position(quote.market, side).into_iter().collect(),
        };
        let now = self.clock.server_now();
        accounts.tell(id, now, AccountChange::Funding(Box::new(payment)));
        accounts.tell(id, now, AccountChange::Margin(Box::new(update)));
    }
}
