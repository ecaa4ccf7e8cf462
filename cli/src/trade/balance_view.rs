use serde::Serialize;
use tradewire::BalanceReport;

use crate::failure::Failure;
use crate::output;
use crate::plain::number;
use crate::text_table::{Align, TextTable};

/// What an account has of one asset, as a line of JSON.
#[derive(Debug, Serialize)]
struct BalanceView<'a> {
    exchange: &'a str,
    asset: &'a str,
    total: String,
    available: Option<String>,
}

impl<'a> BalanceView<'a> {
    fn of(exchange: &'a str, balance: &'a BalanceReport) -> Self {
        let available = balance.available.map(number);
        Self { exchange, asset: balance.asset.as_str(), total: number(balance.total), available }
    }
}

/// Writes balances, those of nothing left out.
pub(super) fn write(exchange: &str, balances: &[BalanceReport], json: bool) -> Result<(), Failure> {
    let mut held = balances.iter().filter(|balance| !balance.total.is_zero());
    if json {
        return held.try_for_each(|balance| output::json(&BalanceView::of(exchange, balance)));
    }
    let table = table(held);
    if table.is_empty() { output::line("no balances") } else { output::line(table) }
}

fn table<'a>(balances: impl Iterator<Item = &'a BalanceReport>) -> TextTable {
    let mut table = TextTable::new(&[("asset", Align::Left), ("total", Align::Right), ("available", Align::Right)]);
    for balance in balances {
        let available = balance.available.map_or_else(|| "-".to_owned(), number);
        table.row([balance.asset.to_string(), number(balance.total), available]);
    }
    table
}

#[cfg(test)]
mod tests {
    use tradewire::Decimal;

    use super::*;

    #[test]
    fn balances_are_decimal_text() {
        let available = Some(Decimal::new(10, 1));
        let balance = BalanceReport { asset: "BTC".into(), total: Decimal::new(1500, 3), available };
        let json = serde_json::to_value(BalanceView::of("binance-spot", &balance)).expect("JSON");
        let expected =
            serde_json::json!({"exchange": "binance-spot", "asset": "BTC", "total": "1.5", "available": "1"});
        assert_eq!(json, expected);
        assert_eq!(table([&balance].into_iter()).to_string(), "asset  total  available\nBTC      1.5          1");
    }
}
