//! Orders, fills, positions and funding payments as text for other programs.

use std::io::Write;

use serde::Serialize;
use tradewire_core::{Amount, Error, ErrorKind, Fill, FundingPayment, Position, Timestamp};
use tradewire_tracking::OrderRecord;

use crate::fill_text::FillText;
use crate::reader::{FillFilter, JournalReader, Listed, OrderFilter, PositionFilter};
use crate::rfc3339::rfc3339;

const ORDER_COLUMNS: &[&str] = &[
    "account",
    "number",
    "symbol",
    "pair",
    "client_order_id",
    "exchange_order_id",
    "origin",
    "side",
    "type",
    "time_in_force",
    "price",
    "quantity",
    "quote_amount",
    "state",
    "reason",
    "filled",
    "quote_filled",
    "average_price",
    "fees",
    "recorded",
    "created",
    "updated",
];
const POSITION_COLUMNS: &[&str] = &[
    "account",
    "time",
    "symbol",
    "pair",
    "side",
    "size",
    "entry_price",
    "mark_price",
    "unrealised_profit",
    "realised_profit",
    "liquidation_price",
    "isolated_margin",
    "leverage",
    "margin_mode",
];
const FUNDING_COLUMNS: &[&str] =
    &["account", "time", "symbol", "pair", "side", "id", "asset", "amount", "rate", "size", "source"];

fn fill_columns() -> Vec<&'static str> {
    [&["account"][..], &FillText::COLUMNS, &["source", "late"]].concat()
}

/// A form of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportFormat {
    /// Comma-separated values as in RFC 4180, with a line of column names. Times are RFC 3339 in UTC; what is not known
    /// is empty.
    Csv,
    /// One JSON object a line. Times are nanoseconds since 1970; numbers are decimal text.
    JsonLines,
}

impl JournalReader {
    /// Writes the orders that pass `filter`, and says how many there were. However many: they are not collected.
    ///
    /// # Errors
    /// `Journal`; `Io` with the cause as its source if `out` takes no more.
    pub fn export_orders(&self, filter: &OrderFilter, format: ExportFormat, out: impl Write) -> Result<u64, Error> {
        let mut lines = Lines::begin(format, ORDER_COLUMNS, out)?;
        self.each_order(filter, |order| lines.put(&order, order_row))?;
        lines.end()
    }

    /// Writes the positions that pass `filter`, and says how many there were.
    ///
    /// # Errors
    /// As [`Self::export_orders`].
    pub fn export_positions(
        &self,
        filter: &PositionFilter,
        format: ExportFormat,
        out: impl Write,
    ) -> Result<u64, Error> {
        let mut lines = Lines::begin(format, POSITION_COLUMNS, out)?;
        self.each_position(filter, |position| lines.put(&position, position_row))?;
        lines.end()
    }

    /// Writes the funding payments that pass `filter`, by their time, and says how many there were.
    ///
    /// # Errors
    /// As [`Self::export_orders`].
    pub fn export_funding(&self, filter: &FillFilter, format: ExportFormat, out: impl Write) -> Result<u64, Error> {
        let mut lines = Lines::begin(format, FUNDING_COLUMNS, out)?;
        self.each_payment(filter, |payment| lines.put(&payment, payment_row))?;
        lines.end()
    }

    /// Writes the fills that pass `filter`, and says how many there were. However many: they are not collected.
    ///
    /// # Errors
    /// `Journal`; `Io` with the cause as its source if `out` takes no more.
    pub fn export_fills(&self, filter: &FillFilter, format: ExportFormat, out: impl Write) -> Result<u64, Error> {
        let mut lines = Lines::begin(format, &fill_columns(), out)?;
        self.each_fill(filter, |fill| lines.put(&fill, fill_row))?;
        lines.end()
    }
}

/// Where the lines go, and how many have gone there.
struct Lines<W: Write> {
    form: Form<W>,
    count: u64,
}

enum Form<W: Write> {
    Csv(Box<csv::Writer<W>>),
    JsonLines(W),
}

impl<W: Write> Lines<W> {
    fn begin(format: ExportFormat, columns: &[&str], out: W) -> Result<Self, Error> {
        let form = match format {
            ExportFormat::JsonLines => Form::JsonLines(out),
            ExportFormat::Csv => {
                let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
                csv.write_record(columns).map_err(cannot_write)?;
                Form::Csv(Box::new(csv))
            }
        };
        Ok(Self { form, count: 0 })
    }

    fn put<T: Serialize>(&mut self, entry: &Listed<T>, row: fn(&Listed<T>) -> Vec<String>) -> Result<(), Error> {
        self.count += 1;
        match &mut self.form {
            Form::Csv(csv) => csv.write_record(row(entry)).map_err(cannot_write),
            Form::JsonLines(out) => {
                serde_json::to_writer(&mut *out, entry).map_err(cannot_write)?;
                out.write_all(b"\n").map_err(cannot_write)
            }
        }
    }

    fn end(self) -> Result<u64, Error> {
        match self.form {
            Form::Csv(mut csv) => csv.flush(),
            Form::JsonLines(mut out) => out.flush(),
        }
        .map_err(cannot_write)?;
        Ok(self.count)
    }
}

fn cannot_write(cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Io, format!("cannot write the export: {cause}")).with_source(cause)
}

/// In the order of [`ORDER_COLUMNS`].
fn order_row(listed: &Listed<OrderRecord>) -> Vec<String> {
    let OrderRecord { number, order, recorded, .. } = &listed.entry;
    let (quantity, quote_amount) = match order.amount {
        Amount::Base(quantity) => (quantity.to_string(), String::new()),
        Amount::Quote(amount) => (String::new(), amount.normalize().to_string()),
    };
    let fees: Vec<_> = order.fees.iter().map(|(asset, fee)| format!("{} {asset}", fee.normalize())).collect();
    vec![
        listed.account.to_string(),
        number.to_string(),
        order.symbol.to_string(),
        text(order.pair.as_ref()),
        order.client_order_id.to_string(),
        text(order.exchange_order_id.as_ref()),
        word(&order.origin),
        word(&order.side),
        word(&order.order_type),
        word(&order.time_in_force),
        text(order.price),
        quantity,
        quote_amount,
        word(&order.state),
        word(&order.reason),
        order.filled.to_string(),
        order.quote_filled.normalize().to_string(),
        text(order.average_price()),
        fees.join(" "),
        rfc3339(*recorded),
        time(order.created),
        time(order.updated),
    ]
}

/// In the order of [`fill_columns`].
fn fill_row(listed: &Listed<Fill>) -> Vec<String> {
    let mut row = vec![listed.account.to_string()];
    row.extend(FillText::from(&listed.entry).cells());
    row.extend([word(&listed.entry.source), listed.entry.late.to_string()]);
    row
}

/// In the order of [`POSITION_COLUMNS`].
fn position_row(listed: &Listed<Position>) -> Vec<String> {
    let position = &listed.entry;
    vec![
        listed.account.to_string(),
        rfc3339(position.time),
        position.symbol.to_string(),
        text(position.pair.as_ref()),
        word(&position.side),
        position.size.normalize().to_string(),
        text(position.entry_price),
        text(position.mark_price),
        text(position.unrealised_profit.map(|profit| profit.normalize())),
        position.realised_profit.normalize().to_string(),
        text(position.liquidation_price),
        text(position.isolated_margin.map(|margin| margin.normalize())),
        text(position.leverage.map(|leverage| leverage.normalize())),
        word(&position.margin_mode),
    ]
}

/// In the order of [`FUNDING_COLUMNS`].
fn payment_row(listed: &Listed<FundingPayment>) -> Vec<String> {
    let payment = &listed.entry;
    vec![
        listed.account.to_string(),
        rfc3339(payment.time),
        payment.symbol.to_string(),
        text(payment.pair.as_ref()),
        word(&payment.side),
        payment.id.clone(),
        payment.asset.to_string(),
        payment.amount.normalize().to_string(),
        text(payment.rate.map(|rate| rate.normalize())),
        text(payment.size.map(|size| size.normalize())),
        word(&payment.source),
    ]
}

pub(crate) fn text(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn time(value: Option<Timestamp>) -> String {
    value.map_or_else(String::new, rfc3339)
}

/// The same word as in JSON; the JSON itself for what is more than a word.
pub(crate) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(serde_json::Value::Null) | Err(_) => String::new(),
        Ok(other) => other.to_string(),
    }
}
