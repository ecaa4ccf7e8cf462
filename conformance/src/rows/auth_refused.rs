//! Authorisation: credentials that are refused, and signers that fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, pending};
use tradewire_core::{CommandError, Error, ErrorKind, LifeEvent, Part, Side, Timestamp};
use tradewire_simulator::{Credentials as Key, Fault, FaultKind, OrderCommand};
use tradewire_tracking::OrderEntry;
use tradewire_transport::{Credentials, ExternalSigner, SIGN_TIMEOUT, Secret, Signature, SigningAlgorithm};

use super::auth::{Idle, account, actions, is_kind, keyed};
use super::mkt::{MINUTE, SECOND};
use crate::bench::desk::{MAIN, credentials};
use crate::bench::witness::Mark;
use crate::bench::world::SOON;
use crate::bench::{Bench, DeskSetup, Setup};
use crate::row::{Failed, Shown, Verdict, equal, expect};
use crate::{AccountWire, Subject};

pub(super) async fn auth_09(bench: &Bench) -> Verdict {
    let revoked = Fault::new(FaultKind::RevokeKey { key: None });
    refused_at_first_use(bench, vec![revoked]).await.map_err(|failed| failed.at("a revoked key"))?;
    let wire = bench.account_wire()?;
    for error in wire.refused_credentials() {
        let text = format!("refused for reason {}", error.code);
        let code = bench.code(error.code, Some(&text), error.status);
        let logins = [Some(wire.paths().login), wire.command_login()].into_iter().flatten();
        let faults = logins.map(|login| Fault::new(code.clone()).path(login).always()).collect();
        refused_at_first_use(bench, faults).await.map_err(|failed| failed.at(error.code))?;
    }
    Ok(Shown::Works)
}

/// Starts with credentials that are refused: told after one request, which is not repeated by itself.
async fn refused_at_first_use(bench: &Bench, faults: Vec<Fault>) -> Result<(), Failed> {
    let setup = DeskSetup { faults, ..DeskSetup::quiet(bench, &["BTC-USDT"])? };
    let desk = bench.desk(setup).await?;
    let refused = |event: &LifeEvent| match event {
        LifeEvent::PartNotReady { part: Part::Account | Part::Private, reason } => {
            reason.contains(&ErrorKind::Auth.to_string())
        }
        _ => false,
    };
    desk.witness.life(Mark::default(), SOON, "PartNotReady(account, Auth)", refused).await?;
    match tokio::time::timeout(SOON, desk.connector.ready()).await {
        Ok(Err(error)) => is_kind("readiness", ErrorKind::Auth, &error)?,
        Ok(Ok(())) => return Err(Failed::new("an error of the waiting for readiness", "it is ready")),
        Err(_) => return Err(Failed::new("an error of the waiting for readiness", "it waits on")),
    }
    let reason = format!("{:?}", desk.connector.waiting());
    let told = reason.split_once(&format!("{}: ", ErrorKind::Auth)).map(|(_, text)| text);
    let tells = told.is_some_and(|text| text.starts_with(char::is_alphabetic));
    expect(tells, "what the exchange tells", &reason)?;
    desk.pass(4 * MINUTE).await;
    let requests: Vec<_> = keyed(&desk.simulator).iter().map(|it| (it.path.clone(), it.status)).collect();
    expect(requests.len() == 1, "exactly one request with the key", format_args!("{requests:?}"))?;
    desk.end_unsettled(bench).await.map(drop)
}

/// Signs elsewhere, as far as the rest can tell.
#[derive(Debug)]
struct Stub {
    inner: Credentials,
    mood: Arc<AtomicU8>,
}

const SIGNS: u8 = 0;
const FAILS: u8 = 1;
const HANGS: u8 = 2;

impl ExternalSigner for Stub {
    fn algorithm(&self) -> SigningAlgorithm {
        self.inner.algorithm()
    }

    fn sign<'a>(&'a self, payload: &'a [u8]) -> BoxFuture<'a, Result<Signature, Error>> {
        match self.mood.load(Ordering::Relaxed) {
            SIGNS => self.inner.sign(payload).boxed(),
            FAILS => async { Err(Error::new(ErrorKind::Io, "the device was pulled out")) }.boxed(),
            _ => pending().boxed(),
        }
    }
}

/// A signer elsewhere with these credentials, by the exchange's algorithm.
fn external(inner: Credentials, mood: &Arc<AtomicU8>, wire: &dyn AccountWire) -> Result<Credentials, Error> {
    let inner = if wire.hmac_sha512() { inner.with_hmac_sha512()? } else { inner };
    let api_key = Secret::new(inner.api_key());
    Credentials::external(api_key, Arc::new(Stub { inner, mood: Arc::clone(mood) }))
}

/// The subject with an external signer in place of every secret.
fn signing_elsewhere(subject: &Subject, mood: &Arc<AtomicU8>) -> Subject {
    let (known, mood) = (subject.clone(), Arc::clone(mood));
    subject.clone().with_account(move |addresses, credentials, entry| {
        let credentials = match known.wire().account() {
            Some(wire) => external(credentials, &mood, wire)?,
            None => credentials,
        };
        known.account(addresses, credentials, entry)
    })
}

pub(super) async fn auth_10(bench: &Bench) -> Verdict {
    let mood = Arc::new(AtomicU8::new(SIGNS));
    same_bytes(bench, &mood).await?;
    let elsewhere = bench.with_subject(signing_elsewhere(bench.subject(), &mood));
    let desk = elsewhere.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    desk.open_order(Side::Buy, "0.01").await?;
    if bench.order_entry() == OrderEntry::Socket && bench.account_wire()?.command_login().is_some() {
        // The login has spoken for all commands: none of them is signed.
        mood.store(FAILS, Ordering::Relaxed);
        desk.open_order(Side::Buy, "0.01").await?;
        mood.store(SIGNS, Ordering::Relaxed);
        let shown = desk.end(&elsewhere).await?;
        elsewhere.nothing_is_left().await?;
        return Ok(shown);
    }
    for (wrong, within) in [(FAILS, SECOND), (HANGS, SIGN_TIMEOUT + SECOND)] {
        mood.store(wrong, Ordering::Relaxed);
        let before = desk.commands(OrderCommand::Place).len();
        let placed = tokio::time::timeout(within, desk.refused(desk.resting(Side::Buy, "0.01")?)).await;
        let placed = placed.map_err(|_| Failed::new(format_args!("an outcome within {within:?}"), "none"))?;
        let (id, error) = placed?;
        expect(matches!(error, CommandError::NotSent(_)), "NotSent", format_args!("{error:?}"))?;
        is_kind("a signer that fails", ErrorKind::Auth, error.error())?;
        let id = id.ok_or_else(|| Failed::new("an id of the order", "none"))?;
        desk.story.becomes(&id, &["Pending", "Rejected"], SOON).await?;
        equal("orders that left", before, desk.commands(OrderCommand::Place).len())?;
        mood.store(SIGNS, Ordering::Relaxed);
    }
    desk.open_order(Side::Sell, "0.01").await?;
    let shown = desk.end(&elsewhere).await?;
    elsewhere.nothing_is_left().await?;
    Ok(shown)
}

/// What is sent is the same, byte for byte, whoever signs.
async fn same_bytes(bench: &Bench, mood: &Arc<AtomicU8>) -> Result<(), Failed> {
    let idle = Idle::start(bench, Setup::quiet(bench, &["BTC-USDT"])?.exchange).await?;
    let known: Vec<_> = idle.simulator.credentials(MAIN).iter().map(|key| key.key_type).collect();
    let key_types = bench.account_wire()?.key_types();
    for key_type in key_types.iter().filter(|key_type| !known.contains(key_type)) {
        idle.simulator.add_key(MAIN, *key_type).map_err(|error| Failed::new("a key", error))?;
    }
    let at = Some(Timestamp::from_millis(1_780_000_000_123));
    let takes = |key: &Key| key_types.contains(&key.key_type);
    for key in idle.simulator.credentials(MAIN).into_iter().filter(takes) {
        let local = account(bench, &idle.simulator, credentials(&key)?, bench.order_entry())?;
        let elsewhere = external(credentials(&key)?, mood, bench.account_wire()?)?;
        let elsewhere = account(bench, &idle.simulator, elsewhere, bench.order_entry())?;
        for (name, action) in actions(&idle.instruments[0])? {
            let same = local.render(&action, at).await? == elsewhere.render(&action, at).await?;
            expect(same, format_args!("the same bytes of '{name}' with {:?}", key.key_type), "others")?;
        }
        local.close().await;
        elsewhere.close().await;
    }
    idle.stop().await.map(drop)
}
