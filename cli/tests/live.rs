//! Commands that follow a simulated exchange.

mod common;

use common::{Simulated, tradewire};
use serde_json::Value;

#[test]
fn the_first_line_of_simulate_says_where_it_is_and_what_it_lists() {
    let simulated = Simulated::start(&["--pairs", "BTC-USDT,ADA-EUR", "--seed", "7", "--clock", "virtual"]);
    let first = &simulated.first_line;
    assert_eq!(first["pairs"], serde_json::json!(["BTC-USDT", "ADA-EUR"]));
    assert!(simulated.rest.starts_with("http://127.0.0.1:") && simulated.ws.starts_with("ws://127.0.0.1:"));
    assert!(first["control"].as_str().expect("an address").starts_with("http://127.0.0.1:"));
    simulated.running.interrupt();
    assert_eq!(simulated.running.end(), (Some(0), String::new()));
}

#[test]
fn books_as_json_lines() {
    let simulated = Simulated::start(&[]);
    let run = simulated.tradewire(&["book", "binance-spot", "BTC-USDT", "ETH-USDT", "--json", "--seconds", "2"]);
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""));
    let lines = run.json();
    let pairs: Vec<_> = lines.iter().map(|line| line["pair"].as_str().expect("a pair")).collect();
    assert!(pairs.contains(&"BTC-USDT") && pairs.contains(&"ETH-USDT"));
    for line in &lines {
        assert_eq!((&line["exchange"], &line["state"]), (&"binance-spot".into(), &"live".into()), "{line}");
        for number in [&line["bid"]["price"], &line["ask"]["quantity"], &line["spread"], &line["mid"]] {
            assert!(number.is_string(), "decimal text: {line}");
        }
        for count in ["update_id", "updates", "trades", "gaps", "recoveries"] {
            assert!(line[count].is_u64(), "{count}: {line}");
        }
    }
    let last = lines.last().expect("a line");
    assert!(last["updates"].as_u64() > Some(0) && last["latency_ms"].is_number(), "{last}");
}

#[test]
fn a_lost_book_shows_no_prices_and_says_why() {
    let faults = r#"[{"kind":"skip-update","pair":"BTC-USDT","nth":6},
                     {"kind":"status","status":500,"path":"/api/v3/depth","nth":2,"times":2}]"#;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("faults.json");
    std::fs::write(&file, faults).expect("written");
    let simulated = Simulated::start(&["--faults", file.to_str().expect("UTF-8")]);
    let mut book = simulated.running(&["book", "binance-spot", "BTC-USDT", "--json"]);
    let mut next = || serde_json::from_str::<Value>(&book.line()).expect("JSON");
    let lost = std::iter::repeat_with(&mut next).find(|line| line["state"] != "live").expect("a line");
    assert_eq!((&lost["state"], &lost["reason"]), (&"invalid".into(), &"sequence".into()), "{lost}");
    assert!(lost["bid"].is_null() && lost["mid"].is_null(), "{lost}");
    let healed = std::iter::repeat_with(&mut next).find(|line| line["state"] == "live").expect("a line");
    assert_eq!((&healed["gaps"], &healed["recoveries"]), (&1.into(), &1.into()), "{healed}");
    assert!(healed["bid"]["price"].is_string(), "{healed}");
}

#[test]
fn an_interrupt_is_a_clean_end() {
    let simulated = Simulated::start(&[]);
    let mut book = simulated.running(&["book", "binance-spot", "BTC-USDT"]);
    assert!(book.line().contains("live"));
    book.interrupt();
    assert_eq!(book.end(), (Some(0), String::new()));
}

#[test]
fn a_reader_that_leaves_ends_the_program_quietly() {
    let simulated = Simulated::start(&[]);
    let mut book = simulated.running(&["book", "binance-spot", "BTC-USDT", "--json"]);
    assert!(book.line().contains("live"));
    // Closing our end is all that the program learns.
    assert_eq!(book.end(), (Some(0), String::new()));
}

#[test]
fn a_demo_accounts_for_everything() {
    let run = tradewire(&["demo", "--exchange", "binance-spot", "--seconds", "5", "--json", "--seed", "3"]);
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{}", run.stdout);
    let lines = run.json();
    let of = |event: &str| lines.iter().filter(|line| line["event"] == event).collect::<Vec<_>>();
    assert_eq!(lines[0]["event"], "started");
    assert!(lines[0]["about"].as_str().expect("a text").contains("trades"));
    assert!(!of("fault").is_empty() && !of("book").is_empty() && of("difference").is_empty());

    let summary = lines.last().expect("a summary");
    assert_eq!((&summary["event"], &summary["ok"]), (&"summary".into(), &true.into()), "{summary}");
    assert_eq!((&summary["differences"], &summary["trades_unaccounted"]), (&0.into(), &0.into()), "{summary}");
    for count in ["updates", "trades", "checks", "recoveries"] {
        assert!(summary[count].as_u64() > Some(0), "{count}: {summary}");
    }
    let told: u64 = summary["gaps"].as_object().expect("by reason").values().filter_map(Value::as_u64).sum();
    assert_eq!(told, of("gap").len() as u64, "{summary}");
    assert_eq!(summary["recoveries"], of("recovered").len(), "{summary}");
    let account = &summary["accounts"][0];
    assert!(account["orders"].as_u64() > Some(0) && account["differences"] == serde_json::json!([]), "{summary}");
    for book in summary["books"].as_array().expect("books") {
        assert_eq!(book["state"], "live", "{summary}");
    }
}

#[test]
fn a_demo_for_people_ends_with_a_verdict() {
    let run = tradewire(&["demo", "--seconds", "3"]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("fault: the exchange") && run.stdout.ends_with("balance is accounted for.\n"));
}

#[test]
fn the_matrix_is_the_declaration_in_every_form() {
    let json = tradewire(&["exchanges", "--json"]);
    let (markdown, text) = (tradewire(&["exchanges", "--markdown"]), tradewire(&["exchanges"]));
    for exchange in json.json() {
        let name = exchange["exchange"].as_str().expect("a name");
        // The fictional exchange is no news to a reader of the README.
        let listed = !name.starts_with("example-");
        assert!(text.stdout.contains(name));
        assert_eq!(markdown.stdout.contains(&format!("`{name}`")), listed);
        for environment in exchange["environments"].as_array().expect("a list") {
            let rest = environment["rest"].as_str().expect("an address");
            assert!(text.stdout.contains(rest));
            assert_eq!(markdown.stdout.contains(rest), listed);
        }
        let one = tradewire(&["exchanges", name, "--json"]).json();
        assert_eq!(one, [exchange]);
    }
}
