//! Margins, computed from positions, orders and marks.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};

use super::MARGIN_DECIMALS;
use super::marks::Quote;
use super::position::{Held, Position};
use super::settings::{Leverage, MarginMode, PositionMode, PositionSide};
use super::wallet::Wallet;
use crate::accounts::account::Account;
use crate::accounts::order::Order;
use crate::engine::Side;
use crate::market::MarketId;
use crate::numbers::notional;

/// `value / leverage`, rounded up at 8 decimals.
pub(super) fn initial_margin(value: Decimal, leverage: Decimal) -> Decimal {
    let exact = value.checked_div(leverage).unwrap_or(Decimal::MAX);
    exact.round_dp_with_strategy(MARGIN_DECIMALS, RoundingStrategy::AwayFromZero).normalize()
}

/// The figures of one account at the present marks.
#[derive(Debug)]
pub(crate) struct Figures<'a> {
    account: &'a Account,
    quotes: BTreeMap<MarketId, Quote>,
}

impl<'a> Figures<'a> {
    pub(crate) fn of(account: &'a Account, quotes: BTreeMap<MarketId, Quote>) -> Figures<'a> {
        Figures { account, quotes }
    }

    /// Leverage in a contract.
    pub(crate) fn leverage(&self, market: MarketId) -> Leverage {
        let initial = self.quotes.get(&market).map_or(Decimal::ONE, |quote| quote.contract.initial_leverage);
        self.account.margins.settings.leverage(market, initial)
    }

    /// What an asset's wallet has and what of it is bound.
    pub(crate) fn wallet(&self, asset: &str) -> Wallet {
        let balance = self.account.balance(asset);
        let mut wallet = Wallet {
            asset: asset.into(),
            balance: balance.total(),
            cross: balance.free,
            unrealised: Decimal::ZERO,
            cross_unrealised: Decimal::ZERO,
            position_margin: Decimal::ZERO,
            order_margin: self.order_margin(asset),
            maintenance_margin: Decimal::ZERO,
            cross_maintenance: Decimal::ZERO,
            available: Decimal::ZERO,
        };
        let mut cross_margin = Decimal::ZERO;
        for (held, market, side, quote) in self.held(asset) {
            let unrealised = held.unrealised(quote.mark());
            let maintenance = quote.contract.maintenance(notional(quote.mark(), held.size.abs()));
            let margin = initial_margin(held.cost, self.leverage(market).at(side_of(held, side)));
            wallet.unrealised += unrealised;
            wallet.position_margin += margin;
            wallet.maintenance_margin += maintenance;
            wallet.cross -= held.isolated;
            if self.account.margins.settings.margin_mode(market) == MarginMode::Cross {
                wallet.cross_unrealised += unrealised;
                wallet.cross_maintenance += maintenance;
                cross_margin += margin;
            }
        }
        let free = wallet.cross + wallet.cross_unrealised - cross_margin - wallet.order_margin;
        wallet.available = free.max(Decimal::ZERO);
        wallet
    }

    /// Open positions with this collateral.
    fn held(&self, asset: &str) -> impl Iterator<Item = (&'a Held, MarketId, PositionSide, &Quote)> {
        let open = self.account.margins.positions.iter().filter(|(_, held)| !held.size.is_zero());
        let quoted = open
            .filter_map(|((market, side), held)| self.quotes.get(market).map(|quote| (held, *market, *side, quote)));
        quoted.filter(move |(.., quote)| *quote.settle == *asset)
    }

    /// Margin that live orders bind, of those that could open.
    fn order_margin(&self, asset: &str) -> Decimal {
        let orders = self.account.open_orders(None);
        let settled = orders.filter(|order| self.quotes.get(&order.market).is_some_and(|q| *q.settle == *asset));
        settled.map(|order| self.margin_of(order)).sum()
    }

    /// Margin that a live order binds: what is left · price / leverage. None of an order that can only close, of one
    /// that waits for its price, and of a market order.
    pub(crate) fn margin_of(&self, order: &Order) -> Decimal {
        let Some(price) = order.hold.filter(|_| order.is_working && !order.only_closes()) else {
            return Decimal::ZERO;
        };
        let leverage = self.leverage(order.market).at(opened_by(order));
        initial_margin(notional(price, order.remaining()), leverage)
    }

    /// A position with its figures; a flat one if it was never opened. `None` if there is no such contract.
    pub(crate) fn position(&self, market: MarketId, side: PositionSide) -> Option<Position> {
        let quote = self.quotes.get(&market)?;
        let flat = Held::default();
        let held = self.account.margins.positions.get(&(market, side)).unwrap_or(&flat);
        let value = notional(quote.mark(), held.size.abs());
        let leverage = self.leverage(market).at(side_of(held, side));
        let orders = self.account.open_orders(Some(market)).filter(|order| order.position.side == side);
        Some(Position {
            symbol: std::sync::Arc::clone(&quote.symbol),
            market,
            side,
            size: held.size.normalize(),
            entry: held.entry(),
            cost: held.cost.normalize(),
            mark: quote.mark(),
            unrealised: held.unrealised(quote.mark()).normalize(),
            realised: held.realised.normalize(),
            realised_ever: held.realised_ever.normalize(),
            break_even: held.break_even(),
            leverage,
            margin_mode: self.account.margins.settings.margin_mode(market),
            isolated: held.isolated.normalize(),
            initial_margin: initial_margin(held.cost, leverage),
            order_margin: orders.map(|order| self.margin_of(order)).sum(),
            maintenance_margin: quote.contract.maintenance(value).normalize(),
            liquidation_price: self.liquidation_price(quote, held, market),
            tier: quote.contract.tier_of(value),
            auto_add_margin: held.auto_add_margin,
            opened: held.opened.filter(|_| !held.size.is_zero()),
            updated: held.updated,
            changes: held.changes,
            asset: std::sync::Arc::clone(&quote.settle),
        })
    }

    /// The positions of a contract that the position mode has: the only one, or both sides.
    pub(crate) fn positions_in(&self, market: MarketId) -> Vec<Position> {
        let sides: &[PositionSide] = match self.account.margins.settings.position_mode(market) {
            PositionMode::OneWay => &[PositionSide::Both],
            PositionMode::Hedge => &[PositionSide::Long, PositionSide::Short],
        };
        sides.iter().filter_map(|side| self.position(market, *side)).collect()
    }

    /// All contracts' positions, flat ones too.
    pub(crate) fn positions(&self) -> Vec<Position> {
        self.quotes.keys().flat_map(|market| self.positions_in(*market)).collect()
    }

    /// What covers a position's losses, its own unrealised profit left out; and what else must be covered by it.
    fn cover(&self, quote: &Quote, held: &Held, market: MarketId) -> (Decimal, Decimal) {
        if self.account.margins.settings.margin_mode(market) == MarginMode::Isolated {
            return (held.isolated, Decimal::ZERO);
        }
        let wallet = self.wallet(&quote.settle);
        let own = quote.contract.maintenance(notional(quote.mark(), held.size.abs()));
        (wallet.cross + wallet.cross_unrealised - held.unrealised(quote.mark()), wallet.cross_maintenance - own)
    }

    /// Mark price at which margin and maintenance margin are equal, all other prices as they are; rounded half to
    /// even at 8 decimals.
    fn liquidation_price(&self, quote: &Quote, held: &Held, market: MarketId) -> Option<Decimal> {
        let size = held.size.abs();
        if size.is_zero() {
            return None;
        }
        let tier = quote.contract.tier_of(notional(quote.mark(), size));
        let rate = quote.contract.tiers.get(tier)?.maintenance_rate;
        let (cover, others) = self.cover(quote, held, market);
        let surplus = cover + quote.contract.deduction_of(tier) - others;
        let price = if held.size > Decimal::ZERO {
            (held.cost - surplus).checked_div(size.checked_mul(Decimal::ONE - rate)?)
        } else {
            (held.cost + surplus).checked_div(size.checked_mul(Decimal::ONE + rate)?)
        };
        price.filter(|price| *price > Decimal::ZERO).map(|price| price.round_dp(MARGIN_DECIMALS).normalize())
    }

    /// Price at which what covers a position is used up, to the tick, so that nothing is owed at it; a tick at least.
    pub(crate) fn bankruptcy_price(&self, market: MarketId, side: PositionSide) -> Option<Decimal> {
        let quote = self.quotes.get(&market)?;
        let held = self.account.margins.positions.get(&(market, side)).filter(|held| !held.size.is_zero())?;
        let (cover, _) = self.cover(quote, held, market);
        let long = held.size > Decimal::ZERO;
        let owed = if long { held.cost - cover } else { held.cost + cover };
        let price = owed.checked_div(held.size.abs())?;
        let down = crate::numbers::floor_to(price, quote.tick);
        let price = if long && down < price { down + quote.tick } else { down };
        Some(price.max(quote.tick))
    }
}

/// Which leverage holds for a position: in one-way mode that of its direction.
pub(super) fn side_of(held: &Held, side: PositionSide) -> PositionSide {
    match side {
        PositionSide::Both if held.size < Decimal::ZERO => PositionSide::Short,
        PositionSide::Both => PositionSide::Long,
        other => other,
    }
}

/// Which leverage holds for what an order opens.
pub(super) fn opened_by(order: &Order) -> PositionSide {
    match (order.position.side, order.side) {
        (PositionSide::Both, Side::Sell) => PositionSide::Short,
        (PositionSide::Both, Side::Buy) => PositionSide::Long,
        (side, _) => side,
    }
}
