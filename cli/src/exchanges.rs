//! `tradewire exchanges`: the capability matrix, from the declarations.

use tradewire::{BalanceStream, Capabilities, MarketKind, PerpetualCapabilities, TradingCapabilities};

use crate::args::ExchangesArgs;
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(args: &ExchangesArgs) -> Result<(), Failure> {
    let wanted = |known: &&&Capabilities| args.exchange.as_deref().is_none_or(|name| name == known.exchange);
    let all = tradewire::exchanges();
    let chosen: Vec<&Capabilities> = all.iter().filter(wanted).copied().collect();
    if args.json {
        return chosen.iter().try_for_each(output::json);
    }
    let text = if args.markdown {
        markdown(&chosen.into_iter().filter(|known| !known.fictional).collect::<Vec<_>>())
    } else {
        plain(&chosen)
    };
    output::line(text.trim_end())
}

/// One row of the matrix: what it is about, and what each exchange says.
struct Row {
    name: &'static str,
    cells: Vec<String>,
}

/// Something that the matrix shows, and how a declaration answers it.
struct Fact {
    name: &'static str,
    of: fn(&Capabilities) -> String,
}

fn rows(exchanges: &[&Capabilities]) -> Vec<Row> {
    let row = |fact: &Fact| Row { name: fact.name, cells: exchanges.iter().map(|known| (fact.of)(known)).collect() };
    FACTS.iter().map(row).collect()
}

/// What the matrix shows, in its order.
const FACTS: &[Fact] = &[
    Fact { name: "market", of: |known| kind(known.kind) },
    Fact { name: "trading", of: |known| if known.can_trade() { yes(true) } else { "market data only".to_owned() } },
    Fact { name: "missing for trading", of: |known| list(known.missing.0) },
    Fact { name: "book stream", of: |known| yes(known.market.book_stream) },
    Fact { name: "sequence rule", of: |known| known.market.sequence_rule.to_owned() },
    Fact { name: "snapshot depths", of: |known| list(known.market.snapshot_depths) },
    Fact { name: "trades", of: |known| yes(known.market.trade_stream) },
    Fact { name: "aggregated trades", of: |known| yes(known.market.aggregate_trade_stream) },
    Fact { name: "trade ids count up", of: |known| yes(known.market.trade_ids_count_up) },
    Fact { name: "best prices stream", of: |known| yes(known.market.best_prices_stream) },
    Fact { name: "candle intervals", of: |known| list(known.market.candle_intervals) },
    Fact { name: "candles by REST", of: |known| yes(known.market.candles) },
    Fact { name: "recent trades by REST", of: |known| yes(known.market.recent_trades) },
    Fact { name: "24 h ticker", of: |known| yes(known.market.ticker_24h) },
    Fact { name: "last prices in bulk", of: |known| yes(known.market.bulk_last_prices) },
    Fact { name: "best prices in bulk", of: |known| yes(known.market.bulk_best_prices) },
    Fact { name: "notice before closing", of: |known| yes(known.market.shutdown_notice) },
    Fact { name: "position modes", of: |known| perpetual(known, |offers| list(offers.position_modes)) },
    Fact { name: "margin modes", of: |known| perpetual(known, |offers| list(offers.margin_modes)) },
    Fact { name: "leverage can be set", of: |known| perpetual(known, |offers| yes(offers.set_leverage)) },
    Fact { name: "funding stream", of: |known| perpetual(known, |offers| yes(offers.funding_stream)) },
    Fact { name: "order types", of: |known| trading(known, |offers| list(offers.order_types)) },
    Fact { name: "times in force", of: |known| trading(known, |offers| list(offers.time_in_force)) },
    Fact { name: "order socket", of: |known| trading(known, |offers| yes(offers.order_socket)) },
    Fact { name: "amend quantity, price", of: |known| trading(known, amend) },
    Fact { name: "balance stream", of: |known| trading(known, |offers| balances(offers.balance_stream)) },
    Fact {
        name: "environments",
        of: |known| list(&known.environments.iter().map(|known| known.name).collect::<Vec<_>>()),
    },
];

/// What is said of something that only perpetuals have.
fn perpetual(known: &Capabilities, say: fn(&PerpetualCapabilities) -> String) -> String {
    known.perpetual.as_ref().map_or_else(|| "-".to_owned(), say)
}

/// What is said of something that only an exchange to trade on has.
fn trading(known: &Capabilities, say: fn(&TradingCapabilities) -> String) -> String {
    known.trading.as_ref().map_or_else(|| "-".to_owned(), say)
}

fn amend(offers: &TradingCapabilities) -> String {
    format!("{}, {}", yes(offers.amend_quantity), yes(offers.amend_price))
}

fn balances(stream: BalanceStream) -> String {
    match stream {
        BalanceStream::Whole => "yes",
        BalanceStream::Totals => "totals",
        BalanceStream::None => "no",
    }
    .to_owned()
}

fn yes(is: bool) -> String {
    if is { "yes" } else { "no" }.to_owned()
}

fn kind(kind: MarketKind) -> String {
    match kind {
        MarketKind::Spot => "spot",
        MarketKind::LinearPerpetual => "linear perpetual",
        MarketKind::InversePerpetual => "inverse perpetual",
        _ => "other",
    }
    .to_owned()
}

fn list(items: &[impl ToString]) -> String {
    if items.is_empty() {
        return "none".to_owned();
    }
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The matrix as the documentation shows it, and the environments with their addresses.
fn markdown(exchanges: &[&Capabilities]) -> String {
    let head = exchanges.iter().map(|known| format!(" `{}` |", known.exchange)).collect::<String>();
    let mut text = format!("| |{head}\n|---|{}\n", "---|".repeat(exchanges.len()));
    for row in rows(exchanges) {
        let cells = row.cells.iter().map(|cell| format!(" {cell} |")).collect::<String>();
        text += &format!("| {} |{cells}\n", row.name);
    }
    text += "\n| exchange | environment | REST | streams |\n|---|---|---|---|\n";
    for known in exchanges {
        for environment in known.environments {
            let (name, rest, ws) = (environment.name, environment.rest, environment.ws);
            text += &format!("| `{}` | `{name}` | `{rest}` | `{ws}` |\n", known.exchange);
        }
    }
    text
}

fn plain(exchanges: &[&Capabilities]) -> String {
    let mut text = String::new();
    for (at, known) in exchanges.iter().enumerate() {
        text += &format!("{}\n", known.exchange);
        for row in rows(exchanges) {
            text += &format!("  {:<22}  {}\n", row.name, row.cells[at]);
        }
        for environment in known.environments {
            text += &format!("    {:<20}  {}  {}\n", environment.name, environment.rest, environment.ws);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_holds_every_declared_fact() {
        let all = tradewire::exchanges();
        let (markdown, plain) = (markdown(&all), plain(&all));
        for known in all {
            for environment in known.environments {
                assert!(markdown.contains(environment.rest) && plain.contains(environment.ws));
            }
            assert!(markdown.contains(known.market.sequence_rule) && plain.contains(known.exchange));
            let declared = serde_json::to_value(&known.market).expect("JSON");
            let declared = declared.as_object().expect("an object").len();
            assert_eq!(FACTS.len(), declared + 13, "a declared fact without a row, or a row without a fact");
        }
    }
}
