//! Capabilities of trading: every declared value has a check of its own, and another value that must not be believed.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use tradewire_core::{
    BalanceStream, Basis, Capabilities, Decimal, Error, ErrorKind, Missing, OrderState, OrderType,
    REQUIRED_FOR_TRADING, ReplyMeans, SelfTradePrevention, Side, Source, TimeInForce, TradingCapabilities,
    TriggerPrice,
};
use tradewire_journal::SqliteJournal;
use tradewire_simulator::{Fault, FaultKind, KeyType, OrderCommand, Simulator};
use tradewire_tracking::{
    AccountSource, Connector, FillQuery, History, MarketConfig, NewOrder, OrderEntry, Target, TradingConfig,
};

use super::cap_orders::{self as orders, Checked};
use super::mkt::SECOND;
use super::nobal::{exact_within, no_reads};
use crate::bench::desk::{MAIN, credentials};
use crate::bench::world::{addresses, decimal};
use crate::bench::{Altered, Bench, Desk, DeskSetup};
use crate::row::{Failed, Shown, Verdict, equal, expect};

type Holds = for<'a> fn(&'a Bench, &'a Desk, &'a TradingCapabilities) -> LocalBoxFuture<'a, Checked>;

/// A declared value: how it is seen at work, and another value.
struct Fact {
    name: &'static str,
    holds: Holds,
    mutate: fn(&mut TradingCapabilities),
}

macro_rules! fact {
    ($name:literal, $holds:path, $mutate:expr) => {
        Fact {
            name: $name,
            holds: |bench, desk, declared| $holds(bench, desk, declared).boxed_local(),
            mutate: $mutate,
        }
    };
}

/// What orders and commands can be.
const OFFERS: &[Fact] = &[
    fact!("order_types", orders::order_types, |c| c.order_types = &[OrderType::Limit, OrderType::Market]),
    fact!("time_in_force", orders::time_in_force, |c| c.time_in_force = &[TimeInForce::Gtc]),
    fact!("quote_amount", orders::quote_amount, |c| c.quote_amount ^= true),
    fact!("trailing", orders::trailing, |c| c.trailing ^= true),
    fact!("trigger_prices", orders::trigger_prices, |c| c.trigger_prices = &[TriggerPrice::Index]),
    fact!("iceberg", orders::iceberg, |c| c.iceberg ^= true),
    fact!("reduce_only", orders::reduce_only, |c| c.reduce_only ^= true),
    fact!("position_side", orders::position_side, |c| c.position_side ^= true),
    fact!("self_trade_prevention", orders::self_trade_prevention, |c| {
        c.self_trade_prevention = &[SelfTradePrevention::Off];
    }),
    fact!("client_order_id_max_len", orders::client_order_id_max_len, |c| c.client_order_id_max_len -= 1),
    fact!("client_order_id_marks", orders::client_order_id_marks, |c| c.client_order_id_marks = "-_.:"),
    fact!("amend_quantity", orders::amend_quantity, |c| c.amend_quantity ^= true),
    fact!("amend_price", orders::amend_price, |c| c.amend_price ^= true),
    fact!("cancel_replace", orders::cancel_replace, |c| c.cancel_replace ^= true),
    fact!("batch", orders::batch, |c| c.batch ^= true),
    fact!("cancel_all", orders::cancel_all, |c| c.cancel_all ^= true),
    fact!("dead_man_switch", super::ord_dead_man::offered, |c| c.dead_man_switch ^= true),
    fact!("order_socket", order_socket, |c| c.order_socket ^= true),
];

/// What the exchange's answers and streams mean.
const FACTS: &[Fact] = &[
    fact!("place_reply", place_reply, |c| c.place_reply = other(c.place_reply)),
    fact!("cancel_reply", cancel_reply, |c| c.cancel_reply = other(c.cancel_reply)),
    fact!("balance_stream", balance_stream, |c| c.balance_stream = another(c.balance_stream)),
    fact!("fees_in_fills", fees_in_fills, |c| c.fees_in_fills ^= true),
    fact!("fee_locked_in_quote", fee_locked_in_quote, |c| c.fee_locked_in_quote ^= true),
    fact!("trades_window_seconds", trades_window, |c| c.trades_window_seconds *= 2),
    fact!("trades_page", trades_page, |c| c.trades_page /= 2),
];

fn other(means: ReplyMeans) -> ReplyMeans {
    match means {
        ReplyMeans::Done => ReplyMeans::Received,
        ReplyMeans::Received => ReplyMeans::Done,
    }
}

fn trading(declared: &Capabilities) -> Result<&TradingCapabilities, Failed> {
    declared.trading.as_ref().ok_or_else(|| Failed::new("a declaration of trading", "none"))
}

async fn desk(bench: &Bench) -> Result<Desk, Failed> {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    Ok(desk)
}

/// Checks values as a subject declares them, each with an exchange of its own.
async fn check(bench: &Bench, facts: &[Fact]) -> Checked {
    for fact in facts {
        let desk = desk(bench).await?;
        let at = |failed: Failed| failed.at(fact.name);
        (fact.holds)(bench, &desk, trading(bench.capabilities())?).await.map_err(at)?;
        desk.end(bench).await.map_err(at)?;
    }
    Ok(())
}

pub(super) async fn cap_01(bench: &Bench) -> Verdict {
    check(bench, OFFERS).await?;
    Ok(Shown::Works)
}

/// Something that is left out by itself: a single wrong thing is named by its own field only where everything else about the
/// order is offered.
struct Lack {
    name: &'static str,
    without: fn(&mut TradingCapabilities),
}

const LACKS: &[Lack] = &[
    Lack { name: "time_in_force", without: |c| c.time_in_force = &[TimeInForce::Gtc] },
    Lack { name: "trailing", without: |c| c.trailing = false },
    Lack { name: "trigger_prices", without: |c| c.trigger_prices = &[] },
    Lack { name: "quote_amount", without: |c| c.quote_amount = false },
    Lack {
        name: "self_trade_prevention",
        without: |c| c.self_trade_prevention = c.self_trade_prevention.get(..1).unwrap_or_default(),
    },
];

/// What a subject does not declare is refused, also by one that declares as little as there can be.
pub(super) async fn cap_02_orders(bench: &Bench) -> Verdict {
    let mut bare = bench.capabilities().clone();
    if let Some(trading) = &mut bare.trading {
        *trading = TradingCapabilities {
            order_types: &[OrderType::Limit],
            time_in_force: &[TimeInForce::Gtc],
            self_trade_prevention: &[],
            quote_amount: false,
            trailing: false,
            iceberg: false,
            reduce_only: false,
            position_side: false,
            amend_quantity: false,
            cancel_replace: false,
            batch: false,
            dead_man_switch: false,
            cancel_all: false,
            ..trading.clone()
        };
    }
    let inner = bench.with_subject(Altered::declaring(bare).subject(bench.subject()));
    for fact in OFFERS.iter().filter(|fact| !LACKS.iter().any(|lack| lack.name == fact.name)) {
        let desk = desk(&inner).await?;
        let holds = (fact.holds)(&inner, &desk, trading(inner.capabilities())?).await;
        holds.map_err(|failed| failed.at(format_args!("{}, not declared", fact.name)))?;
        desk.end(&inner).await?;
    }
    for Lack { name, without } in LACKS {
        let mut less = bench.capabilities().clone();
        let fact = OFFERS.iter().find(|fact| fact.name == *name);
        let fact = fact.ok_or_else(|| Failed::new(format_args!("a check of {name}"), "none"))?;
        if let Some(trading) = &mut less.trading {
            without(trading);
        }
        let inner = bench.with_subject(Altered::declaring(less).subject(bench.subject()));
        let desk = desk(&inner).await?;
        let holds = (fact.holds)(&inner, &desk, trading(inner.capabilities())?).await;
        holds.map_err(|failed| failed.at(format_args!("{name}, not declared")))?;
        desk.end(&inner).await?;
    }
    Ok(Shown::Works)
}

pub(super) async fn cap_03_account(bench: &Bench) -> Verdict {
    check(bench, FACTS).await?;
    Ok(Shown::Works)
}

pub(super) async fn cap_04_account(bench: &Bench) -> Verdict {
    let declared = trading(bench.capabilities())?;
    let value = serde_json::to_value(declared).map_err(|error| Failed::new("a declaration", error))?;
    let facts = value.as_object().map_or(0, serde_json::Map::len);
    equal("values about trading, each with a check of its own", facts, OFFERS.len() + FACTS.len())?;
    for fact in OFFERS.iter().chain(FACTS) {
        let mut mutated = bench.capabilities().clone();
        if let Some(trading) = &mut mutated.trading {
            (fact.mutate)(trading);
        }
        let believing = bench.with_subject(bench.subject().declaring(mutated));
        let desk = desk(&believing).await?;
        let believed = (fact.holds)(&believing, &desk, trading(believing.capabilities())?).await.is_ok();
        desk.drop_connector(&believing).stop().await;
        expect(!believed, format_args!("another value of '{}' noticed", fact.name), "nothing noticed")?;
    }
    Ok(Shown::Works)
}

/// Whatever is missing for trading is named, and only the market can be followed then.
pub(super) async fn cap_06_account(bench: &Bench) -> Verdict {
    for missing in REQUIRED_FOR_TRADING {
        let mut lacking = bench.capabilities().clone();
        lacking.missing = Missing(Box::leak(Box::new([*missing])));
        let inner = bench.with_subject(Altered::declaring(lacking).subject(bench.subject()));
        let setup = DeskSetup::quiet(&inner, &["BTC-USDT"])?;
        let (simulator, source) = source(&inner, setup.exchange, OrderEntry::Rest).await?;
        let config = TradingConfig::new(Arc::new(SqliteJournal::in_memory(source.account())?));
        let started = Connector::start(Arc::clone(&source), MarketConfig::default(), config, setup.pairs.clone());
        let Err(error) = started else {
            return Err(Failed::new(format_args!("no trading without {missing}"), "a start"));
        };
        equal("kind of the refusal", ErrorKind::Unsupported, error.kind())?;
        equal("what is missing", Some(*missing), error.context("missing"))?;
        let market = Connector::market_only(Arc::clone(source.market()), MarketConfig::default(), setup.pairs);
        let ready = tokio::time::timeout(30 * SECOND, market.ready()).await;
        expect(ready.is_ok_and(|ready| ready.is_ok()), "a market that can be followed", "no readiness")?;
        market.stop().await;
        simulator.stop().await;
    }
    Ok(Shown::Works)
}

/// An exchange, and the subject's way to its account, without a connector.
async fn source(
    bench: &Bench,
    exchange: tradewire_simulator::Config,
    entry: OrderEntry,
) -> Result<(Simulator, Arc<dyn AccountSource>), Failed> {
    let simulator = Simulator::start(exchange).await?;
    let source = account(bench, &simulator, entry)?;
    Ok((simulator, source))
}

pub(super) fn account(
    bench: &Bench,
    simulator: &Simulator,
    entry: OrderEntry,
) -> Result<Arc<dyn AccountSource>, Failed> {
    Ok(offered(bench, simulator, entry)??)
}

/// An account, if the connector has this order entry.
fn offered(
    bench: &Bench,
    simulator: &Simulator,
    entry: OrderEntry,
) -> Result<Result<Arc<dyn AccountSource>, Error>, Failed> {
    let key = simulator.credentials(MAIN).into_iter().find(|key| key.key_type == KeyType::Hmac);
    let key = key.ok_or_else(|| Failed::new("a key", "none"))?;
    Ok(bench.subject().account(&addresses(simulator.addresses()), credentials(&key)?, entry))
}

/// An order command over a socket reaches the server as a call, and works. Undeclared, it is refused at once, or takes the
/// other way.
async fn order_socket(bench: &Bench, desk: &Desk, declared: &TradingCapabilities) -> Checked {
    let source = match offered(bench, &desk.simulator, OrderEntry::Socket)? {
        Err(error) if error.kind() == ErrorKind::Unsupported && !declared.order_socket => return Ok(()),
        source => source?,
    };
    let market = source.market();
    market.server_clock().add(market.time().await?);
    desk.pass(5 * SECOND).await;
    let instrument = desk.instrument(desk.pair(0))?;
    let request = desk.resting(Side::Buy, "0.01")?;
    let new = NewOrder { request, client_order_id: "by-socket".into(), instrument: Arc::clone(&instrument) };
    let placed = source.place(Arc::new(new)).await;
    let sent = desk.commands(OrderCommand::Place).into_iter().filter(|record| record.method == "WS").count();
    let target =
        Target { instrument, client_order_id: Some("by-socket".into()), exchange_order_id: None, conditional: false };
    let cancelled = source.cancel(Arc::new(target)).await;
    source.close().await;
    equal("an order by a socket", declared.order_socket, placed.is_ok() && sent > 0)?;
    expect(cancelled.is_ok(), "its cancel", format_args!("{cancelled:?}"))
}

/// Has the private stream tell of orders so much later.
fn late_reports(bench: &Bench, desk: &Desk) -> Checked {
    let event = bench.account_wire()?.paths().order_event;
    desk.inject(Fault::new(FaultKind::Hold { ms: 3_000 }).event(event).always()).map(drop)
}

async fn place_reply(bench: &Bench, desk: &Desk, declared: &TradingCapabilities) -> Checked {
    late_reports(bench, desk)?;
    let order = desk.place(desk.resting(Side::Buy, "0.01")?).await?;
    let state = match declared.place_reply {
        ReplyMeans::Done => OrderState::Open,
        ReplyMeans::Received => OrderState::PendingSubmit,
    };
    equal("state by the reply alone", state, order.state)
}

async fn cancel_reply(bench: &Bench, desk: &Desk, declared: &TradingCapabilities) -> Checked {
    let order = desk.open_order(Side::Buy, "0.01").await?;
    late_reports(bench, desk)?;
    let cancelled = desk.connector.cancel(&order.client_order_id).await;
    let cancelled = cancelled.map_err(|error| Failed::new("a cancel", error))?;
    equal("ended by the reply alone", declared.cancel_reply == ReplyMeans::Done, !cancelled.state.is_live())
}

/// Another word on what a stream tells, of which something does not hold.
fn another(stream: BalanceStream) -> BalanceStream {
    match stream {
        BalanceStream::Whole => BalanceStream::Totals,
        BalanceStream::Totals => BalanceStream::None,
        BalanceStream::None => BalanceStream::Whole,
    }
}

async fn balance_stream(bench: &Bench, desk: &Desk, declared: &TradingCapabilities) -> Checked {
    no_reads(bench, desk)?;
    let order = desk.open_order(Side::Buy, "0.01").await?;
    desk.fill(&order, Some("0.004"))?;
    exact_within(desk, SECOND).await?;
    let known = || desk.connector.balance(&"USDT".into());
    let (before, brought_in) = (known()?, decimal("250.5")?);
    let whole = declared.balance_stream == BalanceStream::Whole;
    equal("balances by the exchange's own word", whole, before.basis == Basis::Reported)?;
    let deposited = desk.simulator.deposit(MAIN, "USDT", brought_in);
    deposited.map_err(|error| Failed::new("a deposit", error))?;
    desk.pass(SECOND).await;
    let told = known()?.total == before.total + brought_in;
    equal("a total by the exchange's own word", declared.balance_stream != BalanceStream::None, told)
}

async fn fees_in_fills(_: &Bench, desk: &Desk, declared: &TradingCapabilities) -> Checked {
    let order = desk.open_order(Side::Buy, "0.01").await?;
    desk.fill(&order, Some("0.004"))?;
    desk.pass(SECOND).await;
    let fills = desk.connector.fills(&order.client_order_id).await?;
    let fill = fills.first().ok_or_else(|| Failed::new("a fill", "none"))?;
    equal("its source", Source::Stream, fill.source)?;
    equal("a fee by the exchange's own word", declared.fees_in_fills, fill.fee.is_some() && !fill.fee_estimated)
}

async fn fee_locked_in_quote(_: &Bench, desk: &Desk, declared: &TradingCapabilities) -> Checked {
    let order = desk.open_order(Side::Buy, "0.01").await?;
    let price = order.price.map(|price| price.value()).unwrap_or_default();
    let locked: Decimal = desk.simulator.orders(MAIN).iter().map(|order| order.locked).sum();
    equal("a lock beyond price × quantity", declared.fee_locked_in_quote, locked > price * decimal("0.01")?)
}

const HOUR: std::time::Duration = std::time::Duration::from_secs(60 * 60);
/// What is declared where the exchange sets no longest window: it is read in pieces of a week.
const WHOLE_HISTORY: std::time::Duration = std::time::Duration::from_secs(7 * 24 * 60 * 60);

async fn trades_window(bench: &Bench, desk: &Desk, declared: &TradingCapabilities) -> Checked {
    let instrument = desk.instrument(desk.pair(0))?;
    let until = desk.source.market().server_clock().now();
    let window = std::time::Duration::from_secs(declared.trades_window_seconds);
    let before = |by: std::time::Duration| {
        let nanos = i64::try_from(by.as_nanos()).unwrap_or(i64::MAX);
        tradewire_core::Timestamp::from_nanos(until.as_nanos().saturating_sub(nanos))
    };
    if !bench.account_wire()?.bounds_windows() {
        return equal("the longest window", WHOLE_HISTORY, window);
    }
    let ask = |from| History { instrument: &instrument, from, until, page: None };
    desk.source.fills(&FillQuery::Window(ask(before(window)))).await?;
    let longer = desk.source.fills(&FillQuery::Window(ask(before(window + SECOND)))).await;
    expect(longer.is_err(), "a refusal of a longer window", "an answer")
}

async fn trades_page(bench: &Bench, desk: &Desk, declared: &TradingCapabilities) -> Checked {
    let step = desk.instrument(desk.pair(0))?.rules.quantity_step.size;
    let count = u64::from(declared.trades_page) + 1;
    let order = desk.open_order(Side::Sell, &(step * Decimal::from(count)).to_string()).await?;
    let count = Some(count);
    desk.inject(Fault::new(FaultKind::FillWhileDown { count, quantity: Some(step) }))?;
    let instrument = desk.instrument(desk.pair(0))?;
    let id = order.exchange_order_id.ok_or_else(|| Failed::new("an exchange order id", "none"))?;
    let page = desk.source.fills(&FillQuery::Order { instrument: &instrument, order: &id, page: None }).await?;
    let of_order = bench.account_wire()?.fills_of_order_page();
    equal("rows of a page of an order", of_order.unwrap_or(declared.trades_page) as usize, page.rows.len())?;
    expect(page.next.is_some(), "a next page", "none")?;
    if of_order.is_some() {
        let until = desk.source.market().server_clock().now().after(SECOND);
        let of = History { instrument: &instrument, from: until.before(HOUR), until, page: None };
        let page = desk.source.fills(&FillQuery::Window(of)).await?;
        equal("rows of a page", declared.trades_page as usize, page.rows.len())?;
        expect(page.next.is_some(), "a next page of the window", "none")?;
    }
    Ok(())
}
