//! What the exchanges do differently with the same order or setting, as plain data.

use rust_decimal::Decimal;

use crate::accounts::PositionMode;

/// The differences between exchanges that the accounts' side of the engine must know.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    /// What becomes of a post-only order that would trade.
    pub(crate) post_only: Late,
    /// What becomes of a fill-or-kill order in a contract that cannot trade wholly.
    pub(crate) fill_or_kill: Late,
    /// What becomes of resting reduce-only orders that are more than the position.
    pub(crate) reduce_only: Excess,
    /// Whether an order keeps its place in the queue when only its quantity is made smaller.
    pub(crate) amend_keeps_place: bool,
    /// Whether an amendment that names no client id gives the order a new one.
    pub(crate) amend_renames: bool,
    /// Whether an amendment that cannot be done ends the order: to no more than has traded, or post-only through
    /// the book. Else it is refused.
    pub(crate) amend_may_end: bool,
    /// Whether the leverage of an isolated position can be made smaller.
    pub(crate) lowers_isolated_leverage: bool,
    /// Whether the two sides of an isolated position in hedge mode can have leverages of their own.
    pub(crate) leverage_by_side: bool,
    /// Position mode of a new account.
    pub(crate) position_mode: PositionMode,
    /// Whether a conditional order in a contract has a number of its own and places an order when it is triggered.
    pub(crate) own_conditional: bool,
    /// Fee rates of a new account: maker and taker.
    pub(crate) rates: (Decimal, Decimal),
    /// Whether the fee of a buy is taken from the quote asset too, as long as there is enough of it.
    pub(crate) fees_in_quote: bool,
    /// Whether shared secrets are 64 bytes in base64; else they are 64 letters and digits.
    pub(crate) base64_secrets: bool,
    /// How the client ids of the exchange's own orders begin: liquidation, auto-deleveraging, settlement.
    pub(crate) own_orders: [&'static str; 3],
    /// What stands between the two assets in a symbol; none where listings bring their own symbols.
    pub(crate) between_assets: Option<char>,
}

/// When an order is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Late {
    /// In the answer to it.
    Refused,
    /// It is accepted, then ends: a post-only order before it was new.
    Rejected,
}

/// What becomes of an order that is more than it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Excess {
    /// It ends.
    Ends,
    /// It is cut to what fits.
    Cut,
}

impl Policy {
    /// Binance spot.
    pub(crate) const BINANCE_SPOT: Policy = Policy {
        rates: (Decimal::from_parts(1, 0, 0, false, 3), Decimal::from_parts(1, 0, 0, false, 3)),
        ..Policy::BINANCE_USDM
    };

    /// Binance USD-M.
    pub(crate) const BINANCE_USDM: Policy = Policy {
        post_only: Late::Refused,
        fill_or_kill: Late::Refused,
        reduce_only: Excess::Ends,
        amend_keeps_place: false,
        amend_renames: true,
        amend_may_end: true,
        lowers_isolated_leverage: false,
        leverage_by_side: false,
        position_mode: PositionMode::OneWay,
        own_conditional: true,
        rates: (Decimal::from_parts(2, 0, 0, false, 4), Decimal::from_parts(5, 0, 0, false, 4)),
        fees_in_quote: false,
        base64_secrets: false,
        own_orders: ["autoclose-", "adl_autoclose", "settlement_autoclose-"],
        between_assets: None,
    };

    /// Bybit's linear contracts.
    pub(crate) const BYBIT_LINEAR: Policy = Policy {
        post_only: Late::Rejected,
        fill_or_kill: Late::Rejected,
        reduce_only: Excess::Cut,
        amend_keeps_place: true,
        amend_renames: true,
        amend_may_end: false,
        lowers_isolated_leverage: true,
        leverage_by_side: true,
        position_mode: PositionMode::OneWay,
        own_conditional: false,
        rates: (Decimal::from_parts(2, 0, 0, false, 4), Decimal::from_parts(55, 0, 0, false, 5)),
        fees_in_quote: false,
        base64_secrets: false,
        own_orders: ["", "", ""],
        between_assets: None,
    };

    /// Bybit spot.
    pub(crate) const BYBIT_SPOT: Policy = Policy {
        post_only: Late::Refused,
        rates: (Decimal::from_parts(1, 0, 0, false, 3), Decimal::from_parts(1, 0, 0, false, 3)),
        ..Policy::BYBIT_LINEAR
    };

    /// Kraken spot.
    pub(crate) const KRAKEN_SPOT: Policy = Policy {
        rates: (Decimal::from_parts(25, 0, 0, false, 4), Decimal::from_parts(4, 0, 0, false, 3)),
        amend_keeps_place: true,
        amend_renames: false,
        amend_may_end: false,
        fees_in_quote: true,
        base64_secrets: true,
        between_assets: Some('/'),
        ..Policy::BINANCE_SPOT
    };

    /// The spot market of the fictional exchange.
    pub(crate) const EXAMPLE_SPOT: Policy = Policy {
        rates: (Decimal::from_parts(1, 0, 0, false, 3), Decimal::from_parts(2, 0, 0, false, 3)),
        between_assets: Some('/'),
        ..Policy::BINANCE_SPOT
    };

    /// The perpetual contracts of the fictional exchange.
    pub(crate) const EXAMPLE_PERP: Policy = Policy {
        fill_or_kill: Late::Rejected,
        own_conditional: false,
        own_orders: ["", "", ""],
        ..Policy::EXAMPLE_SPOT
    };
}
