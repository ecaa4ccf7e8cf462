//! Why a change of settings or margin is refused.

/// Why a change of settings or margin is refused. Nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingError {
    /// No account of that name or number.
    #[error("no such account")]
    NoAccount,
    /// The symbol or pair is not listed, or is no contract.
    #[error("no such contract")]
    NotListed,
    /// It is so already.
    #[error("already so")]
    Unchanged,
    /// Orders are live.
    #[error("orders are live")]
    OrdersOpen,
    /// A position is open.
    #[error("a position is open")]
    PositionOpen,
    /// The leverage is below 1 or above the largest of the contract.
    #[error("leverage is out of range")]
    LeverageRange,
    /// Different leverages where both sides must have the same.
    #[error("both sides need the same leverage")]
    LeverageSides,
    /// The position or the orders are too large for this leverage.
    #[error("the position is too large for this leverage")]
    LeverageForPosition,
    /// The leverage of an isolated position cannot be made smaller.
    #[error("the leverage of an isolated position cannot be made smaller")]
    IsolatedPosition,
    /// The account has too little margin for it.
    #[error("insufficient margin")]
    InsufficientMargin,
    /// The position has no margin of its own.
    #[error("the position is not isolated")]
    NotIsolated,
    /// There is no such position.
    #[error("no position")]
    NoPosition,
    /// An amount that is not positive.
    #[error("amount must be positive")]
    Amount,
}
