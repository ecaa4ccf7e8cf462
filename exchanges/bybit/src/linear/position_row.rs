use serde::Deserialize;
use tradewire_core::{Decimal, LeverageReport, PositionMode, PositionReport, Price, Side};
use tradewire_wire::{Fault, Number, Text, signed, unsigned};

use crate::category::Category;
use crate::market::side;
use crate::private::{filled, instant, position_side, positive};

/// A position as messages and answers show it.
///
/// <https://bybit-exchange.github.io/docs/v5/position>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PositionRow<'a> {
    #[serde(borrow)]
    category: Option<Text<'a>>,
    #[serde(borrow)]
    symbol: Text<'a>,
    position_idx: u8,
    /// Empty where there is no position.
    #[serde(borrow)]
    side: Text<'a>,
    #[serde(borrow)]
    size: Number<'a>,
    /// Answers call it `avgPrice`, messages `entryPrice`.
    #[serde(borrow, alias = "entryPrice")]
    avg_price: Option<Number<'a>>,
    #[serde(borrow)]
    mark_price: Option<Number<'a>>,
    #[serde(borrow)]
    unrealised_pnl: Option<Number<'a>>,
    #[serde(borrow)]
    liq_price: Option<Number<'a>>,
    #[serde(borrow)]
    leverage: Option<Number<'a>>,
    #[serde(borrow)]
    updated_time: Option<Number<'a>>,
    #[serde(borrow)]
    created_time: Option<Number<'a>>,
}

impl PositionRow<'_> {
    /// Whether it is of another category, where the row says so.
    pub(crate) fn is_elsewhere(&self) -> bool {
        self.category.as_deref().is_some_and(|word| Category::named(word) != Some(Category::Linear))
    }

    /// The position. A flat one closes only that of its index.
    pub(crate) fn report(&self) -> Result<PositionReport, Fault> {
        let size = unsigned(&self.size)?;
        let size = match side(&self.side) {
            Some(Side::Sell) => -size,
            Some(Side::Buy) => size,
            None if size.is_zero() => Decimal::ZERO,
            None => return Err(Fault::decode("a position without a side")),
        };
        let price = |number: &Option<Number<'_>>| Ok::<_, Fault>(positive(number.as_ref())?.map(Price::new));
        let time = instant(self.updated_time.as_ref())?.or(instant(self.created_time.as_ref())?);
        Ok(PositionReport {
            symbol: self.symbol.to_string(),
            side: position_side(self.position_idx),
            size,
            entry_price: price(&self.avg_price)?,
            mark_price: price(&self.mark_price)?,
            unrealised_profit: filled(self.unrealised_pnl.as_ref()).map(signed).transpose()?,
            liquidation_price: price(&self.liq_price)?,
            isolated_margin: None,
            leverage: self.leverage()?,
            margin_mode: None,
            time: time.unwrap_or_default(),
        })
    }

    /// The leverage of its index.
    pub(crate) fn leverage_report(&self) -> Result<LeverageReport, Fault> {
        let leverage = self.leverage()?.ok_or_else(|| Fault::decode("a position without leverage"))?;
        let side = position_side(self.position_idx);
        Ok(LeverageReport { symbol: self.symbol.to_string(), side, leverage, margin_mode: None })
    }

    /// The mode in which there is a position of its index.
    pub(crate) fn mode(&self) -> PositionMode {
        if self.position_idx == 0 { PositionMode::OneWay } else { PositionMode::Hedge }
    }

    fn leverage(&self) -> Result<Option<Decimal>, Fault> {
        Ok(positive(self.leverage.as_ref())?.map(|leverage| leverage.normalize()))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::{Value, json};
    use tradewire_core::PositionSide;
    use tradewire_wire::object;

    /// A short position.
    pub(crate) fn position(index: u8, side: &str, size: &str, leverage: &str) -> Value {
        json!({"symbol": "BTCUSDT", "positionIdx": index, "side": side, "size": size, "avgPrice": "61000.5",
            "markPrice": "61001", "unrealisedPnl": "-0.5", "liqPrice": "", "leverage": leverage,
            "createdTime": "1700000000000", "updatedTime": "1700000000001", "seq": -1})
    }

    fn report(row: &Value) -> PositionReport {
        let text = row.to_string();
        object::<PositionRow<'_>>(&text).and_then(|row| row.report()).unwrap_or_else(|fault| panic!("{fault:?}"))
    }

    #[test]
    fn a_short_position_is_negative() {
        let read = report(&position(0, "Sell", "0.5", "10"));
        assert_eq!((read.size, read.side), (Decimal::new(-5, 1), None));
        assert_eq!(read.entry_price.map(|price| price.to_string()).as_deref(), Some("61000.5"));
        assert_eq!((read.liquidation_price, read.leverage), (None, Some(Decimal::TEN)));
        let mut pushed = position(2, "Sell", "1", "10");
        pushed["entryPrice"] = pushed["avgPrice"].take();
        pushed.as_object_mut().expect("an object").remove("avgPrice");
        let read = report(&pushed);
        assert_eq!((read.side, read.entry_price.is_some()), (Some(PositionSide::Short), true));
    }

    #[test]
    fn a_flat_row_closes_only_its_index() {
        let mut flat = position(1, "", "0", "10");
        flat["avgPrice"] = json!("0");
        let read = report(&flat);
        assert_eq!((read.size, read.side, read.entry_price), (Decimal::ZERO, Some(PositionSide::Long), None));
        let text = position(1, "", "2", "10").to_string();
        assert!(object::<PositionRow<'_>>(&text).and_then(|row| row.report()).is_err());
    }
}
