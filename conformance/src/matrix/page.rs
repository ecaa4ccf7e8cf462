use super::cell::Line;
use super::command::Command;
use super::moment::Moment;
use super::particular::Particular;
use super::trouble::Trouble;

/// The documentation's page about what becomes of orders when commands meet faults.
pub fn document() -> String {
    let mut page = String::from(HEAD);
    page += "\n| fault | what happens |\n|---|---|\n";
    for trouble in Trouble::ALL {
        let (name, text) = trouble.words();
        page += &format!("| {name} | {text} |\n");
    }
    for command in Command::ALL {
        page += &format!("\n## {}\n\n{}\n\n", command.name(), command.scene());
        page += &table(command.lines());
    }
    Particular::ALL.iter().for_each(|exchange| page += &section(exchange));
    page
}

fn table<'a>(lines: impl IntoIterator<Item = &'a Line>) -> String {
    let [before, during, after] = Moment::ALL.map(Moment::name);
    let head = format!("| fault | {before} | {during} | {after} |\n|---|---|---|---|\n");
    lines.into_iter().fold(head, |table, line| {
        let [before, during, after] = line.1;
        table + &format!("| {} | {before} | {during} | {after} |\n", line.0.words().0)
    })
}

/// What an exchange is particular in.
fn section(of: &Particular) -> String {
    let mut section = format!("\n## {}\n", of.exchange);
    if of.lines.is_empty() {
        section += "\nAs above.\n";
    }
    for command in Command::ALL.into_iter().filter(|command| of.differing(*command).next().is_some()) {
        section +=
            &format!("\n{}, where it differs from the above:\n\n{}", command.name(), table(of.differing(command)));
    }
    section
}

const HEAD: &str = "\
# What becomes of orders

What the caller of an order command is given, what the order's events are and how it ends, when the command meets a fault.
Every cell is played against the simulated exchange, with commands by REST and by a socket; afterwards orders, fills and balances
equal the exchange's own books, no order was sent twice, and everything is ready again. A cell says

    outcome; events; end

*Outcome*: `Ok`; `NotSent(kind)`, nothing reached the exchange; `Rejected(kind)`, the exchange refused; `Unknown`, there is no proof
either way: the order stays tracked and is asked for until there is. *Events* are those of the order from its beginning. *End* is its
state once the fault is over, which is the exchange's own. Where the socket differs, its cell follows.

*Before*: the fault is in force when the command starts; requests and reports are struck for 10 s, whatever they are about.
*During*: it strikes the command itself, or the first report of it, or it comes while the answer is on its way. *After*: it comes right
after the reply, and then a part of the order is filled if it is live: the fill is not lost. Where the private stream keeps silent about
it without a sign, the next poll finds it, 2 minutes later at most. A key that was revoked is made good again, and used again 5 minutes
later at most.

The tables are those of all exchanges; what one of them is particular in follows at the end.

This page is printed by the suite: `cargo run -p tradewire-conformance --example order_outcomes > docs/order-outcomes.md`.

## Faults
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_in_the_documentation_is_this_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/order-outcomes.md");
        let page = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            page == document(),
            "print it anew: cargo run -p tradewire-conformance --example order_outcomes > docs/order-outcomes.md"
        );
    }

    #[test]
    fn every_command_meets_every_fault() {
        for command in Command::ALL {
            let met: Vec<_> = command.lines().iter().map(|line| line.0).collect();
            assert_eq!(met, Trouble::ALL, "{}", command.name());
        }
    }

    #[test]
    fn an_exchange_differs_once_in_what_differs() {
        for exchange in Particular::ALL {
            for (command, line) in exchange.lines {
                let of_fault = exchange.differing(*command).filter(|other| other.0 == line.0);
                let common = command.lines().iter().find(|common| common.0 == line.0);
                let same = common.is_some_and(|common| format!("{common:?}") == format!("{line:?}"));
                assert!(of_fault.count() == 1 && !same, "{} {} {:?}", exchange.exchange, command.name(), line.0);
            }
        }
    }
}
