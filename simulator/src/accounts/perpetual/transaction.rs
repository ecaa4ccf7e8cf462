//! What has moved an account's wallet, and what it holds of contracts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::Serialize;

use super::algo::Algos;
use super::position::Held;
use super::settings::{PositionSide, Settings};
use crate::clock::Timestamp;
use crate::engine::{OrderId, Side};
use crate::market::MarketId;

/// Why a wallet moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum TransactionKind {
    /// A funding was paid or received.
    FundingFee,
    /// The fee of a trade.
    Commission,
    /// Profit or loss of a closed position.
    RealizedPnl,
    /// Funds came in or went out.
    Transfer,
    /// The insurance fund made good what was missing, or took the fee of a liquidation.
    InsuranceClear,
}

/// One movement of a wallet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Transaction {
    /// Number, unique on the exchange.
    pub id: u64,
    /// Why.
    pub kind: TransactionKind,
    /// The contract, if it was about one.
    pub symbol: Option<Arc<str>>,
    /// The asset.
    pub asset: Arc<str>,
    /// How much; negative is paid.
    pub amount: Decimal,
    /// What the wallet had afterwards.
    pub balance: Decimal,
    /// The trade, if it was one.
    pub trade_id: Option<u64>,
    /// The order that traded.
    pub order: Option<OrderId>,
    /// When.
    pub time: Timestamp,
}

/// A movement of a wallet that is about to be written down.
#[derive(Clone, Debug)]
pub(in crate::accounts) struct Movement {
    kind: TransactionKind,
    symbol: Option<Arc<str>>,
    pub(in crate::accounts) asset: Arc<str>,
    pub(super) amount: Decimal,
    trade: Option<(u64, OrderId)>,
}

impl Movement {
    pub(in crate::accounts) fn new(kind: TransactionKind, asset: Arc<str>, amount: Decimal) -> Movement {
        Movement { kind, symbol: None, asset, amount, trade: None }
    }

    /// About a contract.
    pub(super) fn of(mut self, symbol: &Arc<str>) -> Movement {
        self.symbol = Some(Arc::clone(symbol));
        self
    }

    /// By a trade of an order.
    pub(super) fn by(mut self, trade: u64, order: OrderId) -> Movement {
        self.trade = Some((trade, order));
        self
    }

    /// As it is written down.
    pub(in crate::accounts) fn row(self, id: u64, balance: Decimal, time: Timestamp) -> Transaction {
        let Movement { kind, symbol, asset, amount, trade } = self;
        let (trade_id, order) = trade.unzip();
        Transaction { id, kind, symbol, asset, amount, balance, trade_id, order, time }
    }
}

/// One funding of one position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FundingPayment {
    /// Number of its [`Transaction`].
    pub id: u64,
    /// The contract.
    pub symbol: Arc<str>,
    #[serde(skip)]
    pub(crate) market: MarketId,
    /// Which position.
    pub position_side: PositionSide,
    /// Its signed size in base units.
    pub size: Decimal,
    /// Mark price.
    pub mark: Decimal,
    /// Funding rate.
    pub rate: Decimal,
    /// How much; negative is paid. Rounded half to even at 8 decimals.
    pub amount: Decimal,
    /// The asset.
    pub asset: Arc<str>,
    /// What the wallet had afterwards.
    pub balance: Decimal,
    /// The funding time.
    pub time: Timestamp,
}

/// A part of a position that one trade has closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ClosedPosition {
    /// The contract.
    pub symbol: Arc<str>,
    #[serde(skip)]
    pub(crate) market: MarketId,
    /// The order that closed it.
    pub order: OrderId,
    /// Side of that order.
    pub side: Side,
    /// Which position.
    pub position_side: PositionSide,
    /// How much was closed, in base units.
    pub quantity: Decimal,
    /// Entry value of that part.
    pub entry_value: Decimal,
    /// Its value at the price of the trade.
    pub exit_value: Decimal,
    /// Profit, before fees.
    pub realised: Decimal,
    /// Fee of the trade.
    pub fee: Decimal,
    /// Leverage of the position.
    pub leverage: Decimal,
    /// When.
    pub time: Timestamp,
}

/// What an account has that only contracts have.
#[derive(Debug, Default)]
pub(crate) struct Margins {
    pub(crate) settings: Settings,
    /// Positions that are or were open.
    pub(crate) positions: BTreeMap<(MarketId, PositionSide), Held>,
    pub(crate) transactions: Vec<Transaction>,
    pub(crate) payments: Vec<FundingPayment>,
    pub(crate) closed: Vec<ClosedPosition>,
    /// Conditional orders with a number of their own.
    pub(crate) algos: Algos,
    /// Positions about whose margin the account was warned.
    pub(crate) called: BTreeSet<(MarketId, PositionSide)>,
}

impl Margins {
    /// The size of a position, signed.
    pub(crate) fn size(&self, market: MarketId, side: PositionSide) -> Decimal {
        self.positions.get(&(market, side)).map_or(Decimal::ZERO, |held| held.size)
    }

    /// Whether any position of a contract is open.
    pub(crate) fn is_open(&self, market: MarketId) -> bool {
        let range = (market, PositionSide::Both)..=(market, PositionSide::Short);
        self.positions.range(range).any(|(_, held)| !held.size.is_zero())
    }
}
