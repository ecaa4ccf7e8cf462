//! Compares what a connector says of its account with the exchange's own books.

use std::collections::{BTreeMap, BTreeSet};

use tradewire_core::{
    Amount, Asset, Decimal, ExchangeOrderId, MarginMode, Order, OrderState, PositionMode, PositionSide,
};
use tradewire_journal::SqliteJournal;
use tradewire_simulator::{
    self as simulator, AccountLedger, AlgoStatus, ContractLedger, ExpiryReason, Order as Theirs, OrderStatus, Position,
    Simulator,
};
use tradewire_tracking::{Connector, Journal};

use crate::row::{Failed, equal, expect};

/// What the exchange says of an account, and what the connector says of the same.
pub(crate) struct Comparison<'a> {
    pub(crate) simulator: &'a Simulator,
    pub(crate) account: &'a str,
    pub(crate) connector: &'a Connector,
    pub(crate) journal: &'a SqliteJournal,
}

impl Comparison<'_> {
    /// Checks that balances, live orders, and all orders and fills that the journal knows equal the exchange's.
    pub(crate) fn check(&self) -> Result<(), Failed> {
        let missing = || Failed::new(format_args!("an account {}", self.account), "none");
        let ledger = self.simulator.account_ledger(self.account).ok_or_else(missing)?;
        self.live_orders(&ledger)?;
        self.orders_and_fills(&ledger)?;
        match &ledger.contracts {
            None => self.balances(&ledger),
            Some(contracts) => {
                self.wallets(contracts)?;
                self.positions(contracts)?;
                self.settings(contracts)
            }
        }
    }

    /// What of a wallet is available follows the mark price at every moment; the total does not. Between two reads it is
    /// computed: the exchange rounds the profit of each closing fill to eight decimals, we do not.
    fn wallets(&self, contracts: &ContractLedger) -> Result<(), Failed> {
        let close = Decimal::new(1, 6);
        let ours: BTreeMap<_, _> =
            self.connector.balances().into_iter().map(|(asset, held)| (asset, held.total)).collect();
        for (asset, wallet) in &contracts.wallets {
            let known = ours.get(&Asset::from(asset.as_str())).copied().unwrap_or_default();
            let near = (known - wallet.balance).abs() <= close;
            expect(near, format_args!("a wallet of {} {asset}", wallet.balance), known)?;
        }
        let besides =
            ours.iter().find(|(asset, total)| !total.is_zero() && !contracts.wallets.contains_key(asset.as_str()));
        equal("another wallet", None, besides)
    }

    fn positions(&self, contracts: &ContractLedger) -> Result<(), Failed> {
        let theirs = contracts.positions.iter();
        let theirs = theirs.map(|held| ((held.symbol.to_string(), side_of(held.side)), held.size.normalize()));
        let ours = self.connector.positions().into_iter();
        let ours = ours.map(|held| ((held.symbol.to_string(), held.side), held.size.normalize()));
        let theirs: BTreeMap<_, _> = theirs.collect();
        equal("positions", &theirs, &ours.collect())?;
        for ours in self.connector.positions() {
            let is_it = |theirs: &&Position| theirs.symbol == ours.symbol && side_of(theirs.side) == ours.side;
            let entry = contracts.positions.iter().find(is_it).map(|theirs| theirs.entry);
            let (Some(theirs), Some(ours)) = (entry, ours.entry_price) else { continue };
            // The exchange rounds the cost of what is left at eight decimals with every part that is closed.
            let near = (theirs - ours.value()).abs() <= Decimal::new(1, 5);
            expect(near, format_args!("an entry price of {theirs}"), ours)?;
        }
        Ok(())
    }

    /// Leverage and modes of the pairs that are followed.
    fn settings(&self, contracts: &ContractLedger) -> Result<(), Failed> {
        for book in self.connector.market().books() {
            let pair = book.pair();
            let symbol = self.connector.market().instruments().get(&pair).map(|known| known.symbol.to_string());
            let Some(theirs) = symbol.and_then(|symbol| contracts.settings.get(&symbol)) else { continue };
            let ours = self.connector.leverage(&pair, None).map(|leverage| leverage.normalize());
            // Where the two sides differ there is no leverage of both.
            if theirs.leverage.buy == theirs.leverage.sell && ours.is_some() {
                equal(format_args!("leverage of {pair}"), Some(theirs.leverage.buy.normalize()), ours)?;
            }
            let mode = mode_of(theirs.position_mode);
            equal(format_args!("position mode of {pair}"), Some(mode), self.connector.position_mode(&pair))?;
            let margin = match theirs.margin_mode {
                simulator::MarginMode::Cross => MarginMode::Cross,
                simulator::MarginMode::Isolated => MarginMode::Isolated,
            };
            equal(format_args!("margin mode of {pair}"), Some(margin), self.connector.margin_mode(&pair))?;
        }
        Ok(())
    }

    fn balances(&self, ledger: &AccountLedger) -> Result<(), Failed> {
        let zero = |(_, (total, available)): &(String, (Decimal, Decimal))| !(total.is_zero() && available.is_zero());
        let theirs = ledger.balances.iter().map(|(asset, balance)| (asset.clone(), (balance.total(), balance.free)));
        let ours = self.connector.balances().into_iter();
        let ours = ours.map(|(asset, balance)| (asset.as_str().to_owned(), (balance.total, balance.available)));
        equal(
            "balances (total, available)",
            theirs.filter(zero).collect::<BTreeMap<_, _>>(),
            ours.filter(zero).collect::<BTreeMap<_, _>>(),
        )
    }

    fn name(&self, order: &Theirs) -> String {
        format!("{} {}", order.symbol, self.simulator.order_text(order))
    }

    fn live_orders(&self, ledger: &AccountLedger) -> Result<(), Failed> {
        let theirs: BTreeSet<_> =
            ledger.orders.iter().filter(|order| order.is_live()).map(|order| self.name(order)).collect();
        let waiting = ledger.contracts.iter().flat_map(|contracts| &contracts.algos);
        let waiting = waiting.filter(|algo| matches!(algo.status, AlgoStatus::New | AlgoStatus::Triggering));
        let waiting = waiting.map(|algo| format!("{} algo-{}", algo.order.symbol, algo.id.0));
        let theirs: BTreeSet<_> = theirs.into_iter().chain(waiting).collect();
        let ours = self.connector.account_orders().into_iter();
        let ours: BTreeSet<_> = ours.map(|order| of(&order)).collect();
        equal("live orders", theirs, ours)
    }

    /// Every order of ours has the end, the quantities and the fills that the exchange says, and no fill is missing.
    fn orders_and_fills(&self, ledger: &AccountLedger) -> Result<(), Failed> {
        for theirs in &ledger.orders {
            let id = ExchangeOrderId::from(self.simulator.order_text(theirs));
            let Some(saved) = self.journal.find_by_exchange_id(&theirs.symbol, &id)? else { continue };
            let place = format!("order {} ({})", theirs.id.0, theirs.client_id);
            let ours = &saved.record.order;
            let state = |order: &Order| (order.state, order.filled.value(), order.quote_filled);
            let expected = (state_of(theirs), theirs.executed, theirs.executed_quote);
            equal("its state and fills", expected, state(ours)).map_err(|failed| failed.at(&place))?;
            if let Amount::Base(quantity) = ours.amount {
                equal("its quantity", theirs.quantity, quantity.value()).map_err(|failed| failed.at(&place))?;
            }
            let fills = ledger.fills.iter().filter(|fill| fill.order == theirs.id && fill.symbol == theirs.symbol);
            let fee = |amount: Decimal, asset: &str| (amount.normalize(), asset.to_owned());
            let theirs: BTreeMap<_, _> = fills
                .map(|fill| {
                    let charged = fee(fill.commission, &fill.commission_asset);
                    (self.simulator.trade_text(fill), (fill.price, fill.quantity, Some(charged)))
                })
                .collect();
            let ours: BTreeMap<_, _> = saved
                .fills
                .iter()
                .map(|fill| {
                    let charged = fill.fee.as_ref().map(|charged| fee(charged.amount, charged.asset.as_str()));
                    (fill.trade_id.as_str().to_owned(), (fill.price.value(), fill.quantity.value(), charged))
                })
                .collect();
            equal("its fills", theirs, ours).map_err(|failed| failed.at(&place))?;
        }
        Ok(())
    }
}

fn of(order: &Order) -> String {
    match &order.exchange_order_id {
        Some(id) => format!("{} {id}", order.symbol),
        None => format!("{} without an exchange id, {}", order.symbol, order.client_order_id),
    }
}

/// The side of a position in our words.
pub(crate) fn side_of(side: simulator::PositionSide) -> Option<PositionSide> {
    match side {
        simulator::PositionSide::Both => None,
        simulator::PositionSide::Long => Some(PositionSide::Long),
        simulator::PositionSide::Short => Some(PositionSide::Short),
    }
}

/// A position mode in our words.
pub(crate) fn mode_of(mode: simulator::PositionMode) -> PositionMode {
    match mode {
        simulator::PositionMode::OneWay => PositionMode::OneWay,
        simulator::PositionMode::Hedge => PositionMode::Hedge,
    }
}

/// The state in our words in which the exchange has an order.
pub(crate) fn state_of(order: &Theirs) -> OrderState {
    match order.status {
        OrderStatus::PartiallyFilled => OrderState::PartiallyFilled,
        OrderStatus::Filled => OrderState::Filled,
        OrderStatus::Canceled => OrderState::Cancelled,
        OrderStatus::Expired
            if matches!(
                order.expiry,
                ExpiryReason::ExchangeCanceled
                    | ExpiryReason::Liquidation
                    | ExpiryReason::Adl
                    | ExpiryReason::Settlement
            ) =>
        {
            OrderState::Cancelled
        }
        OrderStatus::Rejected => OrderState::Rejected,
        OrderStatus::Expired | OrderStatus::ExpiredInMatch => OrderState::Expired,
        _ => OrderState::Open,
    }
}

/// Checks that the numbers of events have no hole.
pub(crate) fn no_hole(numbers: impl Iterator<Item = u64>) -> Result<(), Failed> {
    for (expected, number) in (1..).zip(numbers) {
        expect(number == expected, format_args!("event {expected}"), format_args!("event {number}"))?;
    }
    Ok(())
}
