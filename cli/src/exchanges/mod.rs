//! `tradewire exchanges`: the capability matrix, from the declarations.

mod facts;

use tradewire::Capabilities;

use facts::{ABSENT, Fact, GROUPS, Group, OVERVIEW};

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
    let real = || chosen.iter().copied().filter(|known| !known.fictional).collect::<Vec<_>>();
    let text = match (args.markdown, args.overview) {
        (true, true) => overview(&real()),
        (true, false) => markdown(&real()),
        (false, _) => plain(&chosen),
    };
    output::line(text.trim_end())
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
        text += &table(group.name, &of, group.facts.iter());
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

/// What differs most, in one table.
fn overview(exchanges: &[&Capabilities]) -> String {
    let facts = GROUPS.iter().flat_map(|group| group.facts);
    table("", exchanges, facts.filter(|fact| OVERVIEW.contains(&fact.field)))
}

fn table<'a>(name: &str, of: &[&Capabilities], facts: impl Iterator<Item = &'a Fact>) -> String {
    let head = of.iter().map(|known| format!(" `{}` |", known.exchange)).collect::<String>();
    let mut text = format!("| {name} |{head}\n|---|{}\n", "---|".repeat(of.len()));
    for fact in facts {
        let cells = of.iter().map(|known| format!(" {} |", (fact.of)(known))).collect::<String>();
        text += &format!("| {} |{cells}\n", fact.name);
    }
    text
}

fn plain(exchanges: &[&Capabilities]) -> String {
    let mut text = String::new();
    for known in exchanges {
        text += &format!("{}\n", known.exchange);
        for group in GROUPS {
            if having(group, &[known]).is_empty() {
                continue;
            }
            for fact in group.facts {
                text += &format!("  {:<9}  {:<30}  {}\n", group.name, fact.name, (fact.of)(known));
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
        assert_eq!(overview(&tradewire::exchanges()).lines().count(), OVERVIEW.len() + 2, "every row of it");
    }
}
