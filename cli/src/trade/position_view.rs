use serde::Serialize;
use tradewire::{MarginMode, Pair, PositionReport, Price};

use crate::failure::Failure;
use crate::output;
use crate::plain::number;
use crate::text_table::{Align, TextTable};

/// One position, as a line of JSON.
#[derive(Debug, Serialize)]
pub(super) struct PositionView<'a> {
    exchange: &'a str,
    pair: Option<&'a Pair>,
    symbol: &'a str,
    /// `long` or `short` in hedge mode; absent in one-way mode.
    side: Option<String>,
    size: String,
    entry_price: Option<String>,
    mark_price: Option<String>,
    unrealised_profit: Option<String>,
    liquidation_price: Option<String>,
    isolated_margin: Option<String>,
    leverage: Option<String>,
    margin_mode: Option<&'static str>,
}

impl<'a> PositionView<'a> {
    pub(super) fn of(exchange: &'a str, pair: Option<&'a Pair>, position: &'a PositionReport) -> Self {
        let price = |price: Option<Price>| price.map(|price| number(price.value()));
        Self {
            exchange,
            pair,
            symbol: &position.symbol,
            side: position.side.map(|side| side.to_string()),
            size: number(position.size),
            entry_price: price(position.entry_price),
            mark_price: price(position.mark_price),
            unrealised_profit: position.unrealised_profit.map(number),
            liquidation_price: price(position.liquidation_price),
            isolated_margin: position.isolated_margin.map(number),
            leverage: position.leverage.map(number),
            margin_mode: position.margin_mode.map(MarginMode::as_str),
        }
    }

    fn cells(&self) -> [String; 8] {
        let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        [
            self.pair.map_or_else(|| self.symbol.to_owned(), Pair::to_string),
            or_dash(&self.side),
            self.size.clone(),
            or_dash(&self.entry_price),
            or_dash(&self.mark_price),
            or_dash(&self.unrealised_profit),
            or_dash(&self.liquidation_price),
            or_dash(&self.leverage),
        ]
    }
}

/// Writes positions.
pub(super) fn write(positions: &[PositionView<'_>], json: bool) -> Result<(), Failure> {
    if json {
        return positions.iter().try_for_each(output::json);
    }
    let table = table(positions);
    if table.is_empty() { output::line("no positions") } else { output::line(table) }
}

fn table(positions: &[PositionView<'_>]) -> TextTable {
    let right = |name| (name, Align::Right);
    let mut table = TextTable::new(&[
        ("pair", Align::Left),
        ("side", Align::Left),
        right("size"),
        right("entry"),
        right("mark"),
        right("unrealised"),
        right("liquidation"),
        right("leverage"),
    ]);
    positions.iter().for_each(|position| table.row(position.cells()));
    table
}

#[cfg(test)]
mod tests {
    use tradewire::{Decimal, Timestamp};

    use super::*;

    #[test]
    fn a_position_is_decimal_text() {
        let report = PositionReport {
            symbol: "BTCUSDT".to_owned(),
            side: None,
            size: Decimal::new(-1500, 3),
            entry_price: Some("60000.50".parse().expect("a price")),
            mark_price: None,
            unrealised_profit: Some(Decimal::new(-10, 1)),
            liquidation_price: None,
            isolated_margin: None,
            leverage: Some(Decimal::TEN),
            margin_mode: Some(MarginMode::Cross),
            time: Timestamp::default(),
        };
        let pair: Pair = "BTC-USDT".parse().expect("a pair");
        let view = PositionView::of("x-linear", Some(&pair), &report);
        let json = serde_json::to_value(&view).expect("JSON");
        assert_eq!(json["size"], "-1.5");
        assert_eq!(
            (&json["entry_price"], &json["side"], &json["margin_mode"]),
            (&"60000.5".into(), &serde_json::Value::Null, &"cross".into())
        );
        let text = table(&[view]).to_string();
        assert!(text.contains("BTC-USDT") && text.contains("-1.5"), "{text}");
    }
}
