//! What faults wait for, and their words.

use super::FaultKind;

/// What a fault waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// A new connection.
    Connect,
    /// A request.
    Request,
    /// A frame about to be published.
    Frame,
    /// A socket: struck at once, or by a frame on it if scheduled.
    Socket,
    /// A request or a frame.
    Message,
    /// A fill of an account.
    Fill,
    /// A state that the wire asks for.
    State,
    /// Nothing: it strikes when it is injected. What is done to an account waits for a request if it names one.
    Now,
}

impl FaultKind {
    /// The word used in fault files, such as `skip-update`.
    pub fn name(&self) -> &'static str {
        match self {
            FaultKind::RefuseConnect => "refuse-connect",
            FaultKind::LoseRequest => "lose-request",
            FaultKind::LoseReply => "lose-reply",
            FaultKind::Delay { .. } => "delay",
            FaultKind::Cut => "cut",
            FaultKind::Status { .. } => "status",
            FaultKind::RetryAfter { .. } => "retry-after",
            FaultKind::Code { .. } => "code",
            FaultKind::Truncate => "truncate",
            FaultKind::NotJson => "not-json",
            FaultKind::OtherLoad { .. } => "other-load",
            FaultKind::LagQuery { .. } => "lag-query",
            FaultKind::RevokeKey { .. } => "revoke-key",
            FaultKind::EndSubscription => "end-subscription",
            FaultKind::ExpireKey => "expire-key",
            FaultKind::ExpireKeySilently => "expire-key-silently",
            FaultKind::SilentRoot => "silent-root",
            FaultKind::Understate { .. } => "understate",
            FaultKind::NoFee => "no-fee",
            FaultKind::FeeAsset { .. } => "fee-asset",
            FaultKind::Rebate { .. } => "rebate",
            FaultKind::PartialFill { .. } => "partial-fill",
            FaultKind::FillWhileDown { .. } => "fill-while-down",
            FaultKind::ExternalOrder(_) => "external-order",
            FaultKind::ExternalAmend { .. } => "external-amend",
            FaultKind::ExternalCancel => "external-cancel",
            FaultKind::ExchangeCancelAll => "exchange-cancel-all",
            FaultKind::SelfCross { .. } => "self-cross",
            FaultKind::Transfer { .. } => "transfer",
            FaultKind::ExternalLock { .. } => "external-lock",
            FaultKind::ForgetOrder => "forget-order",
            FaultKind::ExternalSettings { .. } => "external-settings",
            FaultKind::Liquidate => "liquidate",
            FaultKind::Adl { .. } => "adl",
            FaultKind::Settle { .. } => "settle",
            FaultKind::Funding { .. } => "funding",
            FaultKind::Drop => "drop",
            FaultKind::Freeze => "freeze",
            FaultKind::Mute => "mute",
            FaultKind::SkipUpdate => "skip-update",
            FaultKind::RepeatUpdate => "repeat-update",
            FaultKind::RestartIds => "restart-ids",
            FaultKind::Reorder => "reorder",
            FaultKind::Duplicate => "duplicate",
            FaultKind::Hold { .. } => "hold",
            FaultKind::CrossBook => "cross-book",
            FaultKind::WrongLevel => "wrong-level",
            FaultKind::Garble => "garble",
            FaultKind::Novel { .. } => "novel",
            FaultKind::ShutdownNotice => "shutdown-notice",
            FaultKind::DayCut => "day-cut",
            FaultKind::Flow { .. } => "flow",
            FaultKind::WideSymbol => "wide-symbol",
            FaultKind::TickChange { .. } => "tick-change",
            FaultKind::Halt { .. } => "halt",
            FaultKind::Delist => "delist",
            FaultKind::Maintenance => "maintenance",
            FaultKind::Skew { .. } => "skew",
            FaultKind::Advance { .. } => "advance",
        }
    }

    /// What it waits for.
    pub(crate) fn class(&self) -> Class {
        use FaultKind::*;
        match self {
            RefuseConnect => Class::Connect,
            LoseRequest
            | LoseReply
            | Delay { .. }
            | Cut
            | Status { .. }
            | RetryAfter { .. }
            | Code { .. }
            | Truncate
            | NotJson => Class::Request,
            Mute
            | SkipUpdate
            | RepeatUpdate
            | RestartIds
            | Reorder
            | Duplicate
            | Hold { .. }
            | CrossBook
            | WrongLevel
            | Garble
            | Understate { .. }
            | NoFee => Class::Frame,
            FeeAsset { .. } | Rebate { .. } => Class::Fill,
            LagQuery { .. } | SilentRoot => Class::State,
            Novel { .. } => Class::Message,
            Drop | Freeze | DayCut | ShutdownNotice => Class::Socket,
            _ => Class::Now,
        }
    }

    /// Whether it is something done to an account.
    pub(crate) fn acts_on_account(&self) -> bool {
        use FaultKind::*;
        matches!(
            self,
            PartialFill { .. }
                | FillWhileDown { .. }
                | ExternalOrder(_)
                | ExternalAmend { .. }
                | ExternalCancel
                | ExchangeCancelAll
                | SelfCross { .. }
                | Transfer { .. }
                | ExternalLock { .. }
                | ForgetOrder
                | ExternalSettings { .. }
                | Liquidate
                | Adl { .. }
                | Settle { .. }
                | Funding { .. }
        )
    }

    /// Whether only book updates are struck.
    pub(crate) fn of_books_only(&self) -> bool {
        use FaultKind::*;
        matches!(self, SkipUpdate | RepeatUpdate | RestartIds | CrossBook | WrongLevel)
    }

    /// Whether it describes a state, which lasts until it is cleared or its time is over.
    pub(crate) fn lasts(&self) -> bool {
        use FaultKind::*;
        matches!(
            self,
            RefuseConnect
                | Mute
                | OtherLoad { .. }
                | LagQuery { .. }
                | SilentRoot
                | Halt { .. }
                | Delist
                | Maintenance
                | Skew { .. }
        )
    }
}
