//! Instruments and their rules.

use std::time::Duration;

use futures_util::FutureExt;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tradewire_core::{BookState, ErrorKind, InstrumentStatus, LifeEvent, MarketEvent, Part, Price, Quantity, Side};
use tradewire_simulator::{Config, Fault, FaultKind, Flow, Listing, Novelty, Side as Taker, TradingStatus};
use tradewire_tracking::{MarketConfig, Scale};

use super::book::SCALE;
use super::book_live::stir;
use super::mkt::{MINUTE, SECOND, take, trades};
use super::rule_orders::{rule_03_orders, rule_06, rule_07, rule_09, rule_10_orders, rule_11};
use crate::bench::witness::Mark;
use crate::bench::world::{decimal, pair};
use crate::bench::{Bench, Setup, Stand};
use crate::row::{Failed, Verdict, equal, expect};
use crate::{Row, WireInstrument, WireTrade};

/// Instruments and their rules.
pub(super) const ROWS: &[Row] = &[
    Row::once("RULE-01", "all 1 200 instruments are read; those that do not trade are listed with their status", |b| {
        rule_01(b).boxed_local()
    }),
    Row::once("RULE-02", "pair → symbol → pair is the identity; an unknown symbol is an answer", |b| {
        rule_02(b).boxed_local()
    }),
    Row::traded("RULE-03", "a symbol with letters outside ASCII works through every path", |b| {
        rule_03(b).boxed_local()
    }),
    Row::once("RULE-04", "an unreadable instrument is named, the others load; unknown words are kept", |b| {
        rule_04(b).boxed_local()
    }),
    Row::once("RULE-05", "rules are read every 30 min; old ones hold for 2 h, then the part is not ready", |b| {
        rule_05(b).boxed_local()
    }),
    Row::traded("RULE-06", "a delisted or halted pair takes no new order, and its orders stay tracked", |b| {
        rule_06(b).boxed_local()
    }),
    Row::traded("RULE-07", "placing never rounds: off its step, a number is refused with its neighbours", |b| {
        rule_07(b).boxed_local()
    }),
    Row::once("RULE-08", "rounding is to the step, never more aggressive, and stands still", |b| {
        rule_08(b).boxed_local()
    }),
    Row::traded("RULE-09", "least and most quantity and notional are checked before anything is sent", |b| {
        rule_09(b).boxed_local()
    }),
    Row::traded("RULE-10", "numbers are exact from text to text, or an error", |b| rule_10(b).boxed_local()),
    Row::traded("RULE-11", "rules that depend on a moving price are left to the exchange", |b| {
        rule_11(b).boxed_local()
    }),
];

async fn rule_01(bench: &Bench) -> Verdict {
    let mut setup = Setup::many(bench, 1_200)?.following(1);
    for listing in setup.exchange.listings.iter_mut().skip(1).step_by(100) {
        listing.status = TradingStatus::Halt;
    }
    let halted = setup.exchange.listings.iter().filter(|listing| listing.status == TradingStatus::Halt).count();
    let world = bench.world(setup).await?;
    let ready = |event: &LifeEvent| matches!(event, LifeEvent::PartReady { part: Part::Instruments });
    world.witness.life(Mark::default(), MINUTE, "PartReady(instruments)", ready).await?;
    world.ready().await?;
    let instruments = world.market.instruments();
    let not_tradable = instruments.values().filter(|one| !one.tradable()).count();
    if bench.wire().instrument_list().halted {
        equal("instruments", 1_200, instruments.len())?;
        equal("instruments that do not trade", halted, not_tradable)?;
        let status = &world.instrument(&pair("GEN0002-USDT")?)?.status;
        let halted = matches!(status, InstrumentStatus::Halted(_) | InstrumentStatus::CancelOnly);
        expect(halted, "its status", format_args!("{status:?}"))?;
    } else {
        equal("instruments that trade", (1_200 - halted, 0), (instruments.len(), not_tradable))?;
    }
    world.end(bench).await
}

async fn rule_02(bench: &Bench) -> Verdict {
    let mut setup = Setup::many(bench, 300)?.following(1);
    setup.exchange.listings.extend(Listing::defaults());
    setup.exchange.listings.push(Listing::wide());
    let world = bench.world(setup).await?;
    world.ready().await?;
    let instruments = world.market.instruments();
    let mut symbols = std::collections::BTreeMap::new();
    for (pair, instrument) in instruments.iter() {
        equal("pair of the instrument", pair, &instrument.pair)?;
        equal(format_args!("symbol of {pair}"), bench.wire().symbol(pair), instrument.symbol.to_string())?;
        equal("market kind", bench.capabilities().kind, instrument.kind)?;
        let twice = symbols.insert(instrument.symbol.clone(), pair.clone());
        expect(twice.is_none(), "one pair a symbol", format_args!("{pair} and {twice:?}"))?;
    }
    equal("symbols", 305, symbols.len())?;
    let mut stand = Stand::new(bench, SCALE)?;
    let trade = WireTrade { id: 1, price: "1", quantity: "1", taker: Side::Buy, time: crate::bench::stand::NOW };
    let frame = bench.wire().trade("NOSUCHTHING", &trade);
    stand.frame(&frame).map_err(|error| Failed::new("an unknown symbol taken as none of ours", error.error))?;
    equal("trades of an unknown symbol", 0, stand.sink.trades.len())?;
    world.end(bench).await
}

async fn rule_03(bench: &Bench) -> Verdict {
    let listings = vec![Listing::wide(), Listing::new("BTC", "USDT")];
    let exchange = Config { listings, flow: Flow::Off, ..bench.exchange()? };
    let wide = pair(&exchange.listings[0].pair())?;
    expect(!wide.as_str().is_ascii(), "a pair with letters outside ASCII", &wide)?;
    let pairs = vec![wide.clone()];
    let market = MarketConfig::default();
    let world = bench.world(Setup { exchange, market, pairs, faults: Vec::new(), unread: false }).await?;
    world.ready().await?;
    let mark = world.witness.mark();
    stir(&world, &wide)?;
    world.caught_up(&wide).await?;
    take(&world, &wide, Taker::Buy)?;
    world.pass(SECOND).await;
    expect(!trades(&world, &wide, mark).is_empty(), "trades of it", "none")?;
    let instrument = world.instrument(&wide)?;
    let instruments = [instrument.clone(), world.instrument(&pair("BTC-USDT")?)?];
    equal("last prices", 2, world.source.last_prices(&instruments).await?.len())?;
    equal("best prices", 2, world.source.best_prices(&instruments).await?.len())?;
    if bench.capabilities().market.ticker_24h {
        equal("pair of its ticker", &wide, &world.source.ticker_24h(&instrument).await?.pair)?;
    }
    expect(!world.source.recent_trades(&instrument, 5).await?.is_empty(), "recent trades of it", "none")?;
    if let Some(interval) = bench.capabilities().market.candle_intervals.first() {
        expect(!world.source.candles(&instrument, interval, 5).await?.is_empty(), "candles of it", "none")?;
    }
    let answer = world.source.snapshot(&instrument, 100).await?;
    equal(
        "symbol of a recorded snapshot",
        Some(instrument.symbol.to_string()),
        world.source.snapshot_request(&answer.url).map(|request| request.symbol),
    )?;
    let lowered = world
        .simulator
        .connections()
        .iter()
        .flat_map(|connection| connection.subscriptions.clone())
        .collect::<Vec<_>>();
    let stream = bench.wire().book_stream(&instrument.symbol);
    expect(lowered.contains(&stream), format_args!("the stream {stream}"), format_args!("{lowered:?}"))?;
    world.end(bench).await?;
    rule_03_orders(bench).await
}

async fn rule_04(bench: &Bench) -> Verdict {
    let good = WireInstrument { base: "AAA", quote: "USDT", status: None, tick: "0.01", step: "0.001", filter: None };
    let list = [
        good,
        WireInstrument { base: "BBB", tick: "a little", ..good },
        WireInstrument { base: "CCC", status: Some("SLEEPING"), ..good },
        WireInstrument { base: "DDD", filter: Some("PHASE_OF_THE_MOON"), ..good },
    ];
    let source = bench.unconnected()?;
    let list = source.decode_instruments(&bench.wire().instruments(&list))?;
    equal("instruments read", 3, list.instruments.len())?;
    equal("instruments left out", 1, list.unreadable.len())?;
    let told = &list.unreadable[0];
    equal("kind", ErrorKind::Decode, told.kind())?;
    expect(told.to_string().contains("BBB"), "the unreadable one by name", told)?;
    let unknown = &list.instruments[1];
    equal("status", InstrumentStatus::Unknown("SLEEPING".to_owned()), unknown.status.clone())?;
    expect(!unknown.tradable(), "an unknown status is not tradable", "tradable")?;
    let filters =
        if bench.wire().instrument_list().filters { vec!["PHASE_OF_THE_MOON".to_owned()] } else { Vec::new() };
    equal("unknown filters", filters, list.instruments[2].unknown_filters.clone())?;

    let novel = FaultKind::Novel { what: Novelty::Enum };
    let setup = Setup::quiet(bench, &["ETH-USDT", "BTC-USDT"])?;
    let mut setup = setup.fault(Fault::new(novel).path(bench.wire().paths().instruments));
    setup.pairs.remove(0);
    let world = bench.world(setup).await?;
    world.ready().await?;
    let status = world.instrument(&pair("ETH-USDT")?)?.status.clone();
    equal("status over the wire", InstrumentStatus::Unknown("NEVER_SEEN".to_owned()), status)?;
    world.end(bench).await
}

async fn rule_05(bench: &Bench) -> Verdict {
    let mut setup = Setup::quiet(bench, &["BTC-USDT"])?;
    setup.market.stale_after = Duration::from_secs(24 * 3600);
    setup.market.topics.funding = false;
    let world = bench.world(setup).await?;
    world.ready().await?;
    let (followed, path) = (world.pair(0).clone(), bench.wire().paths().instruments);
    let (mark, read) = (world.witness.mark(), world.requests(path).len());
    let tick = decimal("0.05")?;
    world.simulator.inject(Fault::new(FaultKind::TickChange { tick }).pair(followed.as_str()))?;
    world.pass(29 * MINUTE).await;
    equal("reads before 30 min", read, world.requests(path).len())?;
    let is_it = |event: &MarketEvent| matches!(event, MarketEvent::Instrument(_));
    world.witness.wait_market(mark, 2 * MINUTE, "Instrument", &followed, is_it).await?;
    equal("tick", tick, world.instrument(&followed)?.rules.price_step.size)?;

    let (mark, read_at) = (world.witness.mark(), tokio::time::Instant::now());
    world.simulator.inject(Fault::new(FaultKind::Status { status: 500 }).path(path).always())?;
    world.pass(110 * MINUTE).await;
    equal("tick while reads fail", tick, world.instrument(&followed)?.rules.price_step.size)?;
    expect(
        !world.market.waiting().contains_key(&Part::Instruments),
        "ready while the rules are younger than 2 h",
        "not ready",
    )?;
    let not_ready = |event: &LifeEvent| matches!(event, LifeEvent::PartNotReady { part: Part::Instruments, .. });
    let (after, at) = world.witness.life(mark, 15 * MINUTE, "PartNotReady(instruments)", not_ready).await?;
    let age = at - read_at;
    expect(age >= 119 * MINUTE && age <= 122 * MINUTE, "not ready after 2 h", format_args!("{age:?}"))?;
    world.simulator.clear_faults();
    let ready = |event: &LifeEvent| matches!(event, LifeEvent::PartReady { part: Part::Instruments });
    world.witness.life(after, 2 * MINUTE, "PartReady(instruments)", ready).await?;
    world.end(bench).await
}

async fn rule_08(bench: &Bench) -> Verdict {
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT", "ETH-BTC", "BNB-USDT"])?).await?;
    world.ready().await?;
    let mut random = ChaCha8Rng::seed_from_u64(bench.seed());
    let instruments: Vec<_> = world.market.instruments().values().cloned().collect();
    for _ in 0..10_000 {
        let rules = &instruments[random.random_range(0..instruments.len())].rules;
        let (mantissa, scale) = (random.random_range(1..10_000_000_000_000_i64), random.random_range(0..12_u32));
        let (price, quantity) = (Price::from_scaled(mantissa, scale), Quantity::from_scaled(mantissa, scale));
        let (buy, sell) = (rules.round_price(price, Side::Buy), rules.round_price(price, Side::Sell));
        expect(
            buy <= price && price <= sell,
            format_args!("never more aggressive than {price}"),
            format_args!("{buy}, {sell}"),
        )?;
        equal("rounding twice", (buy, sell), (rules.round_price(buy, Side::Buy), rules.round_price(sell, Side::Sell)))?;
        let less = rules.round_quantity(quantity);
        expect(less <= quantity, format_args!("not above {quantity}"), less)?;
        equal("rounding twice", less, rules.round_quantity(less))?;
        let on_step = rules.price_step.check(buy.value()).is_ok()
            && rules.price_step.check(sell.value()).is_ok()
            && rules.quantity_step.check(less.value()).is_ok();
        expect(on_step, "values on their steps", format_args!("{buy}, {sell}, {less}"))?;
    }
    world.end(bench).await
}

async fn rule_10(bench: &Bench) -> Verdict {
    for text in [
        "0.000000000000000001",
        "1000000000000000",
        "1000000000000000.000000000001",
        "1234567890123456789012345678",
        "0.1",
    ] {
        equal("text → price → text", text.to_owned(), text.parse::<Price>()?.to_string())?;
        equal("text → quantity → text", text.to_owned(), text.parse::<Quantity>()?.to_string())?;
    }
    for text in ["1e5", "", "0.00000000000000000000000000001", "12345678901234567890123456789.1", "NaN", "1,5"] {
        expect(text.parse::<Price>().is_err(), format_args!("an error for '{text}'"), "a number")?;
    }
    // Decimals of price and quantity, the texts on the wire, and whether they can be told exactly.
    for (scale, price, quantity, fits) in [
        (Scale { price: 18, quantity: 0 }, "0.000000000000000123", "1000000000000000", true),
        (Scale { price: 0, quantity: 18 }, "1000000000000000", "0.000000000000000001", true),
        (Scale { price: 8, quantity: 8 }, "61837.63000000", "0.00012000", true),
        (Scale { price: 2, quantity: 5 }, "61837.631", "1.00000", false),
        (Scale { price: 2, quantity: 5 }, "61837.63", "1.000001", false),
    ] {
        exact_in_a_book(bench, scale, (price, quantity), fits)?;
        exact_in_a_trade(bench, scale, (price, quantity), fits)?;
    }
    rule_10_orders(bench).await
}

fn plain(text: &str) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text.to_owned() }
}

/// A level goes from the wire to the book's answer without a change, or is an error.
fn exact_in_a_book(bench: &Bench, scale: Scale, (price, quantity): (&str, &str), fits: bool) -> Result<(), Failed> {
    let mut stand = Stand::new(bench, scale)?;
    stand.snapshot(100, 1000, &[], &[])?;
    let frame = stand.next_frame(&[(price, quantity)], &[]);
    match (stand.frame(&frame), fits) {
        (Ok(_), true) => {
            equal("a level", vec![(plain(price), plain(quantity))], stand.levels(Side::Buy))?;
            equal("state", BookState::Live, stand.sink.book.state())
        }
        (Err(_), false) => Ok(()),
        (Ok(_), false) => Err(Failed::new(
            format_args!("an error for {price} × {quantity}"),
            format_args!("{:?}", stand.levels(Side::Buy)),
        )),
        (Err(error), true) => Err(Failed::new(format_args!("the level {price} × {quantity}"), error.error)),
    }
}

/// A trade likewise.
fn exact_in_a_trade(bench: &Bench, scale: Scale, (price, quantity): (&str, &str), fits: bool) -> Result<(), Failed> {
    let mut stand = Stand::new(bench, scale)?;
    let trade = WireTrade { id: 7, price, quantity, taker: Side::Sell, time: crate::bench::stand::NOW };
    let frame = bench.wire().trade(&stand.sink.instrument.symbol.clone(), &trade);
    match (stand.frame(&frame), fits) {
        (Ok(_), true) => {
            let Some(told) = stand.sink.trades.first() else { return Err(Failed::new("a trade", "none")) };
            equal("price", plain(price), Price::from_scaled(told.price, scale.price).to_string())?;
            equal("quantity", plain(quantity), Quantity::from_scaled(told.quantity, scale.quantity).to_string())
        }
        (Err(_), false) => Ok(()),
        (Ok(_), false) => {
            Err(Failed::new(format_args!("an error for {price} × {quantity}"), format_args!("{:?}", stand.sink.trades)))
        }
        (Err(error), true) => Err(Failed::new(format_args!("the trade {price} × {quantity}"), error.error)),
    }
}
