//! `tradewire exchanges`: the capability matrix, from the declarations.

mod facts;

use tradewire::Capabilities;

use facts::{ABSENT, Fact, GROUPS, Group};

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

fn rows(group: &Group, exchanges: &[&Capabilities]) -> Vec<Row> {
    let row = |fact: &Fact| Row { name: fact.name, cells: exchanges.iter().map(|known| (fact.of)(known)).collect() };
    group.facts.iter().map(row).collect()
}

/// Those of the exchanges that have anything of a group.
fn having<'a>(group: &Group, exchanges: &[&'a Capabilities]) -> Vec<&'a Capabilities> {
    let has = |known: &&Capabilities| group.facts.iter().any(|fact| (fact.of)(known) != ABSENT);
    exchanges.iter().copied().filter(has).collect()
}

/// The matrix as the documentation shows it, and the environments with their addresses.
fn markdown(exchanges: &[&Capabilities]) -> String {
    let mut text = String::new();
    for group in GROUPS {
        let of = having(group, exchanges);
        if of.is_empty() {
            continue;
        }
        let head = of.iter().map(|known| format!(" `{}` |", known.exchange)).collect::<String>();
        text += &format!("| {} |{head}\n|---|{}\n", group.name, "---|".repeat(of.len()));
        for row in rows(group, &of) {
            let cells = row.cells.iter().map(|cell| format!(" {cell} |")).collect::<String>();
            text += &format!("| {} |{cells}\n", row.name);
        }
        text += "\n";
    }
    text += "| exchange | environment | REST | streams |\n|---|---|---|---|\n";
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
    for known in exchanges {
        text += &format!("{}\n", known.exchange);
        for group in GROUPS {
            for Row { name, cells } in having(group, &[known]).into_iter().flat_map(|known| rows(group, &[known])) {
                text += &format!("  {:<9}  {name:<30}  {}\n", group.name, cells.concat());
            }
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
    fn the_matrix_holds_every_exchange_and_its_addresses() {
        let all = tradewire::exchanges();
        let (markdown, plain) = (markdown(&all), plain(&all));
        for known in all {
            for environment in known.environments {
                assert!(markdown.contains(environment.rest) && plain.contains(environment.ws));
            }
            assert!(markdown.contains(known.market.sequence_rule) && plain.contains(known.exchange));
        }
    }
}
