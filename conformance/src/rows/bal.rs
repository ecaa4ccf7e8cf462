//! Balances.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join;
use tradewire_core::{
    AccountChange, BalanceReason, BalanceStream, BalanceUpdate, Basis, Decimal, ErrorKind, OrderRequest, Price,
    PrivateMessage, Quantity, Side,
};
use tradewire_simulator::{Fault, FaultKind, Fill, OrderCommand, Side as Taker};

use super::mkt::{MINUTE, SECOND};
use super::nobal::{exact_within, figures, next_read, no_reads, reads};
use crate::account_wire::WireTells;
use crate::bench::desk::MAIN;
use crate::bench::story::word;
use crate::bench::world::decimal;
use crate::bench::{Bench, Desk, DeskSetup, comes_true};
use crate::row::{Failed, Shown, Verdict, equal, expect};
use crate::{Row, WireOrderError};

/// Balances.
pub(super) const ROWS: &[Row] = &[
    Row::traded("BAL-01", "balances are exact, and a full read replaces the set", |b| bal_01(b).boxed_local()),
    Row::traded("BAL-02", "a stream event sets the assets that it lists", |b| bal_02(b).boxed_local()),
    Row::traded("BAL-03", "an older value never replaces a newer", |b| bal_03(b).boxed_local()),
    Row::traded("BAL-04", "available falls by what an order locks", |b| bal_04(b).boxed_local()),
    Row::traded("BAL-05", "available is estimated where the stream has totals only", |b| bal_05(b).boxed_local()),
    Row::traded("BAL-06", "deposits, withdrawals and transfers are seen", |b| bal_06(b).boxed_local()),
    Row::traded("BAL-07", "dust is shown and left", |b| bal_07(b).boxed_local()),
    Row::traded("BAL-08", "reads repair a missed event", |b| bal_08(b).boxed_local()),
    Row::traded("BAL-09", "a budget bounds what is available", |b| bal_09(b).boxed_local()),
];

/// Every poll of balances has come by then.
const POLL: Duration = Duration::from_secs(125);

/// Within so much funds that come in are known: where the stream tells no balances, the next read tells them.
fn noticed_within(bench: &Bench) -> Result<Duration, Failed> {
    let streamed = bench.trading()?.balance_stream != BalanceStream::None;
    Ok(if streamed { SECOND } else { POLL })
}

async fn desk(bench: &Bench) -> Result<Desk, Failed> {
    started(bench, DeskSetup::quiet(bench, &["BTC-USDT", "BNB-USDT"])?).await
}

async fn started(bench: &Bench, setup: DeskSetup) -> Result<Desk, Failed> {
    let desk = bench.desk(setup).await?;
    desk.ready().await?;
    // Nothing happens in the millisecond of the first read.
    desk.pass(Duration::from_millis(10)).await;
    Ok(desk)
}

/// Brings funds in, or takes them out.
fn deposit(desk: &Desk, asset: &str, amount: Decimal) -> Result<(), Failed> {
    let moved = desk.simulator.deposit(MAIN, asset, amount);
    moved.map(drop).map_err(|error| Failed::new("a transfer", error))
}

/// Has the stream tell no balances for a day.
fn mute(bench: &Bench, desk: &Desk) -> Result<(), Failed> {
    for event in bench.account_wire()?.balance_events() {
        desk.inject(Fault::new(FaultKind::Hold { ms: 24 * 3_600_000 }).event(event).always())?;
    }
    Ok(())
}

/// What was told of an asset's balance from a place on: total, available, and why.
fn told(desk: &Desk, from: usize, asset: &str) -> Vec<(Decimal, Decimal, BalanceReason)> {
    let of_asset = |change: &AccountChange| match change {
        AccountChange::Balance { balance, reason } if balance.asset.as_str() == asset => {
            Some((balance.total.normalize(), balance.available.normalize(), *reason))
        }
        _ => None,
    };
    desk.story.all().iter().skip(from).filter_map(|event| of_asset(&event.change)).collect()
}

/// Events from a place on that tell an asset otherwise than it is. Where all assets count together, what is available of one
/// changes with the others: there only totals are compared.
fn retold(bench: &Bench, desk: &Desk, from: usize, asset: &str) -> Result<usize, Failed> {
    let (told, total) = (told(desk, from, asset), figures(desk, asset)?.0);
    let shared = bench.account_wire()?.shares_collateral();
    Ok(told.iter().filter(|told| !shared || told.0 != total).count())
}

async fn bal_01(bench: &Bench) -> Verdict {
    let desk = desk(bench).await?;
    for (asset, amount) in [("BTC", "0.00000001"), ("USDT", "1000000000000000.12345678"), ("BNB", "0.1")] {
        deposit(&desk, asset, decimal(amount)?)?;
    }
    exact_within(&desk, noticed_within(bench)?).await?;
    equal("USDT to the last digit", decimal("1000000001000000.12345678")?, figures(&desk, "USDT")?.0)?;
    equal("an asset that nobody knows", (Decimal::ZERO, Decimal::ZERO), figures(&desk, "NOSUCHTHING")?)?;

    // What of it is available a read may tell.
    desk.pass(2 * SECOND).await;

    mute(bench, &desk)?;
    let seen = desk.story.all().len();
    deposit(&desk, "BNB", -figures(&desk, "BNB")?.0)?;
    deposit(&desk, "BTC", decimal("1.00000001")?)?;
    desk.pass(POLL).await;
    equal("an asset that has vanished", (Decimal::ZERO, Decimal::ZERO), figures(&desk, "BNB")?)?;
    equal("events of it", 1, told(&desk, seen, "BNB").len())?;
    equal("events of one that is as it was", 0, retold(bench, &desk, seen, "USDT")?)?;
    let btc = told(&desk, seen, "BTC");
    expect(btc.len() == 1 && btc[0].2 == BalanceReason::Read, "one new value, by a read", format_args!("{btc:?}"))?;
    exact_within(&desk, Duration::ZERO).await?;
    desk.end(bench).await
}

async fn bal_02(bench: &Bench) -> Verdict {
    let desk = desk(bench).await?;
    let fault = no_reads(bench, &desk)?;
    let (seen, before) = (desk.story.all().len(), figures(&desk, "BNB")?);
    let order = desk.open_order(Side::Buy, "0.01").await?;
    desk.fill(&order, Some("0.004"))?;
    exact_within(&desk, SECOND).await?;
    let words: Vec<_> = desk.story.all().iter().skip(seen).map(|event| word(&event.change)).collect();
    let place = |wanted: &str| words.iter().rposition(|word| word == wanted);
    for asset in desk.moved(desk.pair(0))? {
        let follows = place("Fill").is_some() && place("Fill") < place(&format!("Balance({asset})"));
        expect(follows, format_args!("Fill → Balance of {asset}"), words.join(" → "))?;
    }
    equal("what is told of an asset that is not listed", 0, told(&desk, seen, "BNB").len())?;
    equal("an asset that is not listed", before, figures(&desk, "BNB")?)?;
    desk.simulator.clear_fault(fault);
    desk.end(bench).await
}

async fn bal_03(bench: &Bench) -> Verdict {
    let desk = desk(bench).await?;
    let order = desk.open_order(Side::Buy, "0.1").await?;
    exact_within(&desk, 3 * SECOND).await?;
    // The stream's older value comes after its newer one.
    let fault = no_reads(bench, &desk)?;
    if let Some(values) = bench.account_wire()?.balance_events().first() {
        desk.inject(Fault::new(FaultKind::Hold { ms: 3_000 }).event(values))?;
    }
    desk.fill(&order, Some("0.01"))?;
    desk.pass(SECOND).await;
    desk.fill(&order, Some("0.02"))?;
    exact_within(&desk, SECOND).await?;
    let seen = desk.story.all().len();
    desk.pass(4 * SECOND).await;
    exact_within(&desk, Duration::ZERO).await?;
    for asset in ["USDT", "BTC"] {
        equal(format_args!("events of the older value of {asset}"), 0, retold(bench, &desk, seen, asset)?)?;
    }
    desk.simulator.clear_fault(fault);
    // A read's older value comes after the stream's newer one.
    let path = bench.account_wire()?.paths().balances;
    desk.inject(Fault::new(FaultKind::Delay { ms: 3_000 }).path(path))?;
    next_read(bench, &desk, POLL).await?;
    desk.fill(&order, Some("0.03"))?;
    exact_within(&desk, SECOND).await?;
    let seen = desk.story.all().len();
    desk.pass(4 * SECOND).await;
    exact_within(&desk, Duration::ZERO).await?;
    for asset in ["USDT", "BTC"] {
        equal(format_args!("events of the older read of {asset}"), 0, retold(bench, &desk, seen, asset)?)?;
    }
    desk.end(bench).await
}

/// A refusal of an order for no reason of its own.
fn refusal(bench: &Bench) -> Result<FaultKind, Failed> {
    let wire = bench.account_wire()?;
    let plain = |error: &&WireOrderError| error.status == wire.refusal_status() && error.kind != ErrorKind::Clock;
    let found = wire.order_errors().iter().filter(|error| error.refuses).find(plain);
    let error = found.ok_or_else(|| Failed::new("an error that refuses", "none"))?;
    Ok(bench.code(error.code, None, error.status))
}

/// What the stream tells of an order and its balances comes so much later.
fn hold_stream(bench: &Bench, desk: &Desk, ms: u64) -> Result<(), Failed> {
    let wire = bench.account_wire()?;
    let balances = wire.balance_events().first().copied();
    for event in [wire.paths().order_event].into_iter().chain(balances) {
        desk.inject(Fault::new(FaultKind::Hold { ms }).event(event))?;
    }
    Ok(())
}

async fn bal_04(bench: &Bench) -> Verdict {
    let desk = desk(bench).await?;
    let request = desk.resting(Side::Buy, "0.1")?;
    let lock = desk.lock(&request);
    let before = figures(&desk, "USDT")?;
    let (less, seen) = ((before.0, before.1 - lock), desk.story.all().len());
    // On its way.
    hold_stream(bench, &desk, 2_500)?;
    desk.inject(bench.struck(OrderCommand::Place, FaultKind::Delay { ms: 2_000 })?)?;
    let watching = async {
        desk.pass(SECOND).await;
        figures(&desk, "USDT")
    };
    let (placed, meanwhile) = join(desk.place(request.clone()), watching).await;
    equal("(total, available) while it is on its way", less, meanwhile?)?;
    desk.pass(5 * SECOND).await;
    equal("(total, available) once it is open", less, figures(&desk, "USDT")?)?;
    let order = placed?;
    desk.connector.cancel(&order.client_order_id).await.map_err(|error| Failed::new("a cancel", error))?;
    exact_within(&desk, SECOND).await?;
    // Refused.
    desk.inject(bench.struck(OrderCommand::Place, refusal(bench)?)?)?;
    desk.refused(request.clone()).await?;
    equal("(total, available) after a refusal", before, figures(&desk, "USDT")?)?;
    // Of unknown outcome.
    hold_stream(bench, &desk, 12_000)?;
    desk.inject(Fault::new(FaultKind::LagQuery { ms: 12_000 }))?;
    desk.inject(bench.struck(OrderCommand::Place, FaultKind::LoseReply)?)?;
    let (_, error) = desk.refused(request).await?;
    expect(error.is_unknown(), "an unknown outcome", &error)?;
    desk.pass(3 * SECOND).await;
    equal("(total, available) of an unknown outcome", less, figures(&desk, "USDT")?)?;
    desk.settled().await?;
    equal("(total, available) once it is known", less, figures(&desk, "USDT")?)?;
    let steps = told(&desk, seen, "USDT").into_iter().map(|(_, available, _)| available);
    let expected = vec![less.1, before.1, less.1, before.1, less.1];
    equal("available, step by step", expected, steps.collect::<Vec<_>>())?;
    desk.end(bench).await
}

async fn bal_05(bench: &Bench) -> Verdict {
    if bench.trading()?.balance_stream != BalanceStream::Totals {
        return Ok(Shown::NotRun("an exchange whose stream has totals only".to_owned()));
    }
    let desk = desk(bench).await?;
    let fault = no_reads(bench, &desk)?;
    let request = desk.resting(Side::Buy, "0.1")?;
    let (before, lock) = (figures(&desk, "USDT")?, desk.lock(&request));
    let order = desk.place(request).await?;
    desk.pass(SECOND).await;
    equal("(total, available) that nobody has told", (before.0, before.1 - lock), figures(&desk, "USDT")?)?;
    equal("how it is known", Basis::Estimated, desk.connector.balance(&"USDT".into())?.basis)?;
    desk.simulator.clear_fault(fault);
    next_read(bench, &desk, MINUTE).await?;
    for quantity in ["0.04", "0.06"] {
        let asked = reads(bench, &desk)?;
        desk.fill(&order, Some(quantity))?;
        let read = || reads(bench, &desk).is_ok_and(|reads| reads > asked);
        expect(comes_true(SECOND, read).await, "a read within a second of a fill", "none")?;
        exact_within(&desk, SECOND).await?;
    }
    desk.end(bench).await
}

async fn bal_06(bench: &Bench) -> Verdict {
    let desk = desk(bench).await?;
    let explained = tells_transfers(bench)?;
    // Where the stream tells no more than the new total, a read that follows tells what of it is available.
    let in_two = !explained && bench.trading()?.balance_stream == BalanceStream::Totals;
    for amount in ["250.5", "-1000", "0.00000001"] {
        let (amount, seen, before) = (decimal_of(amount)?, desk.story.all().len(), figures(&desk, "USDT")?);
        deposit(&desk, "USDT", amount)?;
        desk.pass(noticed_within(bench)?).await;
        let told = told(&desk, seen, "USDT").into_iter();
        let told: Vec<_> = told.map(|(total, free, reason)| (total, free, explained.then_some(reason))).collect();
        let reason = explained.then_some(BalanceReason::Transfer(amount));
        let total = in_two.then_some((before.0 + amount, before.1, reason));
        let expected: Vec<_> = total.into_iter().chain([(before.0 + amount, before.1 + amount, reason)]).collect();
        equal(format_args!("what a transfer of {amount} tells"), expected, told)?;
    }
    deposit(&desk, "NEW", decimal("7")?)?;
    exact_within(&desk, noticed_within(bench)?).await?;
    equal("an asset that was never there", decimal("7")?, figures(&desk, "NEW")?.0)?;
    desk.end(bench).await
}

/// Whether the private stream says of a change that it is a transfer.
fn tells_transfers(bench: &Bench) -> Result<bool, Failed> {
    let moves = |message: &PrivateMessage| matches!(message, PrivateMessage::Balance(BalanceUpdate::Moved { .. }));
    let frames = bench.account_wire()?.private_frames().into_iter();
    let mut told =
        frames.filter_map(|frame| if let WireTells::Messages(told) = frame.tells { Some(told) } else { None });
    Ok(told.any(|messages| messages.iter().any(moves)))
}

/// A number that may be negative.
fn decimal_of(text: &str) -> Result<Decimal, Failed> {
    match text.strip_prefix('-') {
        Some(rest) => Ok(-decimal(rest)?),
        None => decimal(text),
    }
}

/// Waits until so much of an asset is available: a read tells it where the stream tells totals only.
async fn available_is(desk: &Desk, asset: &str, what: &str, wanted: Decimal) -> Result<(), Failed> {
    comes_true(SECOND, || figures(desk, asset).is_ok_and(|known| known.1 == wanted)).await;
    equal(what, wanted, figures(desk, asset)?.1)
}

async fn bal_07(bench: &Bench) -> Verdict {
    let setup = DeskSetup::quiet(bench, &["BTC-USDT", "BNB-USDT"])?.of_one_asset(bench, "USDT")?;
    let desk = started(bench, setup).await?;
    let (pair, price) = (desk.pair(0).clone(), desk.price(desk.pair(0), 105)?);
    let step = desk.instrument(&pair)?.rules.quantity_step.size;
    let sale = |steps: &str| {
        let quantity = Quantity::new(step * decimal(steps)?);
        Ok::<_, Failed>(OrderRequest::limit(pair.clone(), Side::Sell, quantity, price))
    };
    // As much as 123 steps hold back, and less than one step more.
    let (asset, all) = desk.held(&sale("123")?, price)?;
    let (_, dust) = desk.held(&sale("0.4")?, price)?;
    deposit(&desk, asset.as_str(), all + dust - figures(&desk, asset.as_str())?.0)?;
    exact_within(&desk, noticed_within(bench)?).await?;
    let have = (all + dust).normalize();
    available_is(&desk, asset.as_str(), "what there is, dust included", have).await?;
    let largest = desk.largest(&pair, Side::Sell, price, have, Decimal::ZERO)?;
    equal("the largest order", sale("123")?.quantity(), largest)?;
    let order = desk.place(sale("123")?).await?;
    exact_within(&desk, SECOND).await?;
    available_is(&desk, asset.as_str(), "what is left", dust.normalize()).await?;
    let (sent, seen) = (desk.simulator.requests().total, desk.story.all().len());
    let of_dust = OrderRequest::market(pair.clone(), Side::Sell, Quantity::new(step * decimal("0.4")?));
    let (_, error) = desk.refused(of_dust).await?;
    equal("kind of the refusal to sell dust", ErrorKind::FilterFailure, error.error().kind())?;
    equal("requests and events", (sent, seen), (desk.simulator.requests().total, desk.story.all().len()))?;
    equal("the largest order of dust", None, desk.largest(&pair, Side::Sell, price, dust, Decimal::ZERO)?)?;
    desk.connector.cancel(&order.client_order_id).await.map_err(|error| Failed::new("a cancel", error))?;
    exact_within(&desk, SECOND).await?;
    largest_buys(&desk, desk.price(&pair, 95)?).await?;
    desk.end(bench).await
}

/// The largest order that funds pay for is accepted, and one step more could not be paid.
async fn largest_buys(desk: &Desk, price: Price) -> Result<(), Failed> {
    let (pair, have) = (desk.pair(0).clone(), figures(desk, "USDT")?.1);
    let step = desk.instrument(&pair)?.rules.quantity_step.size;
    for fee in ["0", "0.001"] {
        let fee = decimal(fee)?;
        let largest = desk.largest(&pair, Side::Buy, price, have, fee)?;
        let largest = largest.ok_or_else(|| Failed::new("a largest order", "none"))?;
        let request = |quantity| OrderRequest::limit(pair.clone(), Side::Buy, quantity, price);
        let cost = |quantity: Quantity| {
            let held = desk.held(&request(quantity), price)?.1;
            Ok::<_, Failed>(held + quantity.value() * price.value() * fee)
        };
        expect(cost(largest)? <= have, "an order that is paid for, its fee included", largest)?;
        expect(cost(Quantity::new(largest.value() + step))? > have, "no larger one that is", largest)?;
        if fee.is_zero() {
            let order = desk.place(request(largest)).await?;
            desk.connector.cancel(&order.client_order_id).await.map_err(|error| Failed::new("a cancel", error))?;
        }
    }
    Ok(())
}

async fn bal_08(bench: &Bench) -> Verdict {
    let desk = desk(bench).await?;
    let order = desk.open_order(Side::Sell, "0.1").await?;
    exact_within(&desk, 3 * SECOND).await?;
    mute(bench, &desk)?;
    deposit(&desk, "BNB", decimal("3")?)?;
    desk.fill(&order, Some("0.05"))?;
    let fault = no_reads(bench, &desk)?;
    let before = desk.connector.balance(&"BNB".into())?;
    let asked = reads(bench, &desk)?;
    desk.pass(POLL).await;
    expect(reads(bench, &desk)? > asked, "a read that fails", "none")?;
    equal("a balance after failed reads, its age included", before, desk.connector.balance(&"BNB".into())?)?;
    desk.simulator.clear_fault(fault);
    let seen = desk.story.all().len();
    next_read(bench, &desk, MINUTE).await?;
    let read = |told: Vec<(Decimal, Decimal, BalanceReason)>| {
        told.len() == 1 && told.iter().all(|told| told.2 == BalanceReason::Read)
    };
    // What own fills move is known without a read, where the stream does not tell it.
    let streamed =
        bench.capabilities().trading.as_ref().is_some_and(|trading| trading.balance_stream == BalanceStream::Whole);
    let moved = if streamed { desk.moved(desk.pair(0))? } else { Vec::new() };
    for asset in moved.into_iter().chain(["BNB".into()]) {
        let told = told(&desk, seen, asset.as_str());
        expect(read(told.clone()), format_args!("a new balance of {asset} by a read"), format_args!("{told:?}"))?;
    }
    exact_within(&desk, Duration::ZERO).await?;
    desk.end(bench).await
}

async fn bal_09(bench: &Bench) -> Verdict {
    let budget = decimal("2000")?;
    let setup = DeskSetup::quiet(bench, &["BTC-USDT"])?.tweak(move |config| {
        config.budgets.insert("USDT".into(), budget);
    });
    let desk = bench.desk(setup).await?;
    desk.ready().await?;
    let is = |step: &str, expected: Decimal| {
        equal(format_args!("available {step}"), expected.normalize(), figures(&desk, "USDT")?.1)
    };
    is("at the start", budget)?;
    let (whole, half) = (geared(&desk, "0.02")?, geared(&desk, "0.01")?);
    let order = desk.open_order(Side::Buy, &whole).await?;
    let lock = desk.lock(&desk.resting(Side::Buy, &whole)?);
    is("less the lock", budget - lock)?;
    desk.fill(&order, Some(&half))?;
    desk.pass(SECOND).await;
    is("a fill moves it from lock to spent", budget - lock / Decimal::TWO + gained(&desk)?)?;
    let (sent, over) = (desk.simulator.requests().total, desk.resting(Side::Buy, &whole)?);
    let (_, error) = desk.refused(over).await?;
    equal("kind of the refusal beyond the budget", ErrorKind::InsufficientBalance, error.error().kind())?;
    equal("requests for it", sent, desk.simulator.requests().total)?;
    desk.connector.cancel(&order.client_order_id).await.map_err(|error| Failed::new("a cancel", error))?;
    desk.pass(SECOND).await;
    is("the rest cancelled", budget + gained(&desk)?)?;
    let quarter = geared(&desk, "0.005")?;
    let sold = desk.place(desk.taking(Side::Sell, &quarter)?).await?;
    desk.pass(SECOND).await;
    let sold = desk.order(&sold.client_order_id).await?;
    expect(sold.filled.value() == decimal(&quarter)?, "a sale", sold.filled)?;
    is("what was sold added", budget + gained(&desk)?)?;
    let total = desk.simulator.balances(MAIN).get("USDT").map(|balance| balance.total().normalize());
    equal("the total, which has no budget", total, Some(figures(&desk, "USDT")?.0))?;
    desk.end_unsettled(bench).await
}

/// So much more of a contract as its leverage makes it lock less.
fn geared(desk: &Desk, quantity: &str) -> Result<String, Failed> {
    let leverage = desk.connector.leverage(desk.pair(0), None).unwrap_or(Decimal::ONE);
    Ok((decimal(quantity)? * leverage).normalize().to_string())
}

/// What all fills have brought in of USDT, by the exchange's own books, less what they tie up in a position.
fn gained(desk: &Desk) -> Result<Decimal, Failed> {
    let fills = desk.simulator.fills(MAIN);
    let paid = |fill: &Fill| if fill.side == Taker::Buy { -fill.quote } else { fill.quote };
    let fees: Decimal = fills.iter().filter(|fill| &*fill.commission_asset == "USDT").map(|fill| fill.commission).sum();
    let cash = fills.iter().map(paid).sum::<Decimal>() - fees;
    let Some(leverage) = desk.connector.leverage(desk.pair(0), None) else { return Ok(cash) };
    let position = desk.connector.position(desk.pair(0), None).ok_or_else(|| Failed::new("a position", "none"))?;
    let value = position.size * position.entry_price.map(Price::value).unwrap_or_default();
    Ok(cash + value - value / leverage)
}
