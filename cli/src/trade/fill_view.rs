use serde::Serialize;
use tradewire::{Fill, FillReport, Pair, exact};

use super::plain::{number, time, word};
use crate::args::TableFormat;
use crate::failure::Failure;
use crate::output;
use crate::text_table::{Align, TextTable};

/// A fill as it is shown: from our record of it, or from what the exchange says. Numbers are decimal text.
#[derive(Clone, Debug, Serialize)]
pub(super) struct FillView {
    exchange: String,
    /// The account's name in the journal.
    account: Option<String>,
    pair: Option<String>,
    pub(super) symbol: String,
    trade_id: String,
    pub(super) client_order_id: Option<String>,
    pub(super) exchange_order_id: Option<String>,
    side: String,
    price: String,
    quantity: String,
    quote_quantity: Option<String>,
    fee: Option<String>,
    fee_asset: Option<String>,
    fee_estimated: bool,
    liquidity: Option<String>,
    pub(super) time_ms: i64,
}

impl FillView {
    /// As it is recorded.
    pub(super) fn of_fill(exchange: &str, account: Option<&str>, fill: &Fill) -> Self {
        Self {
            exchange: exchange.to_owned(),
            account: account.map(str::to_owned),
            pair: fill.pair.as_ref().map(ToString::to_string),
            symbol: fill.symbol.to_string(),
            trade_id: fill.trade_id.to_string(),
            client_order_id: Some(fill.client_order_id.to_string()),
            exchange_order_id: Some(fill.exchange_order_id.to_string()),
            side: fill.side.to_string(),
            price: fill.price.to_string(),
            quantity: fill.quantity.to_string(),
            quote_quantity: Some(number(fill.quote_quantity)),
            fee: fill.fee.as_ref().map(|fee| number(fee.amount)),
            fee_asset: fill.fee.as_ref().map(|fee| fee.asset.to_string()),
            fee_estimated: fill.fee_estimated,
            liquidity: fill.liquidity.map(word),
            time_ms: fill.time.as_millis(),
        }
    }

    /// As the exchange tells it.
    pub(super) fn of_report(exchange: &str, pair: Option<&Pair>, fill: &FillReport) -> Self {
        let quote = fill.quote_quantity.or_else(|| exact::multiply(fill.price.value(), fill.quantity.value()));
        Self {
            exchange: exchange.to_owned(),
            account: None,
            pair: pair.map(ToString::to_string),
            symbol: fill.symbol.clone(),
            trade_id: fill.trade_id.to_string(),
            client_order_id: fill.client_order_id.as_ref().map(ToString::to_string),
            exchange_order_id: fill.exchange_order_id.as_ref().map(ToString::to_string),
            side: fill.side.to_string(),
            price: fill.price.to_string(),
            quantity: fill.quantity.to_string(),
            quote_quantity: quote.map(number),
            fee: fill.fee.as_ref().map(|fee| number(fee.amount)),
            fee_asset: fill.fee.as_ref().map(|fee| fee.asset.to_string()),
            fee_estimated: false,
            liquidity: fill.liquidity.map(word),
            time_ms: fill.time.as_millis(),
        }
    }

    /// What names it among all fills of an account.
    pub(super) fn key(&self) -> (String, String, Option<String>) {
        (self.symbol.clone(), self.trade_id.clone(), self.exchange_order_id.clone())
    }

    /// What names its order among all orders of an account.
    pub(super) fn order_key(&self) -> Option<(String, String)> {
        Some((self.symbol.clone(), self.exchange_order_id.clone()?))
    }

    fn pair_or_symbol(&self) -> String {
        self.pair.clone().unwrap_or_else(|| self.symbol.clone())
    }

    /// What was charged, for people.
    pub(super) fn fee_text(&self) -> String {
        let sign = if self.fee_estimated { "~" } else { "" };
        match (&self.fee, &self.fee_asset) {
            (Some(fee), Some(asset)) => format!("{sign}{fee} {asset}"),
            _ => "-".to_owned(),
        }
    }

    /// How much at which price, for people.
    pub(super) fn trade_text(&self) -> String {
        format!("{} at {}, fee {}, trade {}", self.quantity, self.price, self.fee_text(), self.trade_id)
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

const CSV_COLUMNS: [&str; 15] = [
    "exchange",
    "time",
    "symbol",
    "pair",
    "side",
    "price",
    "quantity",
    "quote_quantity",
    "fee",
    "fee_asset",
    "fee_estimated",
    "liquidity",
    "trade_id",
    "client_order_id",
    "exchange_order_id",
];

/// Fills as comma-separated values, with a heading also where there are none. What is not known is empty.
fn csv(fills: &[FillView]) -> Result<String, Failure> {
    let cannot = |cause: &dyn std::fmt::Display| Failure::failed(format!("cannot write CSV: {cause}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(CSV_COLUMNS).map_err(|cause| cannot(&cause))?;
    for fill in fills {
        writer.write_record(csv_row(fill)).map_err(|cause| cannot(&cause))?;
    }
    let bytes = writer.into_inner().map_err(|cause| cannot(&cause))?;
    String::from_utf8(bytes).map_err(|cause| cannot(&cause))
}

/// In the order of [`CSV_COLUMNS`].
fn csv_row(fill: &FillView) -> [String; 15] {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    [
        fill.exchange.clone(),
        time(fill.time_ms),
        fill.symbol.clone(),
        text(&fill.pair),
        fill.side.clone(),
        fill.price.clone(),
        fill.quantity.clone(),
        text(&fill.quote_quantity),
        text(&fill.fee),
        text(&fill.fee_asset),
        fill.fee_estimated.to_string(),
        text(&fill.liquidity),
        fill.trade_id.clone(),
        text(&fill.client_order_id),
        text(&fill.exchange_order_id),
    ]
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
    for fill in fills {
        table.row([
            time(fill.time_ms),
            fill.pair_or_symbol(),
            fill.side.clone(),
            fill.quantity.clone(),
            fill.price.clone(),
            fill.fee_text(),
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
        assert_eq!(text, format!("{}\n{row},\"a,\"\"b\"\"\",17\n", CSV_COLUMNS.join(",")));
        assert_eq!(csv(&[]).expect("CSV").lines().count(), 1);
    }
}
