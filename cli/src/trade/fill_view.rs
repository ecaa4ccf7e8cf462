use serde::Serialize;
use tradewire::{Fill, FillReport, Pair};
use tradewire_journal::{FillText, rfc3339};

use crate::args::TableFormat;
use crate::failure::Failure;
use crate::output;
use crate::text_table::{Align, TextTable};

/// A fill as it is shown, and where it was.
#[derive(Clone, Debug, Serialize)]
pub(super) struct FillView {
    exchange: String,
    /// The account's name in the journal.
    account: Option<String>,
    #[serde(flatten)]
    pub(super) fill: FillText,
}

impl FillView {
    /// As it is recorded.
    pub(super) fn of_fill(exchange: &str, account: Option<&str>, fill: &Fill) -> Self {
        Self { exchange: exchange.to_owned(), account: account.map(str::to_owned), fill: fill.into() }
    }

    /// As the exchange tells it.
    pub(super) fn of_report(exchange: &str, pair: Option<&Pair>, fill: &FillReport) -> Self {
        Self { exchange: exchange.to_owned(), account: None, fill: FillText::reported(pair, fill) }
    }

    /// What names its order among all orders of an account.
    pub(super) fn order_key(&self) -> Option<(String, String)> {
        Some((self.fill.symbol.clone(), self.fill.exchange_order_id.clone()?))
    }

    fn pair_or_symbol(&self) -> String {
        self.fill.pair.clone().unwrap_or_else(|| self.fill.symbol.clone())
    }

    /// What was charged, for people.
    pub(super) fn fee_text(&self) -> String {
        let sign = if self.fill.fee_estimated { "~" } else { "" };
        match (&self.fill.fee, &self.fill.fee_asset) {
            (Some(fee), Some(asset)) => format!("{sign}{fee} {asset}"),
            _ => "-".to_owned(),
        }
    }

    /// How much at which price, for people.
    pub(super) fn trade_text(&self) -> String {
        let FillText { quantity, price, trade_id, .. } = &self.fill;
        format!("{quantity} at {price}, fee {}, trade {trade_id}", self.fee_text())
    }
}

/// Writes fills, in their order.
pub(super) fn write(fills: &[FillView], format: TableFormat) -> Result<(), Failure> {
    match format {
        TableFormat::Json => fills.iter().try_for_each(output::json),
        TableFormat::Csv => output::line(csv(fills)?.trim_end()),
        TableFormat::Text if fills.is_empty() => output::line("no fills"),
        TableFormat::Text => output::line(table(fills)),
    }
}

/// Fills as comma-separated values, with a heading also where there are none. What is not known is empty.
fn csv(fills: &[FillView]) -> Result<String, Failure> {
    let cannot = |cause: &dyn std::fmt::Display| Failure::failed(format!("cannot write CSV: {cause}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["exchange"].iter().chain(&FillText::COLUMNS)).map_err(|cause| cannot(&cause))?;
    for fill in fills {
        let exchange = std::iter::once(fill.exchange.clone());
        writer.write_record(exchange.chain(fill.fill.cells())).map_err(|cause| cannot(&cause))?;
    }
    let bytes = writer.into_inner().map_err(|cause| cannot(&cause))?;
    String::from_utf8(bytes).map_err(|cause| cannot(&cause))
}

fn table(fills: &[FillView]) -> TextTable {
    let mut table = TextTable::new(&[
        ("time", Align::Left),
        ("pair", Align::Left),
        ("side", Align::Left),
        ("quantity", Align::Right),
        ("price", Align::Right),
        ("fee", Align::Right),
        ("role", Align::Left),
        ("trade id", Align::Left),
        ("exchange order id", Align::Left),
    ]);
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    for view in fills {
        let fill = &view.fill;
        table.row([
            rfc3339(fill.time),
            view.pair_or_symbol(),
            fill.side.clone(),
            fill.quantity.clone(),
            fill.price.clone(),
            view.fee_text(),
            text(&fill.liquidity),
            fill.trade_id.clone(),
            text(&fill.exchange_order_id),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trade::examples;

    #[test]
    fn a_record_and_a_report_are_shown_alike() {
        let pair = "BTC-USDT".parse().expect("a pair");
        for view in [
            FillView::of_fill("binance-spot", None, &examples::fill()),
            FillView::of_report("binance-spot", Some(&pair), &examples::fill_report()),
        ] {
            let json = serde_json::to_value(&view).expect("JSON");
            assert_eq!((&json["price"], &json["fee"]), (&"60000.5".into(), &"0.0001".into()));
            assert_eq!((&json["liquidity"], &json["quote_quantity"]), (&"maker".into(), &"600.005".into()));
            assert_eq!((&json["pair"], &json["time_ms"]), (&"BTC-USDT".into(), &1_499_827_319_559_i64.into()));
            assert!(table(&[view]).to_string().contains("0.0001 BNB"));
        }
    }

    #[test]
    fn comma_separated_values_are_quoted_where_needed() {
        let mut fill = examples::fill();
        fill.client_order_id = "a,\"b\"".into();
        let text = csv(&[FillView::of_fill("binance-spot", None, &fill)]).expect("CSV");
        let row =
            "binance-spot,2017-07-12T02:41:59.559Z,BTCUSDT,BTC-USDT,buy,60000.5,0.01,600.005,0.0001,BNB,false,maker,9";
        let columns = FillText::COLUMNS.join(",");
        assert_eq!(text, format!("exchange,{columns}\n{row},\"a,\"\"b\"\"\",17\n"));
        assert_eq!(csv(&[]).expect("CSV").lines().count(), 1);
    }
}
