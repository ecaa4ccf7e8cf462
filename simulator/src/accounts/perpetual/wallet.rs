//! What an account has of one collateral asset, and what of it is bound.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::Serialize;

/// What an account has of one collateral asset, and what of it is bound. All in units of the asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Wallet {
    /// The asset.
    pub asset: Arc<str>,
    /// What was brought in and earned, less what was paid; without unrealised profit.
    pub balance: Decimal,
    /// The part of it that isolated positions do not have.
    pub cross: Decimal,
    /// Unrealised profit of all positions.
    pub unrealised: Decimal,
    /// Unrealised profit of cross positions.
    pub cross_unrealised: Decimal,
    /// Initial margin of all positions.
    pub position_margin: Decimal,
    /// Margin that live orders bind.
    pub order_margin: Decimal,
    /// Maintenance margin of all positions.
    pub maintenance_margin: Decimal,
    /// Maintenance margin of cross positions.
    pub cross_maintenance: Decimal,
    /// What new orders can bind, and what can be taken out.
    pub available: Decimal,
}

impl Wallet {
    /// Wallet and unrealised profit.
    pub fn equity(&self) -> Decimal {
        self.balance + self.unrealised
    }
}
