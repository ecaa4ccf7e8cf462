use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{Asset, BalanceReport, BalanceUpdate, Error, PrivateMessage, exact};
use tradewire_tracking::PrivateFrame;

use super::error_codes;
use super::execution_report;
use crate::market::{Fault, Number, millis, object};
use crate::private::{Content, signed, unreadable, unsigned};

/// Decodes one frame of the private stream. Pure: no clock, no state.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/user-data-stream>
///
/// # Errors
/// `Decode` with the frame, for one that is not as documented.
pub fn decode_private(frame: &[u8]) -> Result<PrivateFrame, Error> {
    let read = Content::of(frame, error_codes::kind).and_then(|content| match content {
        Content::Event { kind, raw } => event(&kind, raw),
        Content::Reply(reply) => Ok(reply.into_frame(frame)),
        Content::Unknown => Ok(PrivateFrame::Unknown("neither event nor reply".to_owned())),
    });
    read.map_err(|fault| unreadable(fault, frame))
}

fn event(kind: &str, raw: &str) -> Result<PrivateFrame, Fault> {
    let one = |message| Ok(PrivateFrame::Messages(vec![message], Vec::new()));
    match kind {
        "executionReport" => one(PrivateMessage::Order(Box::new(execution_report::read(raw)?))),
        "outboundAccountPosition" => account_position(raw),
        "balanceUpdate" => one(PrivateMessage::Balance(object::<Moved<'_>>(raw)?.read()?)),
        "externalLockUpdate" => one(PrivateMessage::Balance(object::<Moved<'_>>(raw)?.lock()?)),
        // The orders of a list have reports of their own.
        "listStatus" => Ok(PrivateFrame::Messages(Vec::new(), Vec::new())),
        "eventStreamTerminated" => Ok(PrivateFrame::SubscriptionEnded),
        "serverShutdown" => Ok(PrivateFrame::ShutdownNotice),
        unknown => Ok(PrivateFrame::Unknown(unknown.to_owned())),
    }
}

/// New values of some assets. One that cannot be read stops none of the others.
fn account_position(raw: &str) -> Result<PrivateFrame, Fault> {
    let wire: Position<'_> = object(raw)?;
    let time = millis(wire.updated)?;
    let (mut balances, mut errors) = (Vec::new(), Vec::new());
    for raw in wire.balances {
        match object::<Free<'_>>(raw.get()).and_then(|balance| balance.read()) {
            Ok(balance) => balances.push(balance),
            Err(fault) => errors.push(unreadable(fault, raw.get().as_bytes())),
        }
    }
    let update = PrivateMessage::Balance(BalanceUpdate::Set { balances, time });
    Ok(PrivateFrame::Messages(vec![update], errors))
}

#[derive(Deserialize)]
struct Position<'a> {
    #[serde(rename = "u")]
    updated: u64,
    #[serde(rename = "B", borrow)]
    balances: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Free<'a> {
    #[serde(rename = "a")]
    asset: Asset,
    #[serde(rename = "f", borrow)]
    free: Number<'a>,
    #[serde(rename = "l", borrow)]
    locked: Number<'a>,
}

impl Free<'_> {
    fn read(self) -> Result<BalanceReport, Fault> {
        balance(self.asset, &self.free, &self.locked)
    }
}

/// What an account has of an asset, told as what is free and what is locked.
pub(crate) fn balance(asset: Asset, free: &Number<'_>, locked: &Number<'_>) -> Result<BalanceReport, Fault> {
    let free = unsigned(free)?;
    let total = exact::add(free, unsigned(locked)?).ok_or_else(|| Fault::decode("a balance of more than 28 digits"))?;
    Ok(BalanceReport { asset, total, available: Some(free) })
}

#[derive(Deserialize)]
struct Moved<'a> {
    #[serde(rename = "a")]
    asset: Asset,
    #[serde(rename = "d", borrow)]
    delta: Number<'a>,
    #[serde(rename = "T")]
    time: u64,
}

impl Moved<'_> {
    fn read(self) -> Result<BalanceUpdate, Fault> {
        Ok(BalanceUpdate::Moved { asset: self.asset, delta: signed(&self.delta)?, time: millis(self.time)? })
    }

    fn lock(self) -> Result<BalanceUpdate, Fault> {
        Ok(BalanceUpdate::Locked { asset: self.asset, delta: signed(&self.delta)?, time: millis(self.time)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewire_core::{ErrorKind, ReportedStatus, Timestamp};

    fn decoded(frame: &str) -> PrivateFrame {
        decode_private(frame.as_bytes()).unwrap_or_else(|error| panic!("{error}: {frame}"))
    }

    fn only_message(frame: &str) -> PrivateMessage {
        match decoded(frame) {
            PrivateFrame::Messages(mut messages, errors) if messages.len() == 1 && errors.is_empty() => {
                messages.remove(0)
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn reports_come_with_and_without_their_subscription() {
        let frame = include_str!("../../fixtures/user-execution-report.json");
        let PrivateMessage::Order(report) = only_message(frame) else { panic!("an order") };
        assert_eq!(report.status, ReportedStatus::Open);
        let event: serde_json::Value = serde_json::from_str(frame).expect("JSON");
        assert_eq!(only_message(&event["event"].to_string()), PrivateMessage::Order(report));
    }

    #[test]
    fn new_balances_are_set() {
        let frame = include_str!("../../fixtures/user-account-position.json");
        let PrivateMessage::Balance(BalanceUpdate::Set { balances, time }) = only_message(frame) else { panic!() };
        assert_eq!(time, Timestamp::from_millis(1_780_000_000_200));
        let shown: Vec<_> = balances
            .iter()
            .map(|balance| {
                (balance.asset.as_str(), balance.total.to_string(), balance.available.expect("told").to_string())
            })
            .collect();
        assert_eq!(shown[0], ("BTC", "1.75".to_owned(), "1.25000000".to_owned()));
        assert_eq!((shown[1].0, shown[1].1.as_str()), ("币安人生", "7.5"));
    }

    #[test]
    fn one_unreadable_balance_stops_none_of_the_others() {
        let frame = include_str!("../../fixtures/user-account-position.json").replace("\"1.25000000\"", "\"\"");
        let PrivateFrame::Messages(messages, errors) = decoded(&frame) else { panic!() };
        let PrivateMessage::Balance(BalanceUpdate::Set { balances, .. }) = &messages[0] else { panic!() };
        assert_eq!((balances.len(), errors.len()), (1, 1));
        assert_eq!(errors[0].kind(), ErrorKind::Decode);
        assert!(errors[0].frame().is_some_and(|frame| frame.starts_with(br#"{"a": "BTC""#)));
    }

    #[test]
    fn transfers_keep_their_sign() {
        let frame = include_str!("../../fixtures/user-balance-update.json");
        let PrivateMessage::Balance(BalanceUpdate::Moved { asset, delta, .. }) = only_message(frame) else { panic!() };
        assert_eq!((asset.as_str(), delta.to_string().as_str()), ("USDT", "-250.00000000"));
    }

    #[test]
    fn the_rest_is_told_by_kind() {
        let lock = only_message(include_str!("../../fixtures/user-external-lock.json"));
        assert!(matches!(lock, PrivateMessage::Balance(BalanceUpdate::Locked { .. })), "{lock:?}");
        let quiet = decoded(include_str!("../../fixtures/user-list-status.json"));
        assert!(matches!(quiet, PrivateFrame::Messages(told, errors) if told.is_empty() && errors.is_empty()));
        let ended = include_str!("../../fixtures/user-stream-terminated.json");
        assert!(matches!(decoded(ended), PrivateFrame::SubscriptionEnded));
        assert!(matches!(decoded(include_str!("../../fixtures/user-shutdown.json")), PrivateFrame::ShutdownNotice));
        let reply = decoded(include_str!("../../fixtures/user-reply.json"));
        assert!(matches!(reply, PrivateFrame::Reply { id: 1, refused: None }));
        let refused = decoded(include_str!("../../fixtures/user-reply-refused.json"));
        let PrivateFrame::Reply { id: 1, refused: Some(error) } = refused else { panic!("{refused:?}") };
        assert_eq!((error.kind(), error.status()), (ErrorKind::Auth, Some(401)));
        let novel = decoded(r#"{"subscriptionId":0,"event":{"e":"moonPhase","E":1}}"#);
        assert!(matches!(novel, PrivateFrame::Unknown(kind) if kind == "moonPhase"));
    }

    #[test]
    fn what_cannot_be_read_is_told_with_the_frame() {
        let frame = include_str!("../../fixtures/user-execution-report.json").replace("\"0.50000000\"", "\"half\"");
        for frame in [frame.as_str(), "{", "[]", r#"{"event":{"e":"balanceUpdate"}}"#] {
            let error = decode_private(frame.as_bytes()).expect_err(frame);
            assert_eq!((error.kind(), error.frame()), (ErrorKind::Decode, Some(frame.as_bytes())));
        }
    }
}
