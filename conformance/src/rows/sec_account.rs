//! Secrets of accounts: whatever can be printed, logged or kept holds none of them.

use std::fmt::{Debug, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tradewire_core::{CommandError, ErrorKind, Side, Timestamp};
use tradewire_journal::SqliteJournal;
use tradewire_simulator::{Credentials as Key, Fault, FaultKind, KeyType, OrderCommand, RequestRecord};
use tradewire_tracking::{Action, CaptureReader, Journal, Recorder};
use tradewire_transport::{Secret, SigningKey};

use super::auth::{actions, signed};
use super::mkt::{MINUTE, SECOND};
use crate::SignedPart;
use crate::bench::desk::{MAIN, credentials};
use crate::bench::{Bench, Desk, DeskSetup};
use crate::row::{Failed, Verdict, equal, expect};

/// What must not be seen, in all the forms in which it could be.
pub(super) struct Hidden(Vec<String>);

impl Hidden {
    pub(super) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self(texts.into_iter().flat_map(forms).collect())
    }

    pub(super) fn is_not_in(&self, what: &str, text: &str) -> Result<(), Failed> {
        let Some(found) = self.0.iter().find(|form| text.contains(form.as_str())) else { return Ok(()) };
        let at = text.find(found.as_str()).unwrap_or_default();
        let around: String = text[..at].chars().rev().take(80).collect::<Vec<_>>().into_iter().rev().collect();
        Err(Failed::new(
            format_args!("no secret in {what}"),
            format_args!("one of {} letters after '{around}'", found.len()),
        ))
    }
}

/// A text plain, as hex, as base64 wherever it begins, and percent-encoded.
fn forms(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let hex = |upper: bool| {
        bytes.iter().fold(String::new(), |mut hex, byte| {
            // Writing to a `String` cannot fail.
            let _ = if upper { write!(hex, "{byte:02X}") } else { write!(hex, "{byte:02x}") };
            hex
        })
    };
    let percent = bytes.iter().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(*byte)),
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
        encoded
    });
    // The first and last groups depend on what stands around them.
    let base64 = (0..3).filter_map(|skipped| {
        let whole = bytes.get(skipped..)?;
        Some(STANDARD.encode(&whole[..whole.len() / 3 * 3]))
    });
    let all = [text.to_owned(), hex(false), hex(true), percent].into_iter().chain(base64);
    all.filter(|form| form.len() >= 8).collect()
}

/// The secret halves of a key as they could be printed: the whole text, or a line of a PEM.
fn secret_texts(key: &Key) -> Vec<&str> {
    let lines = key.secret.lines().filter(|line| line.len() >= 16 && !line.starts_with("-----"));
    lines.chain([key.secret.as_str(), key.api_key.as_str()]).collect()
}

fn key_of(desk: &Desk, key_type: KeyType) -> Result<Key, Failed> {
    let found = desk.simulator.credentials(MAIN).into_iter().find(|key| key.key_type == key_type);
    found.ok_or_else(|| Failed::new("a key of the account", "none"))
}

/// The signatures of all requests that the server saw. No key of the suite signs with chance, so that they can be made again.
async fn signatures(bench: &Bench, desk: &Desk, key: &Key) -> Result<Vec<String>, Failed> {
    let (wire, secret) = (bench.account_wire()?, Secret::new(key.secret.as_str()));
    let signing = match key.key_type {
        KeyType::Hmac if wire.hmac_sha512() => SigningKey::hmac_sha512(&secret)?,
        KeyType::Hmac => SigningKey::hmac_sha256(&secret)?,
        _ => SigningKey::from_pem(&secret)?,
    };
    let (mut signatures, mut compared) = (Vec::new(), 0);
    for request in signed(&desk.simulator) {
        let payload = wire.payload(&request, &key.api_key);
        let mut signature = String::new();
        signing.sign(&wire.signed_bytes(&payload))?.append_to(&mut signature);
        signatures.push(signature.clone());
        if request.path == wire.paths().balances {
            was_sent(bench, desk, &request, SignedPart { payload, signature }).await?;
            compared += 1;
        }
    }
    expect(
        signatures.len() > 5 && compared > 0,
        "signed requests, of balances too",
        format_args!("{} and {compared}", signatures.len()),
    )?;
    Ok(signatures)
}

/// That a signature that is looked for is the one that was sent.
async fn was_sent(bench: &Bench, desk: &Desk, seen: &RequestRecord, ours: SignedPart) -> Result<(), Failed> {
    let wire = bench.account_wire()?;
    let at = wire.stamp(seen).map(|(at, _)| at);
    let rendered = desk.source.render(&Action::Balances, at).await?;
    equal("what was signed, and its signature", Some(ours), wire.signed_part(&rendered))
}

fn printed(into: &mut String, what: &dyn Debug) {
    // Writing to a `String` cannot fail.
    let _ = write!(into, "{what:?} {what:#?} ");
}

pub(super) async fn sec_01_account(bench: &Bench) -> Verdict {
    for key_type in bench.account_wire()?.key_types().iter().copied() {
        let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?.key(key_type)).await?;
        desk.ready().await?;
        let key = key_of(&desk, key_type)?;
        let mut text = String::new();
        // Every error of the account, once; one type of key is enough for that.
        let errors = bench.account_wire()?.order_errors().iter().filter(|known| known.kind != ErrorKind::RateLimited);
        for known in errors.take(if key_type == KeyType::Hmac { usize::MAX } else { 3 }) {
            let code = bench.code(known.code, None, known.status);
            desk.inject(bench.struck(OrderCommand::Place, code)?.times(2))?;
            let outcome = desk.connector.place(desk.resting(Side::Buy, "0.001")?).await;
            desk.simulator.clear_faults();
            printed(&mut text, &outcome);
            text += &outcome.err().map(|error: CommandError| error.to_string()).unwrap_or_default();
        }
        desk.open_order(Side::Buy, "0.001").await?;
        // Signed whatever wire commands take, and however few reads a connector needs.
        desk.source.balances().await?;
        what_can_be_printed(&desk, &key, &mut text).await?;
        let signatures = signatures(bench, &desk, &key).await?;
        let hidden = Hidden::of(secret_texts(&key).into_iter().chain(signatures.iter().map(String::as_str)));
        hidden.is_not_in("what can be printed", &text)?;
        expect(text.len() > 10_000, "texts", text.len())?;
        desk.end(bench).await?;
    }
    Ok(crate::row::Shown::Works)
}

/// Prints everything that has to do with credentials.
async fn what_can_be_printed(desk: &Desk, key: &Key, text: &mut String) -> Result<(), Failed> {
    let credentials = credentials(key)?;
    let at = Timestamp::from_millis(1_780_000_000_123);
    let secret = Secret::new(key.secret.as_str());
    printed(text, &credentials);
    printed(text, &secret);
    printed(text, &credentials.sign(b"payload").await?);
    printed(text, &desk.source);
    printed(text, &desk.connector);
    printed(text, &desk.source.private_stream());
    printed(text, &desk.source.private_stream().login());
    printed(text, &desk.connector.waiting());
    printed(text, &desk.connector.orders());
    printed(text, &desk.journal);
    for (_, action) in actions(&desk.instrument(desk.pair(0))?)? {
        printed(text, &desk.source.render(&action, Some(at)).await?);
    }
    printed(text, &desk.story.all());
    Ok(())
}

pub(super) async fn sec_02_account(bench: &Bench) -> Verdict {
    let logs = bench.captured().keep_logs();
    let (exchange, process) = (bench.capabilities().exchange, std::process::id());
    let file = std::env::temp_dir().join(format!("tradewire-{exchange}-{process}-{:?}.gz", bench.order_entry()));
    // Left over by a run that was ended; most often there is none.
    let _ = std::fs::remove_file(&file);
    let recorder = Recorder::create(&file)?;
    let mut setup = DeskSetup::quiet(bench, &["BTC-USDT"])?;
    setup.market.recorder = Some(recorder.clone());
    let desk = bench.desk(setup).await?;
    let shown = everything_goes_wrong(bench, &desk).await;
    let key = key_of(&desk, KeyType::Hmac)?;
    let signatures = signatures(bench, &desk, &key).await?;
    let mut events = String::new();
    printed(&mut events, &desk.story.all());
    printed(&mut events, &desk.witness.since(Default::default()));
    let journal = Arc::clone(&desk.journal);
    let ended = desk.end(bench).await;
    drop(logs);
    let recording = recorded(&recorder, file)?;
    shown?;
    ended?;
    let hidden = Hidden::of(secret_texts(&key).into_iter().chain(signatures.iter().map(String::as_str)));
    hidden.is_not_in("the events", &events)?;
    hidden.is_not_in("the recording", &recording)?;
    hidden.is_not_in("the journal", &kept(&journal)?)?;
    hidden.is_not_in("the labels of metrics", &bench.captured().metrics().join(" "))?;
    let said = bench.captured().logs();
    expect(said.contains("TRACE"), "logs at the most verbose level", format_args!("{} bytes", said.len()))?;
    hidden.is_not_in("the logs", &said)?;
    Ok(crate::row::Shown::Works)
}

/// Everything that a journal would tell.
fn kept(journal: &SqliteJournal) -> Result<String, Failed> {
    let mut text = String::new();
    printed(&mut text, &journal.load()?);
    printed(&mut text, &journal.events(0, 100_000)?);
    expect(text.len() > 1_000, "a journal with orders", text.len())?;
    Ok(text)
}

/// The text of a recording, which is removed.
fn recorded(recorder: &Recorder, file: PathBuf) -> Result<String, Failed> {
    let (lines, _) = recorder.finish()?;
    expect(lines > 5, "a recording", format_args!("{lines} lines"))?;
    let mut reader = CaptureReader::open(&file)?;
    let mut text = String::new();
    while let Some(line) = reader.next_line()? {
        text += &line.url;
        text += &line.raw;
    }
    std::fs::remove_file(&file).map_err(|error| Failed::new("a recording that can be removed", error))?;
    Ok(text)
}

/// Orders, cancels and reads of the account meet every fault once.
async fn everything_goes_wrong(bench: &Bench, desk: &Desk) -> Result<(), Failed> {
    desk.ready().await?;
    let wire = bench.account_wire()?;
    let (paths, clock) = (wire.paths(), wire.clock_error());
    let refused = wire.refused_credentials().last().copied().unwrap_or(clock);
    let code = |code, status| bench.code(code, Some("Signature of this request."), status);
    let kinds = || {
        [
            FaultKind::LoseReply,
            FaultKind::LoseRequest,
            FaultKind::Delay { ms: 6_000 },
            FaultKind::Cut,
            FaultKind::Status { status: 502 },
            FaultKind::Truncate,
            FaultKind::NotJson,
            code(wire.wrong_signature(), wire.refusal_status()),
            code(refused.code, refused.status),
            code(clock.code, clock.status),
            code(-99_999, wire.refusal_status()),
        ]
    };
    for (kind, again) in kinds().into_iter().zip(kinds()) {
        desk.inject(bench.struck(OrderCommand::Place, kind.clone())?)?;
        // What becomes of the order is another row's question.
        let placed = desk.connector.place(desk.resting(Side::Buy, "0.001")?).await;
        desk.inject(bench.struck(OrderCommand::Cancel, again.clone())?)?;
        if let Ok(order) = placed {
            let cancelling = desk.connector.cancel(&order.client_order_id);
            let _ = tokio::time::timeout(30 * SECOND, cancelling).await;
        }
        desk.inject(Fault::new(again.clone()).path(paths.balances))?;
        let _ = desk.source.balances().await;
        desk.inject(Fault::new(again).path(paths.login))?;
        desk.inject(Fault::new(FaultKind::Drop).path(paths.private))?;
        desk.pass(Duration::from_secs(15)).await;
        desk.simulator.clear_faults();
    }
    for kind in [FaultKind::EndSubscription, FaultKind::DayCut, FaultKind::ShutdownNotice, FaultKind::Freeze] {
        let old: Vec<_> = desk.simulator.connections().iter().map(|socket| socket.id).collect();
        let frozen = kind == FaultKind::Freeze;
        desk.inject(Fault::new(kind).path(paths.private))?;
        desk.pass(MINUTE).await;
        // The exchange itself never notices a frozen socket of its own.
        for id in old.into_iter().filter(|_| frozen) {
            desk.inject(Fault::new(FaultKind::Drop).connection(id))?;
        }
    }
    desk.inject(Fault::new(FaultKind::RetryAfter { seconds: 5, status: 429 }).path(paths.balances))?;
    let _ = desk.source.balances().await;
    desk.inject(Fault::new(FaultKind::Skew { ms: 20_000 }))?;
    let _ = desk.source.balances().await;
    desk.pass(10 * MINUTE).await;
    desk.simulator.clear_faults();
    desk.pass(10 * MINUTE).await;
    desk.ready().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_every_form_and_place() {
        let hidden = Hidden::of(["a+secret/of=32 letters, or so ä"]);
        for around in ["", "x", "xy", "xyz"] {
            let text = format!("{around}a+secret/of=32 letters, or so ä{around}");
            let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
            let percent = format!("{around}a%2Bsecret%2Fof%3D32%20letters%2C%20or%20so%20%C3%A4");
            for shown in [text.clone(), hex.to_uppercase(), hex, percent, STANDARD.encode(&text)] {
                assert!(hidden.is_not_in("a text", &shown).is_err(), "{shown}");
            }
        }
        assert!(hidden.is_not_in("a text", "a+secret/of=31 letters").is_ok());
    }
}
