//! Why a call of an account is refused.

use super::order::OrderKind;
use crate::engine::PlaceError;

/// The rule of an instrument or of the exchange that a call breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names are those of the exchange's documents")]
pub enum Filter {
    PriceFilter,
    PercentPriceBySide,
    LotSize,
    MarketLotSize,
    Notional,
    IcebergParts,
    MaxNumOrders,
    MaxNumAlgoOrders,
    MaxNumIcebergOrders,
    MaxNumOrderLists,
    MaxNumOrderAmends,
    MaxPosition,
    TrailingDelta,
    ExchangeMaxNumOrders,
    ExchangeMaxNumAlgoOrders,
    ExchangeMaxNumIcebergOrders,
    ExchangeMaxNumOrderLists,
    MinPrice,
    MaxPrice,
    TickSize,
    MinQuantity,
    MaxQuantity,
    StepSize,
    PercentPriceUp,
    PercentPriceDown,
}

impl Filter {
    /// The word as exchanges write it, such as `LOT_SIZE`.
    pub fn as_str(self) -> &'static str {
        match self {
            Filter::PriceFilter => "PRICE_FILTER",
            Filter::PercentPriceBySide => "PERCENT_PRICE_BY_SIDE",
            Filter::LotSize => "LOT_SIZE",
            Filter::MarketLotSize => "MARKET_LOT_SIZE",
            Filter::Notional => "NOTIONAL",
            Filter::IcebergParts => "ICEBERG_PARTS",
            Filter::MaxNumOrders => "MAX_NUM_ORDERS",
            Filter::MaxNumAlgoOrders => "MAX_NUM_ALGO_ORDERS",
            Filter::MaxNumIcebergOrders => "MAX_NUM_ICEBERG_ORDERS",
            Filter::MaxNumOrderLists => "MAX_NUM_ORDER_LISTS",
            Filter::MaxNumOrderAmends => "MAX_NUM_ORDER_AMENDS",
            Filter::MaxPosition => "MAX_POSITION",
            Filter::TrailingDelta => "TRAILING_DELTA",
            Filter::ExchangeMaxNumOrders => "EXCHANGE_MAX_NUM_ORDERS",
            Filter::ExchangeMaxNumAlgoOrders => "EXCHANGE_MAX_NUM_ALGO_ORDERS",
            Filter::ExchangeMaxNumIcebergOrders => "EXCHANGE_MAX_NUM_ICEBERG_ORDERS",
            Filter::ExchangeMaxNumOrderLists => "EXCHANGE_MAX_NUM_ORDER_LISTS",
            Filter::MinPrice | Filter::MaxPrice | Filter::TickSize => "PRICE_FILTER",
            Filter::MinQuantity | Filter::MaxQuantity | Filter::StepSize => "LOT_SIZE",
            Filter::PercentPriceUp | Filter::PercentPriceDown => "PERCENT_PRICE",
        }
    }

    /// Whether the engine finds it, because it depends on the state of the account.
    pub fn found_by_engine(self) -> bool {
        use Filter::*;
        !matches!(
            self,
            PriceFilter
                | PercentPriceBySide
                | LotSize
                | MarketLotSize
                | Notional
                | IcebergParts
                | TrailingDelta
                | MinPrice
                | MaxPrice
                | TickSize
                | MinQuantity
                | MaxQuantity
                | StepSize
                | PercentPriceUp
                | PercentPriceDown
        )
    }
}

/// Why a call of an account is refused. Nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OrderError {
    /// No account of that name or number.
    #[error("no such account")]
    NoAccount,
    /// The symbol or pair is not listed.
    #[error("not listed")]
    NotListed,
    /// The instrument takes no orders now.
    #[error("market is closed")]
    MarketClosed,
    /// The account may not trade.
    #[error("this account may not place or cancel orders")]
    Restricted,
    /// A field that this kind of order needs is missing.
    #[error("{kind:?} needs `{field}`", kind = .0, field = .1)]
    Missing(OrderKind, &'static str),
    /// A field that this kind of order must not have.
    #[error("{kind:?} takes no `{field}`", kind = .0, field = .1)]
    Unexpected(OrderKind, &'static str),
    /// A price or quantity that is not positive.
    #[error("`{0}` must be positive")]
    NotPositive(&'static str),
    /// Text of a client id that is too long or has other letters than permitted.
    #[error("illegal client id")]
    ClientId,
    /// A live order has this client id.
    #[error("duplicate client id")]
    DuplicateClientId,
    /// A live list has this client id.
    #[error("duplicate client id of a list")]
    DuplicateListClientId,
    /// A rule of the instrument or of the exchange.
    #[error("filter {}", .0.as_str())]
    Filter(Filter),
    /// The visible part is larger than the order.
    #[error("iceberg quantity exceeds quantity")]
    IcebergExceedsQuantity,
    /// An iceberg order that is not good till cancelled.
    #[error("an iceberg order must be GTC")]
    IcebergNeedsGtc,
    /// The account lacks funds.
    #[error("insufficient balance")]
    InsufficientBalance,
    /// A post-only order that would have traded.
    #[error("order would immediately match and take")]
    WouldTake,
    /// The stop price is already reached.
    #[error("order would trigger immediately")]
    WouldTrigger,
    /// There is no price in the book to peg to, or to estimate a market order with.
    #[error("the book has too little liquidity")]
    NoLiquidity,
    /// No such order is live.
    #[error("unknown order")]
    UnknownOrder,
    /// No such order was ever placed.
    #[error("order does not exist")]
    NoSuchOrder,
    /// Number and client id name different orders.
    #[error("number and client id do not belong together")]
    IdMismatch,
    /// The order is archived.
    #[error("order was archived")]
    Archived,
    /// The order does not stand where the cancel wants it.
    #[error("not cancelled because of the cancel's restrictions")]
    CancelRestricted,
    /// An amendment must make the quantity smaller.
    #[error("quantity may only be reduced")]
    AmendNotSmaller,
    /// An amendment below what has already traded.
    #[error("quantity is below what has traded")]
    AmendBelowExecuted,
    /// This order cannot be amended.
    #[error("order cannot be amended")]
    AmendUnsupported,
    /// Legs of these kinds do not make a list.
    #[error("unsupported combination of legs")]
    ListLegs,
    /// The prices of the legs do not stand in the right order to each other and to the market.
    #[error("the relationship of the prices is not correct")]
    ListPrices,
    /// In an OPO the working order must buy.
    #[error("the working order must buy")]
    WorkingMustBuy,
    /// In an OPO the pending orders must sell.
    #[error("the pending orders must sell")]
    PendingMustSell,
    /// In an OPO the pending orders have no quantity of their own.
    #[error("pending orders take no quantity here")]
    PendingQuantity,
    /// No such list.
    #[error("unknown order list")]
    UnknownList,
    /// A conditional order that does not work yet cannot be filled.
    #[error("the order is not in the book")]
    NotWorking,
    /// The account lacks margin.
    #[error("insufficient margin")]
    InsufficientMargin,
    /// The order can only close a position, and there is none that it could close.
    #[error("reduce-only order has no position to reduce")]
    ReduceOnly,
    /// The position side does not fit the position mode.
    #[error("position side does not match the position mode")]
    PositionSide,
    /// A fill-or-kill order that cannot trade wholly.
    #[error("fill-or-kill order cannot be filled")]
    FokUnfilled,
    /// An amendment that changes nothing.
    #[error("no need to modify the order")]
    AmendUnchanged,
}

impl From<PlaceError> for OrderError {
    fn from(error: PlaceError) -> OrderError {
        match error {
            PlaceError::Price => OrderError::NotPositive("price"),
            PlaceError::Quantity => OrderError::NotPositive("quantity"),
            PlaceError::WouldTake => OrderError::WouldTake,
        }
    }
}
