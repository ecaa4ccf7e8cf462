//! All rows, by group.

mod book;
mod book_live;
mod cap;
mod conf;
mod err;
mod life;
mod limit;
mod mkt;
mod mkt_streams;
mod rule;
mod sec;
mod unbuilt;

use crate::Row;

/// Every row there is, in the order of the ids.
pub fn all() -> impl Iterator<Item = &'static Row> + Clone {
    let groups = [
        unbuilt::AUTH,
        sec::ROWS,
        conf::ROWS,
        limit::ROWS,
        err::ROWS,
        book::ROWS,
        rule::ROWS,
        mkt::ROWS,
        unbuilt::ACCOUNT,
        life::ROWS,
        cap::ROWS,
        unbuilt::DERIVATIVES,
    ];
    groups.into_iter().flatten()
}

/// The table of all behaviours for the documentation: id, text, and where each runs.
pub fn table() -> String {
    let mut table = String::from("| id | behaviour | where it runs |\n|---|---|---|\n");
    for row in all() {
        let runs = match row.need() {
            Some(need) => format!("not yet: needs {need}"),
            None => format!("`--component {}`", row.component()),
        };
        table += &format!("| {} | {} | {runs} |\n", row.id, row.text.replace('|', "\\|"));
    }
    table
}
