//! The kinds of faults.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::external::ExternalOrder;
use crate::accounts::{MarginMode, PositionMode, SelfTradeMode};
use crate::listing::TradingStatus;

/// What is new in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Novelty {
    /// A field never seen.
    Field,
    /// A value of an enumeration never seen; only messages that have enumerations.
    Enum,
    /// An event never seen, in addition to the message.
    Event,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FaultKind {
    /// New connections are refused. With `times` they are accepted and reset; else nobody listens.
    RefuseConnect,
    /// The request is read and forgotten: no answer, no effect.
    LoseRequest,
    /// The request takes effect; there is no answer.
    LoseReply,
    /// The answer, as of now, is sent `ms` milliseconds later.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
    /// The connection is closed after the first byte of the answer.
    Cut,
    /// HTTP `status` with a body that is not the exchange's. The request has no effect.
    Status {
        /// HTTP status.
        status: u16,
    },
    /// 429 (or `status`) with `Retry-After: seconds`. The request has no effect.
    RetryAfter {
        /// Seconds in the header.
        seconds: u64,
        /// HTTP status.
        #[serde(default = "too_many_requests")]
        status: u16,
    },
    /// An error of the exchange with this code. The request has no effect.
    Code {
        /// The exchange's code.
        code: i64,
        /// Its text; a made-up one if absent.
        #[serde(default)]
        message: Option<String>,
        /// HTTP status.
        #[serde(default = "bad_request")]
        status: u16,
    },
    /// The answer ends in the middle of its body.
    Truncate,
    /// The answer is a web page.
    NotJson,
    /// Another client of this address, or of the account, spends the same limits.
    OtherLoad {
        /// Request weight of each minute.
        #[serde(default)]
        weight: u64,
        /// New orders of each window in which orders are counted.
        #[serde(default)]
        orders: u64,
    },
    /// Queries and lists do not see an order for `ms` milliseconds after its acceptance.
    LagQuery {
        /// Milliseconds.
        ms: u64,
    },
    /// A key is refused from now on: the one named, or all of the account.
    RevokeKey {
        /// Text of the key.
        #[serde(default)]
        key: Option<String>,
    },
    /// Private streams end; the sockets stay.
    EndSubscription,
    /// The listen keys of the account end; their sockets are told and stay.
    ExpireKey,
    /// The listen keys of the account end; nobody is told.
    ExpireKeySilently,
    /// New sockets on an address without a route carry nothing but public streams.
    SilentRoot,
    /// The report of an order's end says a cumulative quantity that is too low by `quantity`.
    Understate {
        /// Base units; the last fill's quantity if absent.
        #[serde(default)]
        quantity: Option<Decimal>,
    },
    /// The report of a fill has no fee fields; the fee is taken.
    NoFee,
    /// Fees are taken in this asset, where there is enough of it and a market links the two.
    FeeAsset {
        /// The asset.
        asset: String,
    },
    /// Fills bring a rebate instead of costing a fee.
    Rebate {
        /// Fraction of what is received.
        #[serde(default = "one_basis_point")]
        rate: Decimal,
    },
    /// The socket is cut without a close frame.
    Drop,
    /// The socket stays open; nothing is read or written any more.
    Freeze,
    /// Frames are left out; pings go on.
    Mute,
    /// A book update is left out.
    SkipUpdate,
    /// A book update comes twice.
    RepeatUpdate,
    /// The service of a book's stream starts anew: its count begins at 1, with a whole book.
    RestartIds,
    /// A frame comes after the next one of its stream.
    Reorder,
    /// A frame comes twice.
    Duplicate,
    /// A frame comes `ms` milliseconds late.
    Hold {
        /// Milliseconds.
        ms: u64,
    },
    /// A book update has a bid above the best ask.
    CrossBook,
    /// A book update has a false quantity, with the right ids.
    WrongLevel,
    /// A frame is malformed.
    Garble,
    /// Something never seen in a frame or an answer.
    Novel {
        /// What is new.
        what: Novelty,
    },
    /// The exchange announces that it will close the sockets.
    ShutdownNotice,
    /// The socket is closed as after 24 hours.
    DayCut,
    /// Background traders start anew with this seed.
    Flow {
        /// The seed.
        seed: u64,
    },
    /// A pair with letters outside ASCII is listed.
    WideSymbol,
    /// The instrument's price step becomes `tick`.
    TickChange {
        /// The new step.
        tick: Decimal,
    },
    /// Trading of the pair stops.
    Halt {
        /// The status shown meanwhile.
        #[serde(default = "halted")]
        status: TradingStatus,
    },
    /// The pair is delisted: unknown to every request, its streams silent.
    Delist,
    /// The exchange is closed: 503 to every request, sockets cut, no new ones.
    Maintenance,
    /// The reported time differs by `ms` milliseconds from the true one.
    Skew {
        /// Milliseconds; negative is behind.
        ms: i64,
    },
    /// The exchange's time jumps.
    Advance {
        /// Milliseconds.
        ms: u64,
    },
    /// Fills a part of each matching resting order at its price, by a counterparty that the book does not show.
    PartialFill {
        /// Base units; half of what is left if absent.
        #[serde(default)]
        quantity: Option<Decimal>,
    },
    /// Makes `count` fills, one after the other over the matching resting orders, until they are filled.
    FillWhileDown {
        /// How many fills; one that fills each order wholly if absent.
        #[serde(default)]
        count: Option<u64>,
        /// Base units of each; one step if absent and `count` is given.
        #[serde(default)]
        quantity: Option<Decimal>,
    },
    /// Another client of the account places an order.
    ExternalOrder(ExternalOrder),
    /// Another client reduces each matching order.
    ExternalAmend {
        /// New quantity in base units; half of what is left stays if absent.
        #[serde(default)]
        quantity: Option<Decimal>,
    },
    /// Another client cancels each matching order.
    ExternalCancel,
    /// The exchange ends all matching live orders.
    ExchangeCancelAll,
    /// Another client's order meets each matching resting order of the account.
    SelfCross {
        /// What happens instead of a trade; the instrument's default if absent.
        #[serde(default)]
        mode: Option<SelfTradeMode>,
        /// Base units; what is left of the order if absent.
        #[serde(default)]
        quantity: Option<Decimal>,
    },
    /// Funds come in, or go out where negative.
    Transfer {
        /// The asset.
        asset: String,
        /// How much.
        amount: Decimal,
    },
    /// Funds are locked from outside, or freed where negative.
    ExternalLock {
        /// The asset.
        asset: String,
        /// How much.
        amount: Decimal,
    },
    /// The matching orders that have ended are archived: queries do not find them.
    ForgetOrder,
    /// Another client of the account changes its settings, of the pair or of all.
    ExternalSettings {
        /// Leverage.
        #[serde(default)]
        leverage: Option<Decimal>,
        /// Position mode.
        #[serde(default)]
        position_mode: Option<PositionMode>,
        /// Margin mode.
        #[serde(default)]
        margin_mode: Option<MarginMode>,
    },
    /// The exchange liquidates the account's positions, whatever their margin.
    Liquidate,
    /// The account's positions are closed against somebody else's bankrupt ones.
    Adl {
        /// Base units; all if absent.
        #[serde(default)]
        quantity: Option<Decimal>,
        /// At which price; the mark price if absent.
        #[serde(default)]
        price: Option<Decimal>,
    },
    /// The contract ends: orders end, positions of all accounts are closed, no orders are taken.
    Settle {
        /// At which price; the mark price if absent.
        #[serde(default)]
        price: Option<Decimal>,
    },
    /// A funding takes place now, of the pair or of all.
    Funding {
        /// Its rate; the present one if absent.
        #[serde(default)]
        rate: Option<Decimal>,
    },
}

fn one_basis_point() -> Decimal {
    Decimal::new(1, 4)
}

fn too_many_requests() -> u16 {
    429
}

fn bad_request() -> u16 {
    400
}

fn halted() -> TradingStatus {
    TradingStatus::Halt
}
