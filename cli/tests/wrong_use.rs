//! Wrong use ends with status 2 and failures with 1, each with one clear line.

mod common;

use common::{Simulated, tradewire};

#[test]
fn wrong_words_are_quoted_with_their_place_and_the_nearest_valid_one() {
    let table: &[(&[&str], &[&str])] = &[
        (&["bok"], &["'bok'", "'book'"]),
        (&["book", "binance-spt", "BTC-USDT"], &["'binance-spt'", "EXCHANGE", "'binance-spot'"]),
        (&["book", "binance-spot", "BTCUSDT"], &["'BTCUSDT'", "PAIR", "'BTC-USDT'"]),
        (&["book", "binance-spot", "BTC-USDT", "--jsn"], &["'--jsn'", "book", "'--json'"]),
        (&["book", "binance-spot", "BTC-USDT", "--environment", "tesnet"], &["'tesnet'", "'testnet'"]),
        (&["book", "binance-spot", "BTC-USDT", "--seconds", "0"], &["'0'", "--seconds"]),
        (&["book", "binance-spot"], &["PAIR", "book"]),
        (&["book", "binance-spot", "BTC-USDT", "--rest", "http://127.0.0.1:1"], &["--ws"]),
        (&["book", "binance-spot", "BTC-USDT", "--rest", "x", "--ws", "ws://127.0.0.1:1"], &["'x'", "--rest"]),
        (&["simulate", "--exchange", "binance-spot", "--clock", "wal"], &["'wal'", "--clock", "'wall'"]),
        (&["simulate", "--exchange", "binance-spot", "--pairs", "BTC-USDT,ETHUSDT"], &["'ETHUSDT'", "'ETH-USDT'"]),
        (&["simulate", "binance-spot"], &["'binance-spot'", "simulate", "'--exchange binance-spot'"]),
        (&["simulate", "--exchange", "binance"], &["'binance'", "--exchange", "'binance-spot'"]),
        (&["replay", "x.jsonl", "--exchange", "binance-spot", "--pair", "BTC"], &["'BTC'", "--pair"]),
        (&["demo", "--exchange", "binance-sopt"], &["'binance-sopt'", "--exchange", "'binance-spot'"]),
        (&["conform", "binance-spot", "--component", "order-bok"], &["'order-bok'", "--component", "'order-book'"]),
        (&["new-exchange", "Acme"], &["'Acme'", "NAME", "'acme'"]),
        (&["new-exchange", "error"], &["'error'", "Error"]),
        (&["new-exchange", "acme", "--like", "bybt"], &["'bybt'", "--like", "'bybit'"]),
        (&["new-exchange", "acme", "--dir", "src"], &["src", "not empty"]),
        (&["exchanges", "--json", "--markdown"], &["--json", "--markdown"]),
        (&["exchanges", "--log", "=x=,y"], &["'=x=,y'", "--log"]),
        (&[], &["command", "demo"]),
    ];
    for (args, words) in table {
        tradewire(args).refused(2, words);
    }
}

#[test]
fn a_mixture_of_environment_and_own_addresses_is_refused() {
    let mixed = ["book", "binance-spot", "BTC-USDT", "--environment", "testnet", "--rest", "http://127.0.0.1:1"];
    tradewire(&[&mixed[..], &["--ws", "ws://127.0.0.1:1"]].concat()).refused(2, &["--environment", "--rest"]);
}

#[test]
fn help_and_version_are_no_failures() {
    for args in [&["--help"][..], &["book", "--help"], &["--version"], &["help", "demo"]] {
        let run = tradewire(args);
        assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{args:?}");
        assert!(run.stdout.contains("tradewire"), "{args:?}");
    }
}

#[test]
fn a_file_of_faults_that_cannot_be_read_is_named_with_the_entry() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("faults.json");
    for (text, words) in [("{", ["not JSON", "line 1"]), (r#"[{"kind":"drop"},{"kind":"moon"}]"#, ["fault 2", "moon"])]
    {
        std::fs::write(&file, text).expect("written");
        let run = tradewire(&["simulate", "--exchange", "binance-spot", "--faults", file.to_str().expect("UTF-8")]);
        run.refused(1, &[&words[..], &["faults.json"]].concat());
        assert!(!run.stderr.contains("fault 0"), "{}", run.stderr);
    }
}

#[test]
fn an_address_where_nobody_listens_fails_with_the_part_and_the_reason() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let (rest, ws) = (format!("http://{nobody}"), format!("ws://{nobody}"));
    let run = tradewire(&["book", "binance-spot", "BTC-USDT", "--rest", &rest, "--ws", &ws, "--wait", "4"]);
    let lines: Vec<_> = run.stderr.lines().collect();
    let [at_once, at_last] = lines[..] else { panic!("two lines: {}", run.stderr) };
    let nobody = nobody.to_string();
    for (line, words) in [
        (at_once, [&*nobody, "Connection refused", "trying again for 4 s"]),
        (at_last, [&*nobody, "not ready within 4 s: clock", "books"]),
    ] {
        assert!(words.iter().all(|word| line.contains(word)), "{line}");
    }
    assert_eq!((run.status, run.stdout.as_str()), (Some(1), ""));
}

#[test]
fn a_stream_address_where_nobody_listens_leaves_the_books_unready() {
    let simulated = Simulated::start(&[]);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let ws = format!("ws://{nobody}");
    let run = tradewire(&["book", "binance-spot", "BTC-USDT", "--rest", &simulated.rest, "--ws", &ws, "--wait", "2"]);
    run.refused(1, &["not ready within 2 s: books", &nobody.to_string()]);
}

#[test]
fn a_pair_that_the_exchange_does_not_list_fails_with_the_nearest() {
    let simulated = Simulated::start(&[]);
    simulated.tradewire(&["book", "binance-spot", "BTC-USDX"]).refused(1, &["BTC-USDX", "BTC-USDT"]);
}

#[test]
fn a_port_in_use_and_unreadable_faults_fail() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let simulate = ["simulate", "--exchange", "binance-spot"];
    tradewire(&[&simulate[..], &["--port", &port]].concat()).refused(1, &[&port, "in use"]);

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("faults.json");
    std::fs::write(&file, r#"[{"kind":"drop"},{"kind":"dropp"}]"#).expect("written");
    let file = file.to_str().expect("UTF-8");
    tradewire(&[&simulate[..], &["--faults", file]].concat()).refused(1, &[file, "fault 2", "dropp"]);
    tradewire(&[&simulate[..], &["--faults", "no such file"]].concat()).refused(1, &["no such file"]);
}
