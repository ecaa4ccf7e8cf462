use rust_decimal::Decimal;
use tradewire_core::{MarginMode, PositionReport, Price, Timestamp};

/// What only the exchange can tell of a position. Absent is what it has not told.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Details {
    pub(super) mark_price: Option<Price>,
    pub(super) unrealised_profit: Option<Decimal>,
    pub(super) liquidation_price: Option<Price>,
    pub(super) isolated_margin: Option<Decimal>,
    pub(super) leverage: Option<Decimal>,
    pub(super) margin_mode: Option<MarginMode>,
    /// As of when, by the exchange's clock.
    pub(super) time: Timestamp,
}

impl Details {
    /// All that a report says, and nothing of before.
    pub(super) fn of(report: &PositionReport) -> Self {
        Self {
            mark_price: report.mark_price,
            unrealised_profit: report.unrealised_profit,
            liquidation_price: report.liquidation_price,
            isolated_margin: report.isolated_margin,
            leverage: report.leverage,
            margin_mode: report.margin_mode,
            time: report.time,
        }
    }

    /// What a report says, and what was known of what it does not say.
    pub(super) fn changed_by(self, report: &PositionReport) -> Self {
        let told = Self::of(report);
        Self {
            mark_price: told.mark_price.or(self.mark_price),
            unrealised_profit: told.unrealised_profit,
            liquidation_price: told.liquidation_price.or(self.liquidation_price),
            isolated_margin: told.isolated_margin.or(self.isolated_margin),
            leverage: told.leverage.or(self.leverage),
            margin_mode: told.margin_mode.or(self.margin_mode),
            time: told.time,
        }
    }

    /// The size is another: what hangs on it is not known any longer.
    pub(super) fn resized(&mut self) {
        self.unrealised_profit = None;
        self.liquidation_price = None;
        self.isolated_margin = None;
    }
}
