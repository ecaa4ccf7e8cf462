//! Orders, fills, balances and requests from the shell, against a simulated exchange.
#![cfg(unix)]

mod common;

use std::path::Path;

use aws_lc_rs::hmac;
use common::User;
use common::trader::{Trader, told};
use serde_json::Value;

const EXCHANGE: &str = "binance-spot";

#[test]
fn an_order_is_placed_listed_shown_and_cancelled() {
    let trader = Trader::new("");
    let lines = trader.json("order place binance-spot BTC-USDT buy 0.0100 --price 30000.00 --client-order-id mine-1");
    let events: Vec<_> = lines.iter().filter_map(|line| line["event"].as_str()).collect();
    assert_eq!(events, ["pending", "open"]);
    let outcome = lines.last().expect("an outcome");
    assert_eq!((&outcome["outcome"], &outcome["client_order_id"]), (&"accepted".into(), &"mine-1".into()));
    let order = &outcome["order"];
    assert_eq!(
        (&order["price"], &order["quantity"], &order["state"]),
        (&"30000".into(), &"0.01".into(), &"open".into())
    );
    let exchange_id = order["exchange_order_id"].as_str().expect("an id");

    let listed = trader.json("order list binance-spot");
    assert_eq!((listed.len(), &listed[0]["client_order_id"]), (1, &"mine-1".into()));
    for id in ["mine-1", exchange_id] {
        let shown = &trader.json(&format!("order show binance-spot {id} --pair BTC-USDT"))[0];
        assert_eq!((&shown["client_order_id"], &shown["state"]), (&"mine-1".into(), &"open".into()), "{shown}");
    }
    let cancelled = &trader.json(&format!("order cancel binance-spot BTC-USDT {exchange_id}"))[0];
    assert_eq!((&cancelled["outcome"], &cancelled["order"]["state"]), (&"accepted".into(), &"cancelled".into()));
    assert!(trader.json("order list binance-spot").is_empty());
    let all = trader.json("order list binance-spot --all");
    assert_eq!((all.len(), &all[0]["state"], &all[0]["filled"]), (1, &"cancelled".into(), &"0".into()));

    let again = trader.run("order cancel binance-spot BTC-USDT mine-1");
    assert_eq!(again.status, Some(1));
    assert!(told(&again).contains("'mine-1' is not open") && told(&again).contains("cancelled"), "{}", told(&again));
}

#[test]
fn all_orders_of_a_pair_or_of_the_account_are_cancelled() {
    let trader = Trader::new("");
    for place in ["BTC-USDT buy 0.01 --price 30000", "BTC-USDT buy 0.02 --price 31000", "ETH-USDT buy 1 --price 1500"] {
        trader.json(&format!("order place binance-spot {place}"));
    }
    assert_eq!(trader.json("order cancel-all binance-spot BTC-USDT").len(), 2);
    assert_eq!(trader.json("order list binance-spot").len(), 1);
    assert_eq!(trader.json("order cancel-all binance-spot").len(), 1);
    assert!(trader.json("order cancel-all binance-spot").is_empty());
}

#[test]
fn fills_and_balances_are_the_exchanges_and_stay_in_the_journal() {
    let trader = Trader::new("");
    let before = balance(&trader, "BTC");
    let lines = trader.json("order place binance-spot BTC-USDT buy 0.01 --type market --client-order-id mine-1");
    let fills: Vec<_> = lines.iter().filter(|line| line["event"] == "fill").collect();
    assert!(!fills.is_empty() && lines.iter().any(|line| line["event"] == "completed"));
    assert_eq!(lines.last().expect("an outcome")["order"]["state"], "filled");
    assert_ne!(balance(&trader, "BTC"), before);

    let csv = trader.run("fills binance-spot --format csv");
    let rows: Vec<_> = csv.stdout.lines().map(|line| line.split(',').collect::<Vec<_>>()).collect();
    assert_eq!((csv.status, rows.len()), (Some(0), fills.len() + 1), "{}", csv.stdout);
    let column = |name| rows[0].iter().position(|known| *known == name).expect(name);
    for (row, fill) in rows[1..].iter().zip(&fills) {
        for name in ["price", "quantity", "fee", "trade_id", "client_order_id", "exchange_order_id"] {
            assert_eq!(row[column(name)], fill["fill"][name], "{name}");
        }
    }
    let shown = &trader.json("order show binance-spot mine-1")[0];
    assert_eq!(shown["fills"].as_array().map(Vec::len), Some(fills.len()));
    assert_eq!(trader.json("fills binance-spot ETH-USDT").len(), 0);

    let trader = trader.without_credentials();
    let recorded = trader.json("fills binance-spot");
    let ids = |fills: &[Value]| fills.iter().map(|fill| fill["trade_id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&recorded), fills.iter().map(|fill| fill["fill"]["trade_id"].clone()).collect::<Vec<_>>());
    assert_eq!(trader.json("order show binance-spot mine-1")[0]["fees"], shown["fees"]);
    assert_eq!(trader.json("order list binance-spot --all")[0]["state"], "filled");
    assert!(trader.json("order list binance-spot").is_empty());
}

fn balance(trader: &Trader, asset: &str) -> Value {
    let balances = trader.json("balances binance-spot");
    let balance = balances.into_iter().find(|balance| balance["asset"] == asset).expect(asset);
    assert!(balance["total"].is_string() && balance["available"].is_string(), "{balance}");
    balance["total"].clone()
}

#[test]
fn what_is_refused_is_told_with_what_it_means() {
    let trader = Trader::new("");
    for (order, outcome, words) in [
        ("buy 0.0100001 --price 30000", "not-sent", "not on its step"),
        ("buy 100 --price 30000", "not-sent", "insufficient balance"),
        ("buy 0.01 --price 30000 --reduce-only", "not-sent", "reduce_only"),
        ("buy 0.01 --price 90000 --type post-only", "rejected", "post-only would take"),
    ] {
        let run = trader.run(&format!("order place binance-spot BTC-USDT {order} --json"));
        assert_eq!(run.status, Some(1), "{order}");
        assert!(told(&run).contains(words), "{order}: {}", told(&run));
        assert_eq!(run.json().last().expect("an outcome")["outcome"], outcome, "{order}");
    }
    let run = trader.run("order place binance-spot BTC-USDX buy 1 --price 1");
    assert!(run.status == Some(1) && told(&run).contains("BTC-USDX"), "{}", told(&run));
    let run = trader.run("order show binance-spot nobody --pair BTC-USDT");
    assert!(run.status == Some(1) && told(&run).contains("'nobody'"), "{}", told(&run));
}

#[test]
fn a_lost_reply_is_resolved_or_told_as_unknown() {
    let lost = r#"{"kind":"cut","path":"/api/v3/order","method":"POST"}"#;
    let place = "order place binance-spot BTC-USDT buy 0.01 --price 30000 --client-order-id mine-1 --json";
    let trader = Trader::new(&format!("[{lost}]"));
    let run = trader.run(place);
    assert_eq!(run.status, Some(0), "{}", told(&run));
    assert_eq!(run.json().last().expect("an outcome")["outcome"], "accepted");

    // Whatever could tell of the order is silent, once the account is ready.
    let silent = r#"{"kind":"status","status":500,"path":"/api/v3/order","method":"GET","times":1000},
                    {"kind":"status","status":500,"path":"/api/v3/openOrders","nth":2,"times":1000},
                    {"kind":"status","status":500,"path":"/api/v3/allOrders","times":1000},
                    {"kind":"mute","event":"executionReport"}"#;
    let trader = Trader::new(&format!("[{lost},{silent}]"));
    let run = trader.run(&format!("{place} --wait 3"));
    assert_eq!(run.status, Some(1), "{}", run.stdout);
    assert_eq!(run.json().last().expect("an outcome")["outcome"], "unknown");
    for words in ["may be live", "do not send it again", "tradewire order show binance-spot mine-1"] {
        assert!(told(&run).contains(words), "{}", told(&run));
    }
}

#[test]
fn whatever_keeps_an_order_from_being_sent_is_told_in_json_too() {
    let trader =
        Trader::at("binance-usdm", r#"[{"kind":"code","code":-4028,"path":"/fapi/v1/leverage","times":1000}]"#);
    let place = "order place binance-usdm BTC-USDT buy 0.01 --price 30000 --json";
    for (more, words) in [
        ("--leverage 7", &["refused the leverage", "no order was sent"][..]),
        ("--journal /dev/null/journal.db", &["cannot create /dev/null"]),
        ("--client-order-id mine-1 --credentials /dev/null/keys.toml", &["/dev/null/keys.toml"]),
    ] {
        let run = trader.run(&format!("{place} {more}"));
        assert_eq!(run.status, Some(1), "{more}: {}", run.stdout);
        assert!(words.iter().all(|word| told(&run).contains(word)), "{}", told(&run));
        assert!(!told(&run).contains("may be live"), "{}", told(&run));
        let lines = run.json();
        assert_eq!((lines.len(), &lines[0]["outcome"]), (1, &"not-sent".into()), "{more}");
        assert_eq!(lines[0]["client_order_id"].is_string(), more.contains("mine-1"));
        assert!(told(&run).ends_with(lines[0]["error"]["message"].as_str().expect("a text")), "{}", lines[0]);
    }
    assert!(trader.json("order list binance-usdm").is_empty());
}

#[test]
fn an_interrupt_while_the_order_is_on_its_way_leaves_it_unknown() {
    let silent =
        r#"{"kind":"lose-reply","path":"/api/v3/order","method":"POST"},{"kind":"mute","event":"executionReport"}"#;
    let trader = Trader::new(&format!("[{silent}]"));
    let place = "order place binance-spot BTC-USDT buy 0.01 --price 30000 --client-order-id mine-1";
    let mut running = trader.user.running(&trader.words(place));
    assert_eq!(running.line(), "pending  mine-1\n");
    running.interrupt();
    // Nobody reads on, which does not make it a success.
    let (status, stderr) = running.end();
    assert_eq!(status, Some(1));
    assert!(stderr.contains("may be live") && stderr.contains("order show binance-spot mine-1"), "{stderr}");
}

#[test]
fn credentials_come_from_what_is_named_then_from_the_environment() {
    let trader = Trader::new("");
    let (key, secret) = (trader.simulated.text("api_key"), trader.simulated.text("secret_key"));
    let good = format!("api_key = '{key}'\nsecret_key = '{secret}'\n");
    let user = User::new()
        .setting("TRADEWIRE_API_KEY", "of-the-environment")
        .setting("TRADEWIRE_SECRET_KEY", "wrong")
        .setting("TRADEWIRE_KEYSTORE_PASSPHRASE", "correct horse");
    assert_eq!(user.typing(&format!("{key}\n{secret}\n"), &["keys", "add", "main"]).status, Some(0));
    let (open, closed) = (user.file("open.toml", &good, 0o644), user.file("closed.toml", &good, 0o600));
    let trader = Trader { user, ..trader };
    assert!(!trader.json(&format!("balances binance-spot --credentials {closed}")).is_empty());
    assert!(!trader.json("balances binance-spot --account main").is_empty());
    for (who, words) in [
        (String::new(), "credentials refused"),
        (format!("--credentials {open}"), "chmod 600"),
        ("--account nobody".to_owned(), "'main'"),
    ] {
        let run = trader.run(&format!("balances binance-spot {who}"));
        assert!(run.status == Some(1) && told(&run).contains(words), "{who}: {}", told(&run));
    }
    let pem = std::fs::read_to_string(trader.simulated.text("ed25519_private_key_file")).expect("a key");
    let user = User::new();
    let file = user.file("key.pem", &pem, 0o600);
    let user = user
        .setting("TRADEWIRE_API_KEY", trader.simulated.text("ed25519_api_key"))
        .setting("TRADEWIRE_PRIVATE_KEY_FILE", &file);
    assert!(!Trader { user, ..trader }.json("balances binance-spot").is_empty());
}

#[test]
fn half_of_the_credentials_fails_before_anything_is_sent() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let (rest, ws) = (format!("http://{nobody}"), format!("ws://{nobody}"));
    let place = "order place binance-spot BTC-USDT buy 1 --price 1";
    for words in
        [place, "balances binance-spot", "order cancel binance-spot BTC-USDT x", "request binance-spot login --dry-run"]
    {
        let words: Vec<_> = words.split_whitespace().chain(["--rest", &rest, "--ws", &ws]).collect();
        let half = |name| User::new().setting(name, "hush-hush").tradewire(&words);
        half("TRADEWIRE_API_KEY").refused(1, &["TRADEWIRE_SECRET_KEY", "missing"]);
        half("TRADEWIRE_SECRET_KEY").refused(1, &["TRADEWIRE_API_KEY is missing"]);
        User::new().tradewire(&words).refused(1, &["no credentials", "TRADEWIRE_API_KEY", "--account"]);
    }
    let list = ["order", "list", "binance-spot", "--rest", &rest, "--ws", &ws];
    User::new().tradewire(&list).refused(1, &["no credentials", "no journal"]);
}

#[test]
fn a_dry_run_prints_the_signed_request_with_the_key_masked() {
    for vector in vectors() {
        let user =
            User::new().setting("TRADEWIRE_API_KEY", &vector.key).setting("TRADEWIRE_SECRET_KEY", &vector.secret);
        let dry = |words: &str| {
            let words: Vec<_> = words.split_whitespace().chain(["--timestamp", "1499827319559", "--dry-run"]).collect();
            let run = user.tradewire(&words);
            assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{words:?}");
            run.stdout
        };
        let place = "request binance-spot place LTC-BTC buy 1 --price 0.1 --client-order-id mine-1";
        for action in [
            "cancel LTC-BTC mine-1",
            "query LTC-BTC 17",
            "open-orders",
            "open-orders LTC-BTC",
            "fills LTC-BTC",
            "balances",
        ] {
            let request: Value =
                serde_json::from_str(&dry(&format!("request {EXCHANGE} {action} --json"))).expect("JSON");
            assert_signed(request["url"].as_str().expect("an address"), &vector);
        }
        let request: Value = serde_json::from_str(&dry(&format!("{place} --json"))).expect("JSON");
        let url = request["url"].as_str().expect("an address");
        assert!(url.starts_with("https://api.binance.com/api/v3/order?") && request["method"] == "POST", "{url}");
        for parameter in
            ["symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1", "newClientOrderId=mine-1"]
        {
            assert!(url.contains(parameter), "{url}");
        }
        assert!(url.contains("recvWindow=5000&timestamp=1499827319559&signature="), "{url}");
        assert_signed(url, &vector);

        let waiting = dry("request binance-usdm cancel BTC-USDT stop-1 --conditional");
        assert!(waiting.contains("/fapi/v1/algoOrder?clientAlgoId=stop-1&"), "{waiting}");

        let login = dry(&format!("request {EXCHANGE} login"));
        let socket = dry(&format!("{place} --order-entry socket"));
        for text in [&login, &socket, &request.to_string()] {
            assert!(!text.contains(&vector.key) && !text.contains(&vector.secret), "{text}");
            assert!(text.contains(&vector.key[..4]), "masked, not left out: {text}");
        }
        assert!(dry(&format!("{place} --show-key")).contains(&vector.key));
    }
    User::new().tradewire(&["request", EXCHANGE, "balances"]).refused(2, &["--dry-run"]);
}

/// Whether the signature at the end of an address is that of what stands before it.
fn assert_signed(url: &str, vector: &Vector) {
    let (_, query) = url.split_once('?').expect("a query");
    let (payload, signature) = query.split_once("&signature=").expect("signed");
    assert_eq!(signature, sign(&vector.secret, payload), "{url}");
}

fn sign(secret: &str, payload: &str) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), payload.as_bytes());
    tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

struct Vector {
    key: String,
    secret: String,
}

/// Keys whose signatures the exchange has published, which show that [`sign`] signs as it does; else a key of our own.
fn vectors() -> Vec<Vector> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/protocols/signing-vectors.json");
    let own = || vec![Vector { key: "k".repeat(64), secret: "s".repeat(64) }];
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: published signatures, {} is not there", path.display());
        return own();
    };
    let all: Value = serde_json::from_str(&text).expect("JSON");
    let of = |vector: &Value, field: &str| vector[field].as_str().unwrap_or_default().to_owned();
    let is = |vector: &&Value| vector["id"] == "binance-rest-hmac-ascii";
    let known = all["vectors"].as_array().expect("vectors").iter().filter(is);
    let known = known.map(|vector| {
        assert_eq!(sign(&of(vector, "secret"), &of(vector, "payload")), of(vector, "signature"));
        Vector { key: of(vector, "key"), secret: of(vector, "secret") }
    });
    let known: Vec<_> = known.collect();
    assert!(!known.is_empty(), "the vector has another name now");
    known
}

#[test]
fn wrong_words_are_quoted_with_their_place_and_the_nearest_valid_one() {
    let place = |more: &'static str| format!("order place binance-spot BTC-USDT buy 1 {more}");
    for (words, expected) in [
        ("order".to_owned(), &["command is missing for 'tradewire order'", "cancel-all"][..]),
        ("order plce".to_owned(), &["'plce'", "'place'"]),
        ("order place binance-spt BTC-USDT buy 1".to_owned(), &["'binance-spt'", "EXCHANGE", "'binance-spot'"]),
        ("order place binance-spot BTCUSDT buy 1".to_owned(), &["'BTCUSDT'", "PAIR", "'BTC-USDT'"]),
        ("order place binance-spot BTC-USDT by 1".to_owned(), &["'by'", "SIDE", "'buy'"]),
        ("order place binance-spot BTC-USDT buy 1e3".to_owned(), &["'1e3'", "QUANTITY"]),
        ("order place binance-spot BTC-USDT buy".to_owned(), &["QUANTITY", "order place"]),
        (place(""), &["missing '--price'", "'limit'"]),
        (place("--price 0"), &["'0'", "--price"]),
        (place("--price 1 --type markt"), &["'markt'", "--type", "'market'"]),
        (place("--price 1 --type market"), &["'--price'", "'market'"]),
        (place("--type market --tif ioc"), &["'--tif'", "'market'"]),
        (place("--price 1 --tif gtx"), &["'gtx'", "--tif", "gtc, ioc, fok"]),
        (place("--type stop-loss"), &["--trigger-price"]),
        (place("--price 1 --in-quote"), &["--in-quote"]),
        (place("--price 1 --clientorder-id x"), &["'--clientorder-id'", "'--client-order-id'"]),
        (place("--price 1 --environment tesnet"), &["'tesnet'", "'testnet'"]),
        (place("--price 1 --account a --credentials b"), &["--credentials", "--account"]),
        (place("--price 1 --rest http://127.0.0.1:1"), &["missing '--ws'"]),
        (place("--price 1 --environment testnet --ws-api ws://127.0.0.1:1"), &["--ws-api", "--environment"]),
        ("order cancel binance-spot BTC-USDT".to_owned(), &["ID", "order cancel"]),
        ("fills binance-spot --format cvs".to_owned(), &["'cvs'", "--format", "'csv'"]),
        ("request binance-spot plac".to_owned(), &["'plac'", "request", "'place'"]),
        ("request binance-spot login --dry-run --timestamp now".to_owned(), &["'now'", "--timestamp"]),
        ("balances binance-spot --order-entry sockt".to_owned(), &["'sockt'", "'socket'"]),
    ] {
        let run = User::new().tradewire(&words.split_whitespace().collect::<Vec<_>>());
        run.refused(2, expected);
    }
}
