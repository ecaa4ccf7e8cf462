//! `tradewire exchanges`: the capability matrix, from the declarations.

use tradewire::{Capabilities, MarketKind};

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
    let text = if args.markdown { markdown(&chosen) } else { plain(&chosen) };
    output::line(text.trim_end())
}

/// One row of the matrix: what it is about, and what each exchange says.
struct Row {
    name: &'static str,
    cells: Vec<String>,
}

fn rows(exchanges: &[&Capabilities]) -> Vec<Row> {
    FACTS.iter().map(|(name, fact)| Row { name, cells: exchanges.iter().map(|known| fact(known)).collect() }).collect()
}

/// What the matrix shows: a name, and how a declaration answers it.
const FACTS: &[(&str, fn(&Capabilities) -> String)] = &[
    ("market", |known| kind(known.kind)),
    ("trading", |known| if known.trading() { yes(true) } else { "market data only".to_owned() }),
    ("missing for trading", |known| list(known.missing.0)),
    ("book stream", |known| yes(known.market.book_stream)),
    ("sequence rule", |known| known.market.sequence_rule.to_owned()),
    ("snapshot depths", |known| list(known.market.snapshot_depths)),
    ("trades", |known| yes(known.market.trade_stream)),
    ("aggregated trades", |known| yes(known.market.aggregate_trade_stream)),
    ("trade ids count up", |known| yes(known.market.trade_ids_count_up)),
    ("best prices stream", |known| yes(known.market.best_prices_stream)),
    ("candle intervals", |known| list(known.market.candle_intervals)),
    ("candles by REST", |known| yes(known.market.candles)),
    ("recent trades by REST", |known| yes(known.market.recent_trades)),
    ("24 h ticker", |known| yes(known.market.ticker_24h)),
    ("last prices in bulk", |known| yes(known.market.bulk_last_prices)),
    ("best prices in bulk", |known| yes(known.market.bulk_best_prices)),
    ("notice before closing", |known| yes(known.market.shutdown_notice)),
    ("environments", |known| list(&known.environments.iter().map(|known| known.name).collect::<Vec<_>>())),
];

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
            assert_eq!(FACTS.len(), declared + 4, "a declared fact without a row, or a row without a fact");
        }
    }
}
