//! Authorisation.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tradewire_core::{Addresses, ClientOrderId, ErrorKind, Instrument, OrderRequest, Timestamp};
use tradewire_simulator::{Fault, FaultKind, KeyType, RequestRecord, Simulator};
use tradewire_tracking::{AccountSource, Action, MarketSource, NewOrder, OrderEntry, Scale, Target};
use tradewire_transport::{Credentials, LOGIN_VALIDITY, RenderedRequest, Secret, SigningKey};

use super::auth_clock::{auth_03, auth_05, auth_06, auth_07, auth_08};
use super::auth_refused::{auth_09, auth_10};
use crate::bench::desk::{MAIN, credentials};
use crate::bench::stand::instrument;
use crate::bench::world::{addresses, pair};
use crate::bench::{Bench, DeskSetup, Setup};
use crate::row::{Failed, Shown, Verdict, equal, expect};
use crate::{ExampleKey, Row};

/// Authorisation.
pub(super) const ROWS: &[Row] = &[
    Row::traded("AUTH-01", "the published signing examples give the published signatures", |b| {
        auth_01(b).boxed_local()
    }),
    Row::traded("AUTH-02", "odd characters are encoded once and signed as sent", |b| auth_02(b).boxed_local()),
    Row::once("AUTH-03", "timestamps are taken after the wait for the limits", |b| auth_03(b).boxed_local()),
    Row::traded("AUTH-04", "public requests carry no key and no signature", |b| auth_04(b).boxed_local()),
    Row::traded("AUTH-05", "the first signed request is accepted whatever the machine's clock says", |b| {
        auth_05(b).boxed_local()
    }),
    Row::traded("AUTH-06", "after a time error the offset is measured and the request sent once more", |b| {
        auth_06(b).boxed_local()
    }),
    Row::traded("AUTH-07", "a wall clock set back changes no timestamp", |b| auth_07(b).boxed_local()),
    Row::traded("AUTH-08", "every private connection signs its login anew", |b| auth_08(b).boxed_local()),
    Row::traded("AUTH-09", "refused credentials are told after one request and not repeated", |b| {
        auth_09(b).boxed_local()
    }),
    Row::traded("AUTH-10", "an external signer gives the same bytes, or NotSent", |b| auth_10(b).boxed_local()),
];

/// An account of the subject that does nothing by itself, beside the exchange that it belongs to.
pub(super) struct Idle {
    pub(super) simulator: Simulator,
    pub(super) source: Arc<dyn AccountSource>,
    pub(super) instruments: Vec<Arc<Instrument>>,
}

impl Idle {
    pub(super) async fn start(bench: &Bench, exchange: tradewire_simulator::Config) -> Result<Self, Failed> {
        bench.can_trade()?;
        let simulator = Simulator::start(exchange).await?;
        let key = simulator.credentials(MAIN).into_iter().find(|key| key.key_type == KeyType::Hmac);
        let key = key.ok_or_else(|| Failed::new("a key", "none"))?;
        let source = account(bench, &simulator, credentials(&key)?, bench.order_entry())?;
        let market = source.market();
        market.server_clock().add(market.time().await?);
        let instruments = listed(&**market).await?;
        Ok(Self { simulator, source, instruments })
    }

    pub(super) async fn stop(self) -> Verdict {
        self.source.close().await;
        drop(self.source);
        self.simulator.stop().await;
        Ok(Shown::Works)
    }
}

/// The instruments that the exchange lists.
async fn listed(market: &dyn MarketSource) -> Result<Vec<Arc<Instrument>>, tradewire_core::Error> {
    let body = market.instruments().await?.body;
    Ok(market.decode_instruments(&body)?.instruments.into_iter().map(Arc::new).collect())
}

pub(super) fn account(
    bench: &Bench,
    simulator: &Simulator,
    credentials: Credentials,
    entry: OrderEntry,
) -> Result<Arc<dyn AccountSource>, Failed> {
    Ok(bench.subject().account(&addresses(simulator.addresses()), credentials, entry)?)
}

fn example_key(key: ExampleKey) -> Result<SigningKey, Failed> {
    Ok(match key {
        ExampleKey::Hmac(secret) => SigningKey::hmac_sha256(&Secret::new(secret))?,
        ExampleKey::HmacSha512(secret) => SigningKey::hmac_sha512(&Secret::new(secret))?,
        ExampleKey::Ed25519(seed) => SigningKey::ed25519(&seed)?,
        ExampleKey::Pem(pem) => SigningKey::from_pem(&Secret::new(pem))?,
    })
}

/// Every request that the subject can show.
pub(super) fn actions(instrument: &Arc<Instrument>) -> Result<Vec<(&'static str, Action)>, Failed> {
    let id = ClientOrderId::from("tw-of-the-suite_1");
    let (client, exchange) = (Some(id.clone()), Some("12345".into()));
    let target = |client_order_id, exchange_order_id| Target {
        instrument: Arc::clone(instrument),
        client_order_id,
        exchange_order_id,
        conditional: false,
    };
    let side = tradewire_core::Side::Buy;
    let request = OrderRequest::limit(instrument.pair.clone(), side, "0.5".parse()?, "61000.5".parse()?);
    let order = NewOrder { request, client_order_id: id, instrument: Arc::clone(instrument) };
    Ok(vec![
        ("place", Action::Place(order)),
        ("cancel", Action::Cancel(target(client.clone(), None))),
        ("cancel by the exchange's id", Action::Cancel(target(None, exchange))),
        ("query", Action::Query(target(client, None))),
        ("open orders", Action::OpenOrders(Some(Arc::clone(instrument)))),
        ("all open orders", Action::OpenOrders(None)),
        ("fills", Action::Fills(Arc::clone(instrument))),
        ("balances", Action::Balances),
        ("login", Action::Login),
    ])
}

async fn auth_01(bench: &Bench) -> Verdict {
    let wire = bench.account_wire()?;
    let simulator = match bench.has_server() {
        true => Some(with_a_wide_listing(bench).await?),
        false => None,
    };
    let at = simulator.as_ref().map_or_else(nowhere, |simulator| addresses(simulator.addresses()));
    let market = bench.subject().source(&at)?;
    // Signing is the first thing that is written: it is shown before instruments can be read.
    let instruments = listed(&*market).await.or_else(|_| by_hand(bench))?;
    for (number, example) in wire.signing_examples().iter().enumerate() {
        let mut signature = String::new();
        example_key(example.key)?.sign(&wire.signed_bytes(example.payload))?.append_to(&mut signature);
        equal(format_args!("signature of example {}", number + 1), example.signature, signature.as_str())?;
        let with = Credentials::new(Secret::new("key-of-the-suite"), example_key(example.key)?)?;
        let source = bench.subject().account(&at, with, bench.order_entry())?;
        let shown = signs_by_the_rule(bench, &*source, &instruments, &example_key(example.key)?).await;
        source.close().await;
        shown.map_err(|failed| failed.at(format_args!("with the key of example {}", number + 1)))?;
    }
    if let Some(simulator) = simulator {
        // A socket for commands that logs in does so by itself.
        let own = signed(&simulator).into_iter().filter(|sent| Some(sent.path.as_str()) != wire.command_login());
        equal("signed requests that left", 0, own.count())?;
        simulator.stop().await;
    }
    Ok(Shown::Works)
}

/// Where nobody is.
fn nowhere() -> Addresses {
    const NOWHERE: &str = "http://127.0.0.1:9";
    Addresses::own(NOWHERE, NOWHERE).with_sockets(Some(NOWHERE.to_owned()), Some(NOWHERE.to_owned()))
}

/// An account of which nothing is asked that must be sent.
pub(super) fn unconnected(bench: &Bench) -> Result<Arc<dyn AccountSource>, Failed> {
    let examples = bench.account_wire()?.signing_examples();
    let example = examples.first().ok_or_else(|| Failed::new("a signing example", "none"))?;
    let credentials = Credentials::new(Secret::new("key-of-the-suite"), example_key(example.key)?)?;
    Ok(bench.subject().account(&nowhere(), credentials, bench.order_entry())?)
}

async fn with_a_wide_listing(bench: &Bench) -> Result<Simulator, Failed> {
    let mut exchange = Setup::quiet(bench, &["BTC-USDT"])?.exchange;
    exchange.listings.push(tradewire_simulator::Listing::wide());
    Ok(Simulator::start(exchange).await?)
}

/// Instruments of which no more is known than how their symbols are written.
fn by_hand(bench: &Bench) -> Result<Vec<Arc<Instrument>>, Failed> {
    let scale = Scale { price: 2, quantity: 5 };
    let pairs = ["BTC-USDT", "币安人生-USDT"].into_iter().map(pair);
    pairs.map(|pair| Ok(Arc::new(instrument(bench.wire(), pair?, scale)))).collect()
}

/// Every shape of request carries the signature of exactly what the exchange will check.
async fn signs_by_the_rule(
    bench: &Bench,
    source: &dyn AccountSource,
    instruments: &[Arc<Instrument>],
    key: &SigningKey,
) -> Result<(), Failed> {
    let at = Timestamp::from_millis(1_780_000_000_123);
    for instrument in instruments {
        for (name, action) in actions(instrument)? {
            let rendered = source.render(&action, Some(at)).await?;
            let Some(part) = bench.account_wire()?.signed_part(&rendered) else {
                let unsigned = goes_to(&rendered, bench.account_wire()?.paths().key_only);
                expect(unsigned, format_args!("a signed {name}"), "another request")?;
                continue;
            };
            let mut expected = String::new();
            key.sign(&bench.account_wire()?.signed_bytes(&part.payload))?.append_to(&mut expected);
            equal(format_args!("signature of '{name}' over {}", part.payload), expected, part.signature)?;
            expect(tells_time(&part.payload, at), "the time among what is signed", &part.payload)?;
        }
    }
    Ok(())
}

/// Whether a request goes to one of these paths, or is one of these calls.
fn goes_to(request: &RenderedRequest, paths: &[&str]) -> bool {
    match request {
        RenderedRequest::Rest { url, .. } => paths.iter().any(|path| url.ends_with(path)),
        RenderedRequest::Frame { text, .. } => paths.iter().any(|path| text.contains(&format!("\"{path}\""))),
        _ => false,
    }
}

/// Whether a text tells a time or, of a login, until when it is good.
fn tells_time(text: &str, at: Timestamp) -> bool {
    let numbers = text.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.get(..13)?.parse().ok());
    let until = at.after(LOGIN_VALIDITY).as_millis();
    numbers.into_iter().any(|number: i64| (at.as_millis()..=until).contains(&number))
}

/// Requests that carried a key, signed or not.
pub(super) fn keyed(simulator: &Simulator) -> Vec<RequestRecord> {
    simulator.requests().records.into_iter().filter(|request| request.note.keyed).collect()
}

/// Requests that carried a signature.
pub(super) fn signed(simulator: &Simulator) -> Vec<RequestRecord> {
    simulator.requests().records.into_iter().filter(|request| request.note.signed).collect()
}

/// Characters that mean something in an address, in a form or in JSON, and some that are not ASCII.
const ODD: &str = " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~aZ09äß€币安人生🙂\u{7f}\u{301}";

fn odd_text(random: &mut ChaCha8Rng) -> String {
    let characters: Vec<char> = ODD.chars().collect();
    (0..random.random_range(1..20)).map(|_| characters[random.random_range(0..characters.len())]).collect()
}

async fn auth_02(bench: &Bench) -> Verdict {
    let wrong_signature = bench.account_wire()?.wrong_signature();
    let disagrees = |error: &tradewire_core::Error| bench.has_code(error, wrong_signature);
    let idle = Idle::start(bench, Setup::quiet(bench, &["BTC-USDT"])?.exchange).await?;
    idle.simulator.inject(Fault::new(FaultKind::WideSymbol))?;
    let mut random = ChaCha8Rng::seed_from_u64(bench.seed());
    let Some(instrument) = idle.instruments.first() else { return Err(Failed::new("an instrument", "none")) };
    for number in 0..1_000 {
        let symbol = if number % 3 == 0 { "币安人生USDT".to_owned() } else { odd_text(&mut random) };
        let target = odd_target(instrument, &symbol, odd_text(&mut random));
        let refused = match number % 2 {
            0 => idle.source.cancel(Arc::new(target)).await.err().map(|error| error.error().clone()),
            _ => idle.source.order(&target).await.err(),
        };
        let place = format_args!("a signature that agrees of a request about '{symbol}'");
        expect(!refused.as_ref().is_some_and(disagrees), place, format_args!("{refused:?}"))?;
        let answered = refused.as_ref().is_none_or(|error| error.status().is_some());
        expect(answered, "an answer of the exchange", format_args!("{refused:?}"))?;
        if number % 500 == 499 {
            tokio::time::sleep(super::mkt::MINUTE).await;
        }
    }
    // A question can take more than one request, and calls over a socket may show the key of its login.
    let sent = keyed(&idle.simulator).len();
    expect(sent >= 1_000, "1000 requests with a signature or after a login", sent)?;
    // That the exchange does look: with another secret none of it agrees.
    let Some(key) = idle.simulator.credentials(MAIN).into_iter().next() else {
        return Err(Failed::new("a key", "none"));
    };
    let wrong = SigningKey::hmac_sha256(&Secret::new(ANOTHER_SECRET))?;
    let other =
        account(bench, &idle.simulator, Credentials::new(Secret::new(key.api_key), wrong)?, bench.order_entry())?;
    let target = odd_target(instrument, "币安人生USDT", odd_text(&mut random));
    let refused = other.order(&target).await.err();
    let place = format_args!("code {wrong_signature} with another secret");
    expect(refused.as_ref().is_some_and(disagrees), place, format_args!("{refused:?}"))?;
    other.close().await;
    drop(other);
    idle.stop().await
}

/// A secret that no account has, as it can be given whether or not secrets are base64.
const ANOTHER_SECRET: &str = "YW5vdGhlciBzZWNyZXQgb2YgdGhlIHN1aXRl";

fn odd_target(instrument: &Instrument, symbol: &str, id: String) -> Target {
    let instrument = Arc::new(Instrument { symbol: symbol.into(), ..instrument.clone() });
    Target { instrument, client_order_id: Some(ClientOrderId::from(id)), exchange_order_id: None, conditional: false }
}

async fn auth_04(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let order = desk.open_order(tradewire_core::Side::Buy, "0.01").await?;
    desk.connector.cancel(&order.client_order_id).await.map_err(|error| Failed::new("a cancel", error))?;
    let instrument = desk.instrument(desk.pair(0))?;
    let market = desk.source.market();
    market.recent_trades(&instrument, 5).await?;
    if bench.capabilities().market.ticker_24h {
        market.ticker_24h(&instrument).await?;
    }
    desk.pass(Duration::from_secs(400)).await;
    let public = bench.wire().paths().all();
    let key_only = bench.account_wire()?.paths().key_only;
    let (mut bare, mut with_both) = (0, 0);
    for request in desk.simulator.requests().records {
        let place = format!("{} {}", request.method, request.path);
        let note = (request.note.keyed, request.note.signed);
        if public.contains(&request.path.as_str()) || request.status == 101 {
            bare += 1;
            equal(format_args!("key and signature of {place}"), (false, false), note)?;
        } else {
            with_both += 1;
            let signed = !key_only.contains(&request.path.as_str());
            equal(format_args!("key and signature of {place}"), (true, signed), note)?;
            equal(format_args!("the account of {place}"), Some(MAIN), request.note.account.as_deref())?;
        }
    }
    expect(bare > 5 && with_both > 5, "requests of both sorts", format_args!("{bare} and {with_both}"))?;
    desk.end(bench).await
}

/// How far the time in a signed request was from the exchange's own when it came, and for how long it was to be good.
pub(super) fn stamped(bench: &Bench, request: &RequestRecord, skew_ms: i64) -> Result<(i64, Duration), Failed> {
    let stamp = bench.account_wire()?.stamp(request);
    let (at, valid) = stamp.ok_or_else(|| Failed::new("a time in a signed request", &request.query))?;
    Ok((at.as_millis() - (request.time.millis() + skew_ms), valid))
}

/// Checks that a kind of error came.
pub(super) fn is_kind(what: &str, expected: ErrorKind, error: &tradewire_core::Error) -> Result<(), Failed> {
    let kind = error.kind();
    expect(kind == expected, format_args!("{what}: kind {expected:?}"), format_args!("{kind:?}: {error}"))
}
