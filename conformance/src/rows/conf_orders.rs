//! Configuration, as far as orders are concerned.

use std::collections::HashSet;
use std::time::Duration;

use tradewire_core::{
    BookState, ClientOrderId, CommandError, Decimal, Error, ErrorKind, FeeRates, LifeEvent, Side, Timestamp,
};
use tradewire_simulator::{CommissionRates, Fault, FaultKind, OrderCommand, Simulator};
use tradewire_tracking::{ClientOrderIds, Connector, IdForm, MarketConfig};
use tradewire_transport::{Credentials, Secret, SigningKey};

use super::auth::{is_kind, signed};
use super::mkt::{MINUTE, SECOND};
use crate::bench::beside::Beside;
use crate::bench::desk::MAIN;
use crate::bench::world::{SOON, addresses, decimal};
use crate::bench::{Bench, Desk, DeskSetup, Setup, comes_true};
use crate::row::{Failed, Shown, Verdict, equal, expect};

/// Ids made by each instance.
const IDS: usize = 1_000_000;

pub(super) async fn conf_02(bench: &Bench) -> Verdict {
    let setup = Setup::quiet(bench, &["BTC-USDT"])?;
    let simulator = Simulator::start(setup.exchange).await?;
    let source = bench.subject().source(&addresses(simulator.addresses()))?;
    let pair = setup.pairs[0].clone();
    let connector = Connector::market_only(source, MarketConfig::default(), [pair.clone()]);
    let ready = tokio::time::timeout(SOON, connector.ready()).await;
    ready.map_err(|_| Failed::new("readiness", format_args!("{:?}", connector.waiting())))??;
    let book = connector.book(&pair).ok_or_else(|| Failed::new("a book", "none"))?;
    equal("the book", BookState::Live, book.state())?;
    let (quantity, price) = ("0.01".parse()?, "60000".parse()?);
    let request = tradewire_core::OrderRequest::limit(pair.clone(), Side::Buy, quantity, price);
    let id = ClientOrderId::from("tw-1");
    not_configured("place", connector.place(request.clone()).await)?;
    not_configured("cancel", connector.cancel(&id).await)?;
    not_configured("amend", connector.amend(&id, Default::default()).await)?;
    not_configured("replace", connector.replace(&id, request).await)?;
    not_configured("clear", connector.clear(&pair).await)?;
    let half: [(&str, Option<Error>); 2] = [
        ("API key", Credentials::new(Secret::new(""), SigningKey::hmac_sha256(&Secret::new("s"))?).err()),
        ("secret key", SigningKey::hmac_sha256(&Secret::new("")).err()),
    ];
    for (field, error) in half {
        let error = error.ok_or_else(|| Failed::new(format_args!("an error without the {field}"), "credentials"))?;
        is_kind(field, ErrorKind::Config, &error)?;
        expect(error.to_string().contains(field), format_args!("the {field} named"), &error)?;
    }
    equal("requests for an account", 0, signed(&simulator).len())?;
    connector.stop().await;
    simulator.stop().await;
    Ok(Shown::Works)
}

fn not_configured<T>(what: &str, outcome: Result<T, CommandError>) -> Result<(), Failed> {
    match outcome {
        Err(CommandError::NotSent(error)) => is_kind(what, ErrorKind::Config, &error),
        Err(other) => Err(Failed::new(format_args!("NotSent(Config) of {what}"), format_args!("{other:?}"))),
        Ok(_) => Err(Failed::new(format_args!("NotSent(Config) of {what}"), "success")),
    }
}

pub(super) async fn conf_04(bench: &Bench) -> Verdict {
    million_ids(bench)?;
    let mut desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    let mut newest = String::new();
    for _ in 0..3 {
        desk.ready().await?;
        for _ in 0..3 {
            let id = desk.open_order(Side::Buy, "0.001").await?.client_order_id.as_str().to_owned();
            expect(id > newest, format_args!("an id after {newest}, also after a crash"), &id)?;
            fits(bench, "tw", &id)?;
            let instance = |id: &str| id.get(..10).map(str::to_owned);
            expect(newest.is_empty() || instance(&id) == instance(&newest), "one instance part", &id)?;
            newest = id;
        }
        desk = desk.restart(bench).await?;
    }
    desk.ready().await?;
    desk.end(bench).await
}

/// Two instances with one key never make an id twice, and the ids of each rise.
fn million_ids(bench: &Bench) -> Result<(), Failed> {
    let Some(trading) = &bench.capabilities().trading else { return Err(Failed::new("trading", "none")) };
    let mut seen = HashSet::with_capacity(2 * IDS);
    let start = Timestamp::from_millis(1_780_000_000_000);
    for instance in [1, 2] {
        let mut ids = ClientOrderIds::start(IdForm::new("tw", trading)?, None, instance)?;
        let mut last = ClientOrderId::from("");
        for number in 0..IDS {
            if number == IDS / 2 {
                // As after a crash, with the clock set back: what was recorded is all that is known.
                let recorded = ids.fact().map(|(_, value)| value);
                ids = ClientOrderIds::start(IdForm::new("tw", trading)?, recorded.as_deref(), 7)?;
            }
            let id = ids.next(start.after(Duration::from_micros((number % (IDS / 2)) as u64)));
            expect(id > last, format_args!("an id after {last}"), &id)?;
            if number % 10_000 == 0 {
                fits(bench, "tw", id.as_str())?;
            }
            expect(seen.insert(id.clone()), "an id never made before", &id)?;
            last = id;
        }
    }
    Ok(())
}

fn fits(bench: &Bench, prefix: &str, id: &str) -> Result<(), Failed> {
    let Some(trading) = &bench.capabilities().trading else { return Err(Failed::new("trading", "none")) };
    let letters = id.chars().all(|c| c.is_ascii_alphanumeric() || trading.client_order_id_marks.contains(c));
    let fits = id.len() <= trading.client_order_id_max_len && letters && id.starts_with(prefix);
    expect(fits, "an id of the declared length and alphabet with its prefix", id)
}

pub(super) async fn conf_05(bench: &Bench) -> Verdict {
    let Some(trading) = bench.capabilities().trading.clone() else { return Err(Failed::new("trading", "none")) };
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let longest = "x".repeat(trading.client_order_id_max_len);
    let mut request = desk.resting(Side::Buy, "0.01")?;
    request.client_order_id = Some(ClientOrderId::from(longest.clone()));
    let live = desk.place(request.clone()).await?;
    let ended = desk.open_order(Side::Buy, "0.01").await?.client_order_id;
    desk.connector.cancel(&ended).await.map_err(|error| Failed::new("a cancelled order", error))?;
    let wrong = |id: &str| ClientOrderId::from(id);
    let mut refused = vec![wrong(&format!("{longest}x")), wrong("")];
    let others = " ./:~ä".chars().filter(|mark| !trading.client_order_id_marks.contains(*mark));
    refused.extend(others.map(|mark| wrong(&format!("a{mark}b"))));
    let used = [live.client_order_id.clone(), ended];
    cannot_be_used(&desk, refused.iter().chain(&used)).await?;
    let desk = desk.restart(bench).await?;
    desk.ready().await?;
    cannot_be_used(&desk, &used).await?;
    desk.end(bench).await
}

/// Orders with these ids are refused here, and nobody hears of them.
async fn cannot_be_used(desk: &Desk, ids: impl IntoIterator<Item = &ClientOrderId>) -> Result<(), Failed> {
    let sent = desk.commands(OrderCommand::Place).len();
    let ids: Vec<_> = ids.into_iter().collect();
    // What happened before is heard by then.
    desk.pass(SOON).await;
    let heard: Vec<_> = ids.iter().map(|id| desk.story.of_order(id)).collect();
    for &id in &ids {
        let mut request = desk.resting(Side::Buy, "0.01")?;
        request.client_order_id = Some(id.clone());
        let (_, error) = desk.refused(request).await?;
        expect(
            matches!(error, CommandError::NotSent(_)),
            format_args!("NotSent for '{id}'"),
            format_args!("{error:?}"),
        )?;
        is_kind(&format!("'{id}'"), ErrorKind::InvalidRequest, error.error())?;
    }
    desk.pass(SOON).await;
    for (id, before) in ids.into_iter().zip(heard) {
        equal(format_args!("events about '{id}'"), before, desk.story.of_order(id))?;
    }
    equal("orders that left", sent, desk.commands(OrderCommand::Place).len())
}

pub(super) async fn conf_06(bench: &Bench) -> Verdict {
    const FEES_INTERVAL: Duration = Duration::from_secs(12 * 3_600);
    let fees = bench.account_wire()?.paths().fees;
    let failing = || Fault::new(FaultKind::Status { status: 500 }).path(fees).always();
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?.fault(failing())).await?;
    desk.ready().await?;
    desk.pass(MINUTE).await;
    let pair = desk.pair(0).clone();
    let known = || desk.connector.fees(&pair).map_err(Failed::from);
    equal("commission before the account's own", desk.source.default_fees(), known()?)?;
    let becomes = async |rates: FeeRates| {
        let came = comes_true(MINUTE, || desk.connector.fees(&pair).ok() == Some(rates)).await;
        expect(came, format_args!("commission {rates:?}"), format_args!("{:?}", desk.connector.fees(&pair)))
    };
    let (own, later) = (rates("0.0004", "0.0007")?, rates("0.0002", "0.0005")?);
    set_rates(&desk, own)?;
    desk.simulator.clear_faults();
    becomes(own).await?;
    let asked = desk.requests(fees).len();
    set_rates(&desk, later)?;
    desk.inject(failing())?;
    desk.pass(FEES_INTERVAL - 5 * MINUTE).await;
    equal("commission read before 12 h", asked, desk.requests(fees).len())?;
    desk.pass(10 * MINUTE).await;
    expect(desk.requests(fees).len() > asked, "commission asked for after 12 h", "not")?;
    equal("commission after a failed read", own, known()?)?;
    desk.simulator.clear_faults();
    becomes(later).await?;
    desk.end(bench).await
}

fn rates(maker: &str, taker: &str) -> Result<FeeRates, Failed> {
    Ok(FeeRates { maker: decimal(maker)?, taker: decimal(taker)? })
}

fn set_rates(desk: &Desk, to: FeeRates) -> Result<(), Failed> {
    let mut theirs = CommissionRates::default();
    theirs.standard = tradewire_simulator::Rates::new(to.maker, to.taker);
    desk.simulator.set_rates(MAIN, theirs).map_err(|error| Failed::new("rates of an account", error))
}

/// Two accounts share nothing but the address.
pub(super) async fn conf_07_accounts(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let beside = Beside::start(bench, &desk, "other").await?;
    let ours = desk.open_order(Side::Buy, "0.01").await?;
    let theirs = beside.place(desk.resting(Side::Buy, "0.02")?).await?;
    expect(desk.order(&theirs.client_order_id).await.is_err(), "only own orders", "the other's")?;
    // Whatever follows from the two orders has been read and told by then.
    desk.pass(12 * SECOND).await;
    let (mark, events) = (desk.witness.mark(), desk.story.all().len());

    expect(desk.simulator.revoke_key(&beside.key.api_key), "a revoked key", "none")?;
    let refused = beside.connector.place(desk.resting(Side::Buy, "0.02")?).await;
    match refused {
        Err(CommandError::Rejected(error)) => is_kind("the other's order", ErrorKind::Auth, &error)?,
        other => return Err(Failed::new("a refusal of the other's order", format_args!("{other:?}"))),
    }
    desk.inject(Fault::new(FaultKind::EndSubscription).account("other"))?;
    desk.pass(3 * MINUTE).await;
    let disturbed =
        |event: &tradewire_core::Event| matches!(event, tradewire_core::Event::Life(LifeEvent::PartNotReady { .. }));
    let seen: Vec<_> = desk.witness.since(mark).into_iter().filter(|(_, event)| disturbed(event)).collect();
    expect(seen.is_empty(), "nothing of it in the one", format_args!("{seen:?}"))?;
    equal("events of the one", Vec::<String>::new(), desk.story.words_after(events))?;
    let taken = desk.place(desk.taking(Side::Buy, "0.01")?).await?;
    expect(taken.filled.value() > Decimal::ZERO, "a fill", "none")?;

    let Beside { connector, story, witness, source, .. } = beside;
    connector.stop().await;
    story.end(SOON).await?;
    witness.end(SOON).await?;
    drop(source);
    desk.connector.cancel(&ours.client_order_id).await.map_err(|error| Failed::new("a cancelled order", error))?;
    desk.ready().await?;
    desk.end(bench).await
}
