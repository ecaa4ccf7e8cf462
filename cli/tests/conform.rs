//! The conformance suite from the command line.

mod common;

use common::{tradewire, unread};

#[test]
fn one_behaviour_in_every_format() {
    let run = |format: &str| tradewire(&["conform", "binance-spot", "--id", "BOOK-01", "--format", format]);
    let json = run("json");
    assert_eq!((json.status, json.stderr.as_str()), (Some(0), ""));
    let rows = json.json();
    assert_eq!((rows.len(), &rows[0]["id"], &rows[0]["status"]), (1, &"BOOK-01".into(), &"passed".into()));
    let short = tradewire(&["conform", "binance-spot", "--id", "BOOK-01", "--json"]);
    assert_eq!(short.json()[0]["id"], "BOOK-01");
    let text = run("text").stdout;
    assert!(text.contains("BOOK-01") && text.contains("passed"), "{text}");
    assert!(run("junit").stdout.starts_with("<?xml"));
}

#[test]
fn a_stage_in_which_nothing_ran_is_a_failure() {
    let run = tradewire(&["conform", "binance-spot", "--component", "perpetual", "--format", "json"]);
    assert_eq!((run.status, run.stderr.lines().count()), (Some(1), 1), "{}", run.stderr);
    assert!(run.json().iter().all(|row| row["status"] == "not_run" && row["reason"].is_string()));
}

#[test]
fn failures_are_failures_where_nobody_reads_of_them() {
    assert_eq!(unread(&["conform", "binance-spot", "--component", "perpetual"]), Some(1));
    assert_eq!(unread(&["conform", "binance-spot", "--id", "BOOK-01"]), Some(0));
}
