//! A journal as seen from the shell, while a connector writes it.

mod sample;

use sample::{accept, at, fill, open, pair, submit, trade};
use tempfile::TempDir;
use tradewire_core::{EndReason, ErrorKind, Fee, OrderState};
use tradewire_journal::{ExportFormat, FillFilter, JournalReader, OrderFilter, SqliteJournal};
use tradewire_tracking::{Durability, Journal, OrderRecord, Record};

/// Two accounts: `main` with two orders on BTC and one on ETH, `other` with one order.
fn journals(folder: &TempDir) -> [SqliteJournal; 2] {
    let open_account = |account| {
        SqliteJournal::open(folder.path().join("journal.db"), account, Durability::Process).expect("a journal")
    };
    let [main, other] = ["main", "other"].map(open_account);
    main.write(&[submit(1, 1), accept(2, 1), trade(3, 1, 10), submit(4, 2)]).expect("written");
    let ether = ether();
    let mut bought = fill(&ether, 1);
    bought.fee = None;
    bought.liquidity = None;
    main.write(&[Record { orders: vec![ether], fills: vec![bought], ..Record::default() }]).expect("written");
    other.write(&[submit(1, 1), trade(2, 1, 1)]).expect("written");
    [main, other]
}

fn ether() -> OrderRecord {
    let mut record = open(3);
    record.order.symbol = "ETHUSDT".into();
    record.order.pair = "ETH-USDT".parse().ok();
    record.order.client_order_id = "with, a comma and \"quotes\"".into();
    record.order.state = OrderState::Cancelled;
    record.order.reason = Some(EndReason::Refused(ErrorKind::FilterFailure));
    record.order.fees =
        [("BNB".into(), "0.10".parse().expect("a fee")), ("USDT".into(), "2".parse().expect("a fee"))].into();
    record
}

fn reader(folder: &TempDir) -> JournalReader {
    JournalReader::open(folder.path().join("journal.db")).expect("a reader")
}

#[test]
fn accounts_orders_fills_and_events_are_listed() {
    let folder = tempfile::tempdir().expect("a folder");
    let [main, _other] = journals(&folder);
    let reader = reader(&folder);
    assert_eq!(reader.accounts().expect("reads"), ["main", "other"]);
    let orders = |filter: OrderFilter| -> Vec<_> {
        let orders = reader.orders(&filter).expect("reads");
        orders.iter().map(|order| format!("{} {}", order.account, order.entry.number)).collect()
    };
    assert_eq!(orders(OrderFilter::default()), ["main 1", "main 2", "main 3", "other 1"]);
    assert_eq!(orders(OrderFilter { live_only: true, ..Default::default() }), ["main 2", "other 1"]);
    let bitcoin = OrderFilter { account: Some("main".into()), pair: Some(pair()), live_only: false };
    assert_eq!(orders(bitcoin), ["main 1", "main 2"]);

    let fills = |filter: FillFilter| reader.fills(&filter).expect("reads").len();
    assert_eq!(fills(FillFilter::default()), 3);
    assert_eq!(fills(FillFilter { pair: Some(pair()), ..Default::default() }), 2);
    assert_eq!(fills(FillFilter { account: Some("main".into()), since: Some(at(2)), ..Default::default() }), 1);

    let events = reader.events("main", 1, 2).expect("reads");
    assert_eq!(events, main.events(1, 2).expect("reads"));
    main.write(&[accept(5, 2)]).expect("written");
    assert_eq!(reader.events("main", 4, 10).expect("reads").len(), 1, "the reader sees what was written since");
    let unknown = reader.events("nobody", 0, 1).expect_err("no such account");
    assert!(unknown.to_string().contains("no account 'nobody', file") && unknown.to_string().contains("main, other"));
}

#[test]
fn an_order_is_shown_by_either_id() {
    let folder = tempfile::tempdir().expect("a folder");
    let _journals = journals(&folder);
    let reader = reader(&folder);
    let order = open(1).order;
    for id in [order.client_order_id.as_str(), order.exchange_order_id.as_ref().expect("an id").as_str()] {
        let found = reader.order(id).expect("reads");
        let shown: Vec<_> = found.iter().map(|order| (&*order.account, order.entry.fills.len())).collect();
        assert_eq!(shown, [("main", 1), ("other", 1)]);
    }
    assert!(reader.order("nothing").expect("reads").is_empty());
}

#[test]
fn orders_are_exported() {
    let folder = tempfile::tempdir().expect("a folder");
    let _journals = journals(&folder);
    let reader = reader(&folder);
    let filter = OrderFilter { account: Some("main".into()), pair: "ETH-USDT".parse().ok(), live_only: false };
    let mut csv = Vec::new();
    assert_eq!(reader.export_orders(&filter, ExportFormat::Csv, &mut csv).expect("written"), 1);
    let csv = String::from_utf8(csv).expect("text");
    let (columns, row) = csv.split_once("\r\n").expect("a line of names");
    assert_eq!(columns.split(',').count(), 22);
    assert_eq!(
        row,
        "main,3,ETHUSDT,ETH-USDT,\"with, a comma and \"\"quotes\"\"\",30000003,own,buy,limit,gtc,61837.63,10,,cancelled,\
         \"{\"\"refused\"\":\"\"filter-failure\"\"}\",0,0,,0.1 BNB 2 USDT,2026-05-28T20:26:43Z,2026-05-28T20:26:43Z,\r\n"
    );
    let mut json = Vec::new();
    let all = OrderFilter::default();
    assert_eq!(reader.export_orders(&all, ExportFormat::JsonLines, &mut json).expect("written"), 4);
    let lines: Vec<serde_json::Value> =
        json.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[2]["account"], "main");
    assert_eq!(lines[2]["order"]["price"], "61837.63");
}

#[test]
fn fills_are_exported() {
    let folder = tempfile::tempdir().expect("a folder");
    let [main, _other] = journals(&folder);
    let mut corrected = fill(&open(1), 3);
    corrected.fee = Some(Fee { amount: "-0.000100".parse().expect("a fee"), asset: "BNB".into() });
    main.write(&[Record { fills: vec![corrected], ..Record::default() }]).expect("written");
    let reader = reader(&folder);
    let filter = FillFilter { account: Some("main".into()), ..Default::default() };
    let mut csv = Vec::new();
    assert_eq!(reader.export_fills(&filter, ExportFormat::Csv, &mut csv).expect("written"), 2);
    let csv = String::from_utf8(csv).expect("text");
    let rows: Vec<_> = csv.split("\r\n").collect();
    assert_eq!(rows[0].split(',').count(), 17);
    assert_eq!(
        rows[1],
        "main,2026-05-28T20:26:41Z,BTCUSDT,BTC-USDT,buy,61837.63,1,61837.63,-0.0001,BNB,true,maker,70000003,\
         tw-k3f9a2-00000001,30000001,stream,false"
    );
    assert!(rows[2].contains(",61837.63,,,true,,70000001,\"with"), "what is not known is empty: {}", rows[2]);
    let mut json = Vec::new();
    reader.export_fills(&filter, ExportFormat::JsonLines, &mut json).expect("written");
    let first: serde_json::Value =
        serde_json::from_slice(json.split(|byte| *byte == b'\n').next().expect("a line")).expect("JSON");
    assert_eq!((first["fee"]["amount"].as_str(), first["account"].as_str()), (Some("-0.000100"), Some("main")));
}

#[test]
fn other_programs_can_ask_by_column() {
    let folder = tempfile::tempdir().expect("a folder");
    let _journals = journals(&folder);
    let other = rusqlite::Connection::open(folder.path().join("journal.db")).expect("another program");
    let ask = |sql: &str| other.query_row(sql, [], |row| row.get::<_, String>(0)).expect(sql);
    assert_eq!(ask("SELECT price FROM fills WHERE account = 'main' AND pair = 'ETH-USDT'"), "61837.63");
    assert_eq!(
        ask("SELECT group_concat(number || ' ' || state) FROM orders WHERE account = 'main'"),
        "1 filled,2 pending-submit,3 cancelled"
    );
    assert_eq!(ask("SELECT json ->> '$.change.fill.quantity' FROM events WHERE account = 'main' AND number = 3"), "1");
    assert_eq!(ask("SELECT total FROM balances WHERE account = 'main' AND asset = 'BTC'"), "10");
    assert_eq!(ask("SELECT count(*) || '' FROM facts"), "0");
}

#[test]
fn an_export_that_nobody_takes_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let _journals = journals(&folder);
    for format in [ExportFormat::Csv, ExportFormat::JsonLines] {
        let mut full: &mut [u8] = &mut [0; 40];
        let error = reader(&folder).export_fills(&FillFilter::default(), format, &mut full).expect_err("full");
        assert_eq!(error.kind(), ErrorKind::Io);
    }
}
