//! What follows when mark prices move: triggered orders, margin calls, liquidations.

use rust_decimal::Decimal;

use super::figures::Figures;
use super::settings::{MarginMode, PositionSide};
use super::terms::TriggerBy;
use crate::accounts::account::AccountId;
use crate::accounts::event::AccountChange;
use crate::accounts::order::ExpiryReason;
use crate::exchange::Exchange;
use crate::exchanges::Product;
use crate::market::MarketId;

/// Part of the margin that the maintenance margin must reach for a warning.
const CALL_AT: Decimal = Decimal::from_parts(8, 0, 0, false, 1);
/// Liquidations that may follow from one move.
const AT_ONCE: usize = 1_000;

/// A position that a margin stands behind.
type Place = (AccountId, MarketId, PositionSide);

impl Exchange {
    /// Deals with what follows from marks and wallets as they are: orders that wait for a mark or index price, margin
    /// calls, liquidations. Call it with nothing locked.
    pub(crate) fn follow_marks(&self) {
        if self.product != Product::LinearPerpetual {
            return;
        }
        for market in self.markets() {
            let waits = {
                let market = market.lock();
                market.waiting.waits_for(TriggerBy::Mark) || market.waiting.waits_for(TriggerBy::Index)
            };
            if waits {
                self.at_desk_alone(&market, |desk| desk.marked());
            }
        }
        for _ in 0..AT_ONCE {
            self.call_margins();
            let Some(place) = self.short_of_margin() else { return };
            if !self.tops_up(place) {
                self.liquidate(place.0, place.1, place.2);
            }
        }
    }

    /// Warns the accounts whose maintenance margin comes near their margin.
    fn call_margins(&self) {
        let now = self.clock.server_now();
        let quotes = self.prices.marks.quotes();
        {
            let mut accounts = self.accounts.lock();
            let ids: Vec<AccountId> = accounts.all().iter().map(|account| account.id).collect();
            for id in ids {
                let Ok(found) = accounts.account_mut(id) else { continue };
                if found.margins.positions.is_empty() {
                    continue;
                }
                let figures = Figures::of(found, quotes.clone());
                let near = |place: &(MarketId, PositionSide)| figures.strain(place.0, place.1) >= CALL_AT;
                let called: Vec<_> = found.margins.positions.keys().copied().filter(near).collect();
                let new: Vec<_> = called.iter().filter(|place| !found.margins.called.contains(place)).collect();
                let positions: Vec<_> = new.iter().filter_map(|place| figures.position(place.0, place.1)).collect();
                let asset = positions.first().map(|position| std::sync::Arc::clone(&position.asset));
                let wallet = asset.map(|asset| figures.wallet(&asset));
                found.margins.called = called.into_iter().collect();
                if let Some(wallet) = wallet {
                    accounts.tell(id, now, AccountChange::MarginCall { wallet, positions });
                }
            }
        }
        self.deliver();
    }

    /// Warns an account about one position, unless it was warned already.
    fn call_margin_of(&self, id: AccountId, market: MarketId, side: PositionSide) {
        {
            let mut accounts = self.accounts.lock();
            let Ok(found) = accounts.account_mut(id) else { return };
            if !found.margins.called.insert((market, side)) {
                return;
            }
            let figures = Figures::of(found, self.prices.marks.quotes());
            let Some(position) = figures.position(market, side) else { return };
            let wallet = figures.wallet(&position.asset);
            let positions = vec![position];
            accounts.tell(id, self.clock.server_now(), AccountChange::MarginCall { wallet, positions });
        }
        self.deliver();
    }

    /// A position whose maintenance margin is not covered; of several of an account the one that needs most.
    fn short_of_margin(&self) -> Option<Place> {
        let quotes = self.prices.marks.quotes();
        let accounts = self.accounts.lock();
        let holders = accounts.all().iter().filter(|account| !account.margins.positions.is_empty());
        let mut short = holders.filter_map(|account| {
            let figures = Figures::of(account, quotes.clone());
            let open = figures.positions().into_iter().filter(|position| !position.is_flat());
            let short = open.filter(|position| figures.strain(position.market, position.side) >= Decimal::ONE);
            let worst = short.max_by_key(|position| position.maintenance_margin)?;
            Some((account.id, worst.market, worst.side))
        });
        short.next()
    }

    /// Adds what is available, up to its initial margin, to an isolated position that wants it; whether it did.
    fn tops_up(&self, (account, market, side): Place) -> bool {
        let (amount, wants) = {
            let accounts = self.accounts.lock();
            let Ok(figures) = accounts.figures(account, &self.prices.marks) else { return false };
            let Some(position) = figures.position(market, side) else { return false };
            let available = figures.wallet(&position.asset).available;
            (available.min(position.initial_margin), position.auto_add_margin)
        };
        wants && self.add_margin(account, market, side, amount).is_ok()
    }

    /// Liquidates a position: its account's orders that stand on the same margin end, then the exchange closes it.
    pub(crate) fn liquidate(&self, account: AccountId, market: MarketId, side: PositionSide) {
        self.call_margin_of(account, market, side);
        let (_, _, mode) = self.settings(account, market);
        for other in self.markets() {
            let concerned = mode == MarginMode::Cross || other.lock().id == market;
            if concerned {
                self.at_desk_alone(&other, |desk| desk.expire_all_of(account, ExpiryReason::Liquidation));
            }
        }
        let market = self.market_by_id(market);
        self.at_desk_alone(&market, |desk| desk.liquidate(account, side));
    }
}

impl Figures<'_> {
    /// Maintenance margin as a part of the margin that covers a position; 1 or more must be liquidated. Zero of a flat
    /// one.
    pub(crate) fn strain(&self, market: MarketId, side: PositionSide) -> Decimal {
        let Some(position) = self.position(market, side).filter(|position| !position.is_flat()) else {
            return Decimal::ZERO;
        };
        let (needed, covered) = if position.margin_mode == MarginMode::Isolated {
            (position.maintenance_margin, position.isolated + position.unrealised)
        } else {
            let wallet = self.wallet(&position.asset);
            (wallet.cross_maintenance, wallet.cross + wallet.cross_unrealised)
        };
        if covered <= Decimal::ZERO {
            return Decimal::TWO;
        }
        needed.checked_div(covered).unwrap_or(Decimal::TWO)
    }
}
