use std::collections::BTreeMap;

use serde::Serialize;
use tradewire::{Amount, Asset, Decimal, ExecutionReport, FillReport, Order, Origin, Pair, ReportedStatus, exact};

use crate::failure::Failure;
use crate::output;
use crate::plain::{millis, number, reason, time, word};
use crate::text_table::{Align, TextTable};

/// An order as it is shown: from our record of it, or from what the exchange says. Numbers are decimal text.
#[derive(Debug, Default, Serialize)]
pub(super) struct OrderView {
    exchange: String,
    /// The account's name in the journal.
    account: Option<String>,
    pair: Option<String>,
    pub(super) symbol: String,
    pub(super) client_order_id: Option<String>,
    pub(super) exchange_order_id: Option<String>,
    /// Who placed it, where that is known.
    origin: Option<String>,
    side: Option<String>,
    #[serde(rename = "type")]
    order_type: Option<String>,
    time_in_force: Option<String>,
    price: Option<String>,
    quantity: Option<String>,
    quote_amount: Option<String>,
    state: String,
    reason: Option<String>,
    error: Option<String>,
    word: Option<String>,
    filled: Option<String>,
    remaining: Option<String>,
    average_price: Option<String>,
    quote_filled: Option<String>,
    /// What was charged, by asset, where it is recorded.
    fees: BTreeMap<String, String>,
    missing_fills: Option<String>,
    cancel_requested: bool,
    outcome_unknown_since_ms: Option<i64>,
    pub(super) created_ms: Option<i64>,
    updated_ms: Option<i64>,
}

impl OrderView {
    /// As it is recorded.
    pub(super) fn of_order(exchange: &str, account: Option<&str>, order: &Order) -> Self {
        let (quantity, quote_amount) = amounts(Some(order.amount));
        let (reason, error) = order.reason.map(reason).map_or((None, None), |(word, kind)| (Some(word), kind));
        Self {
            exchange: exchange.to_owned(),
            account: account.map(str::to_owned),
            pair: text(order.pair.as_ref()),
            symbol: order.symbol.to_string(),
            client_order_id: Some(order.client_order_id.to_string()),
            exchange_order_id: text(order.exchange_order_id.as_ref()),
            origin: Some(word(order.origin)),
            side: Some(order.side.to_string()),
            order_type: text(order.order_type),
            time_in_force: text(order.time_in_force),
            price: text(order.price),
            quantity,
            quote_amount,
            state: word(order.state),
            reason,
            error,
            word: order.word.clone(),
            filled: Some(order.filled.to_string()),
            remaining: text(order.remaining()),
            average_price: text(order.average_price()),
            quote_filled: Some(number(order.quote_filled)),
            fees: order.fees.iter().map(|(asset, amount)| (asset.to_string(), number(*amount))).collect(),
            missing_fills: text(order.missing_fills),
            cancel_requested: order.cancel_requested,
            outcome_unknown_since_ms: millis(order.outcome_unknown_since),
            created_ms: millis(order.created),
            updated_ms: millis(order.updated),
        }
    }

    /// As the exchange tells it.
    pub(super) fn of_report(exchange: &str, pair: Option<&Pair>, report: &ExecutionReport) -> Self {
        let (quantity, quote_amount) = amounts(report.amount);
        let (reason, mut error) = report.reason.map(reason).map_or((None, None), |(word, kind)| (Some(word), kind));
        if let ReportedStatus::Rejected(kind) = report.status {
            error = error.or_else(|| Some(word(kind)));
        }
        Self {
            exchange: exchange.to_owned(),
            pair: text(pair),
            symbol: report.symbol.clone(),
            client_order_id: text(report.new_client_order_id.as_ref().or(report.client_order_id.as_ref())),
            exchange_order_id: text(report.exchange_order_id.as_ref()),
            origin: Some(report.origin).filter(|origin| *origin != Origin::External).map(word),
            side: text(report.side),
            order_type: text(report.order_type),
            time_in_force: text(report.time_in_force),
            price: text(report.price),
            quantity,
            quote_amount,
            state: state(&report.status).to_owned(),
            reason,
            error,
            word: Some(report.word.clone()).filter(|word| !word.is_empty()),
            filled: text(report.filled),
            remaining: remaining(report),
            average_price: average_price(report),
            quote_filled: report.quote_filled.map(number),
            created_ms: millis(report.created),
            updated_ms: Some(report.time.as_millis()),
            ..Self::default()
        }
    }

    /// With what was charged for its fills.
    pub(super) fn with_fees(mut self, fills: &[FillReport]) -> Self {
        let mut sums: BTreeMap<&Asset, Option<Decimal>> = BTreeMap::new();
        for fee in fills.iter().filter_map(|fill| fill.fee.as_ref()) {
            let sum = sums.entry(&fee.asset).or_insert(Some(Decimal::ZERO));
            *sum = sum.and_then(|sum| exact::add(sum, fee.amount));
        }
        let told = |(asset, sum): (&Asset, Option<Decimal>)| sum.map(|sum| (asset.to_string(), number(sum)));
        self.fees = sums.into_iter().filter_map(told).collect();
        self
    }

    /// Where it stands, with its marks, for people.
    pub(super) fn state_text(&self) -> String {
        let mut text = self.state.clone();
        match (&self.reason, &self.error) {
            (Some(reason), Some(error)) => text += &format!(" ({reason}: {error})"),
            (Some(only), None) | (None, Some(only)) => text += &format!(" ({only})"),
            (None, None) => {}
        }
        if self.cancel_requested {
            text += ", cancel requested";
        }
        if let Some(since) = self.outcome_unknown_since_ms {
            text += &format!(", outcome unknown since {}", time(since));
        }
        text
    }

    /// What became of it, as one line for people.
    pub(super) fn line(&self) -> String {
        let id = self.client_order_id.as_ref().or(self.exchange_order_id.as_ref()).map_or("", String::as_str);
        let filled = self.filled.as_ref().map_or_else(String::new, |filled| format!(", filled {filled}"));
        format!("{}  {id}  {}{filled}", self.pair_or_symbol(), self.state_text())
    }

    fn pair_or_symbol(&self) -> String {
        self.pair.clone().unwrap_or_else(|| self.symbol.clone())
    }

    fn amount_text(&self) -> Option<String> {
        self.quantity.clone().or_else(|| self.quote_amount.as_ref().map(|amount| format!("{amount} in quote")))
    }

    fn cells(&self) -> [String; 10] {
        let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        [
            self.pair_or_symbol(),
            or_dash(&self.side),
            or_dash(&self.order_type),
            or_dash(&self.amount_text()),
            or_dash(&self.price),
            or_dash(&self.filled),
            or_dash(&self.average_price),
            or_dash(&self.client_order_id),
            or_dash(&self.exchange_order_id),
            self.state_text(),
        ]
    }

    /// All of it, a fact a line, for people.
    pub(super) fn details(&self) -> String {
        let fees = self.fees.iter().map(|(asset, amount)| format!("{amount} {asset}")).collect::<Vec<_>>().join(", ");
        let facts = [
            ("account", self.account.clone()),
            ("pair", Some(self.pair_or_symbol())),
            ("client order id", self.client_order_id.clone()),
            ("exchange order id", self.exchange_order_id.clone()),
            ("origin", self.origin.clone()),
            ("side", self.side.clone()),
            ("type", self.order_type.clone()),
            ("time in force", self.time_in_force.clone()),
            ("quantity", self.amount_text()),
            ("price", self.price.clone()),
            ("state", Some(self.state_text())),
            ("exchange's word", self.word.clone()),
            ("filled", self.filled.clone()),
            ("missing fills", self.missing_fills.clone()),
            ("average price", self.average_price.clone()),
            ("fees", Some(fees).filter(|fees| !fees.is_empty())),
            ("created", self.created_ms.map(time)),
            ("updated", self.updated_ms.map(time)),
        ];
        let lines = facts.into_iter().filter_map(|(name, fact)| fact.map(|fact| format!("{name:<18} {fact}")));
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// Writes orders, in their order.
pub(super) fn write(orders: &[OrderView], json: bool) -> Result<(), Failure> {
    match orders {
        _ if json => orders.iter().try_for_each(output::json),
        [] => output::line("no orders"),
        _ => output::line(table(orders)),
    }
}

fn table(orders: &[OrderView]) -> TextTable {
    let mut table = TextTable::new(&[
        ("pair", Align::Left),
        ("side", Align::Left),
        ("type", Align::Left),
        ("quantity", Align::Right),
        ("price", Align::Right),
        ("filled", Align::Right),
        ("average", Align::Right),
        ("client order id", Align::Left),
        ("exchange order id", Align::Left),
        ("state", Align::Left),
    ]);
    orders.iter().for_each(|order| table.row(order.cells()));
    table
}

fn text(value: Option<impl ToString>) -> Option<String> {
    value.map(|value| value.to_string())
}

fn amounts(amount: Option<Amount>) -> (Option<String>, Option<String>) {
    match amount {
        Some(Amount::Base(quantity)) => (Some(quantity.to_string()), None),
        Some(Amount::Quote(amount)) => (None, Some(number(amount))),
        None => (None, None),
    }
}

/// The word of [`tradewire::OrderState`] for what the exchange says.
fn state(status: &ReportedStatus) -> &'static str {
    match status {
        ReportedStatus::Received => "pending-submit",
        ReportedStatus::Open => "open",
        ReportedStatus::PartiallyFilled => "partially-filled",
        ReportedStatus::Filled => "filled",
        ReportedStatus::Cancelled => "cancelled",
        ReportedStatus::Expired => "expired",
        ReportedStatus::Rejected(_) => "rejected",
        _ => "unknown",
    }
}

fn remaining(report: &ExecutionReport) -> Option<String> {
    let Some(Amount::Base(quantity)) = report.amount else { return None };
    if report.status.is_end() {
        return Some("0".to_owned());
    }
    let gone = report.filled?.value() + report.prevented.unwrap_or_default().value();
    Some(number((quantity.value() - gone).max(Decimal::ZERO)))
}

fn average_price(report: &ExecutionReport) -> Option<String> {
    let (quote, filled) = (report.quote_filled?, report.filled?.value());
    exact::divide(quote, filled).map(number)
}

#[cfg(test)]
mod tests {
    use tradewire::{EndReason, ErrorKind, OrderState, Timestamp};

    use super::*;
    use crate::trade::examples;

    fn json(view: &OrderView) -> serde_json::Value {
        serde_json::to_value(view).expect("JSON")
    }

    #[test]
    fn a_record_and_a_report_are_shown_alike() {
        let pair = "BTC-USDT".parse().expect("a pair");
        for view in [
            OrderView::of_order("binance-spot", None, &examples::order()),
            OrderView::of_report("binance-spot", Some(&pair), &examples::report()),
        ] {
            let json = json(&view);
            for (field, text) in [
                ("pair", "BTC-USDT"),
                ("type", "post-only"),
                ("price", "60000.5"),
                ("quantity", "0.02"),
                ("filled", "0.01"),
                ("remaining", "0.01"),
                ("average_price", "60000.5"),
                ("quote_filled", "600.005"),
                ("state", "partially-filled"),
                ("client_order_id", "tw-1"),
                ("exchange_order_id", "17"),
            ] {
                assert_eq!(json[field], text, "{field} of {json}");
            }
            assert_eq!(json["created_ms"], 1_499_827_319_559_i64);
            assert!(json["reason"].is_null() && json["quote_amount"].is_null());
            assert!(table(&[view]).to_string().ends_with("tw-1             17                 partially-filled"));
        }
    }

    #[test]
    fn fees_are_summed_by_asset() {
        let mut other = examples::fill_report();
        other.fee = Some(tradewire::Fee { amount: Decimal::new(1, 1), asset: "USDT".into() });
        let fills = [examples::fill_report(), other, examples::fill_report()];
        let view = OrderView::of_report("x", None, &examples::report()).with_fees(&fills);
        assert_eq!(json(&view)["fees"], serde_json::json!({"BNB": "0.0002", "USDT": "0.1"}));
    }

    #[test]
    fn marks_and_ends_are_shown() {
        let mut order = examples::order();
        order.cancel_requested = true;
        order.outcome_unknown_since = Some(Timestamp::from_millis(0));
        let view = OrderView::of_order("x", Some("x com"), &order);
        let text = "partially-filled, cancel requested, outcome unknown since 1970-01-01T00:00:00Z";
        assert_eq!(view.state_text(), text);
        assert!(view.details().contains("fees               0.0001 BNB") && view.details().contains(text));

        let refused = EndReason::Refused(ErrorKind::FilterFailure);
        (order.state, order.reason) = (OrderState::Rejected, Some(refused));
        (order.cancel_requested, order.outcome_unknown_since) = (false, None);
        let mut report = examples::report();
        (report.status, report.reason) = (ReportedStatus::Rejected(ErrorKind::FilterFailure), Some(refused));
        for view in [OrderView::of_order("x", None, &order), OrderView::of_report("x", None, &report)] {
            assert_eq!(view.state_text(), "rejected (refused: filter-failure)");
            assert_eq!((&json(&view)["error"], &json(&view)["remaining"]), (&"filter-failure".into(), &"0".into()));
        }
    }
}
