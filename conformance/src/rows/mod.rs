//! All rows, by group.

mod auth;
mod auth_clock;
mod auth_refused;
mod bal;
mod book;
mod book_live;
mod cap;
mod cap_orders;
mod cap_trading;
mod conf;
mod conf_orders;
mod err;
mod err_orders;
mod fill;
mod life;
mod life_account;
mod life_day;
mod limit;
mod limit_orders;
mod mkt;
mod mkt_streams;
mod nobal;
mod nobal_contract;
mod nobal_flow;
mod ord;
mod ord_cancel;
mod ord_dead_man;
mod ord_hands;
mod ord_received;
mod ord_reports;
mod ord_unknown;
mod perp;
mod perp_force;
mod perp_funding;
mod perp_orders;
mod perp_settings;
mod private;
mod recon;
mod recon_polls;
mod recon_record;
mod recon_restart;
mod rule;
mod rule_orders;
mod sec;
mod sec_account;
mod sec_memory;
mod user;
mod user_connections;
mod user_keys;

use crate::{Component, Row};

/// Every row there is, in the order of the ids.
pub fn all() -> impl Iterator<Item = &'static Row> + Clone {
    let groups = [
        auth::ROWS,
        sec::ROWS,
        conf::ROWS,
        limit::ROWS,
        err::ROWS,
        book::ROWS,
        rule::ROWS,
        mkt::ROWS,
        user::ROWS,
        ord::ROWS,
        ord_cancel::ROWS,
        fill::ROWS,
        recon::ROWS,
        bal::ROWS,
        life::ROWS,
        cap::ROWS,
        perp::ROWS,
        nobal::ROWS,
    ];
    groups.into_iter().flatten()
}

/// The documentation's page about all behaviours: id, text, and where each runs.
pub fn document() -> String {
    let mut page = String::from(HEAD);
    for component in Component::ALL {
        page += &format!("\n## {component}\n\n| id | behaviour | runs |\n|---|---|---|\n");
        for row in all().filter(|row| row.component() == component) {
            let runs = match row.need() {
                Some(need) => format!("not yet: needs {need}"),
                None => row.occasions().to_owned(),
            };
            page += &format!("| {} | {} | {runs} |\n", row.id, row.text.replace('|', "\\|"));
        }
    }
    page
}

const HEAD: &str = "\
# Behaviours

What every connector shows. Each row is run against the simulated exchange over its real wire protocol, in virtual time:
`tradewire conform EXCHANGE`, or `--component NAME` for one of the stages below. A row is reported as *passed*, *failed* (with
what was expected and what happened), *refused as declared* (the exchange does not offer it, and it is refused before anything
is sent) or *not run* (with what is needed). Rows with chance in them run with 20 seeds. After every row everything is stopped;
no task and no socket may be left, the server may have seen only the requests that the row allows, valid books equal the
exchange's own, and the stream of events fits its grammar.

This page is printed by the suite: `cargo run -p tradewire-conformance --example behaviours > docs/behaviours.md`.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_has_one_row_in_its_place() {
        let rows: Vec<_> = all().map(|row| row.id.to_owned()).collect();
        assert_eq!(crate::ids::of(|_| true).collect::<Vec<_>>(), rows);
    }

    #[test]
    fn the_page_in_the_documentation_is_this_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/behaviours.md");
        let page = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            page == document(),
            "print it anew: cargo run -p tradewire-conformance --example behaviours > docs/behaviours.md"
        );
    }
}
