//! The private socket: orders with their fills, and balances, each channel subscribed with a token.
//! <https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/executions>,
//! <https://docs.kraken.com/api/docs/websocket-v2/balances>

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{Asset, BalanceReport, BalanceUpdate, Error, PrivateMessage};
use tradewire_tracking::PrivateFrame;
use tradewire_transport::{FrameKind, StreamDialect, StreamKey, StreamLimits, StreamToken, append_json_string};
use tradewire_wire::{Fault, Number, Text, decoded, object, rfc3339, signed, unreadable, unsigned};

use crate::control::{self, Control, PING};
use crate::fill_row::TradeEvent;
use crate::limits;
use crate::order_row::Execution;

const EXECUTIONS: &str = "executions";
const BALANCES: &str = "balances";
/// What is subscribed.
pub(crate) const TOPICS: [&str; 2] = [EXECUTIONS, BALANCES];

/// How the socket is spoken to.
#[derive(Clone, Debug)]
pub(crate) struct AccountStream {
    pub(crate) token: StreamToken,
}

impl AccountStream {
    fn request(&self, id: u64, method: &str, topics: &[Arc<str>]) -> String {
        let channel = topics.first().map_or(EXECUTIONS, |topic| topic);
        control::request(id, method, channel, |text| {
            text.push_str(match channel {
                EXECUTIONS => r#","snap_orders":true,"snap_trades":false,"token":"#,
                _ => r#","snapshot":false,"token":"#,
            });
            let token = self.token.newest();
            append_json_string(token.as_ref().map_or("", |token| token.expose()), text);
        })
    }
}

impl StreamDialect for AccountStream {
    fn url(&self) -> String {
        self.token.url().to_owned()
    }

    fn key(&self) -> Option<Arc<dyn StreamKey>> {
        Some(Arc::new(self.token.clone()))
    }

    fn subscribe(&self, id: u64, topics: &[Arc<str>]) -> String {
        self.request(id, "subscribe", topics)
    }

    fn unsubscribe(&self, id: u64, topics: &[Arc<str>]) -> String {
        self.request(id, "unsubscribe", topics)
    }

    fn limits(&self) -> StreamLimits {
        limits::STREAM_LIMITS
    }

    fn ping(&self) -> Option<String> {
        Some(PING.to_owned())
    }

    fn classify(&self, frame: &[u8]) -> FrameKind {
        control::classify(frame)
    }
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    channel: Option<Text<'a>>,
    #[serde(borrow, default)]
    data: Vec<&'a RawValue>,
}

/// Reads a frame of the private socket. Pure.
///
/// # Errors
/// `Decode` with the frame, for one that is not as documented.
pub(crate) fn decode_private(frame: &[u8]) -> Result<PrivateFrame, Error> {
    decoded(frame, |raw| {
        let Event { channel, data } = object(raw)?;
        match channel.as_deref() {
            Some(EXECUTIONS) => Ok(each(&data, |row| Ok(vec![execution(row)?]))),
            Some(BALANCES) => Ok(each(&data, balance)),
            Some("heartbeat" | "status") => Ok(PrivateFrame::Messages(Vec::new(), Vec::new())),
            Some(other) => Ok(PrivateFrame::Unknown(other.to_owned())),
            None => match Control::of(raw) {
                Some(Control::Reply { id: Some(id), refused }) => Ok(PrivateFrame::Reply { id, refused }),
                Some(Control::Pong) => Ok(PrivateFrame::Pong),
                _ => Err(Fault::decode("neither an event nor an answer")),
            },
        }
    })
}

/// What each element says, and an error for each that cannot be read.
fn each(data: &[&RawValue], read: impl Fn(&str) -> Result<Vec<PrivateMessage>, Fault>) -> PrivateFrame {
    let (mut messages, mut errors) = (Vec::new(), Vec::new());
    for element in data {
        match read(element.get()) {
            Ok(told) => messages.extend(told),
            Err(fault) => errors.push(unreadable(fault, element.get().as_bytes())),
        }
    }
    PrivateFrame::Messages(messages, errors)
}

fn execution(raw: &str) -> Result<PrivateMessage, Fault> {
    let execution: Execution<'_> = object(raw)?;
    let fills = match &*execution.exec_type {
        "trade" => vec![object::<TradeEvent<'_>>(raw)?.report(&execution)?],
        _ => Vec::new(),
    };
    Ok(PrivateMessage::Order(Box::new(execution.report(fills)?)))
}

/// An entry of the ledger, of the wallet that orders use.
fn balance(raw: &str) -> Result<Vec<PrivateMessage>, Fault> {
    #[derive(Deserialize)]
    struct Entry<'a> {
        #[serde(borrow)]
        asset: Text<'a>,
        #[serde(borrow)]
        amount: Number<'a>,
        #[serde(borrow)]
        fee: Option<Number<'a>>,
        #[serde(borrow)]
        balance: Number<'a>,
        #[serde(borrow)]
        timestamp: Text<'a>,
        #[serde(rename = "type", borrow)]
        kind: Text<'a>,
        #[serde(borrow)]
        wallet_type: Option<Text<'a>>,
    }
    let entry: Entry<'_> = object(raw)?;
    if entry.wallet_type.as_deref().is_some_and(|wallet| wallet != "spot") {
        return Ok(Vec::new());
    }
    let (asset, time) = (Asset::from(&*entry.asset), rfc3339(&entry.timestamp)?);
    let set = BalanceReport { asset: asset.clone(), total: unsigned(&entry.balance)?, available: None };
    let set = BalanceUpdate::Set { balances: vec![set], time };
    if &*entry.kind == "trade" {
        return Ok(vec![PrivateMessage::Balance(set)]);
    }
    let fee = entry.fee.as_ref().map(signed).transpose()?.unwrap_or_default();
    let delta = tradewire_core::exact::subtract(signed(&entry.amount)?, fee);
    let delta = delta.ok_or_else(|| Fault::decode("an amount beyond all bounds"))?;
    Ok([BalanceUpdate::Moved { asset, delta, time }, set].map(PrivateMessage::Balance).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::{FutureExt, ready};
    use tradewire_core::ErrorKind;
    use tradewire_transport::Secret;

    #[test]
    fn frames_are_told_by_channel() {
        let fill = br#"{"channel":"executions","type":"update","data":[{"order_id":"O1","exec_id":"T1","exec_type":"trade",
            "trade_id":62887576,"symbol":"BTC/USD","side":"sell","last_qty":0.005,"last_price":26599.9,"liquidity_ind":"t",
            "cost":132.9995,"order_type":"limit","timestamp":"2023-09-22T10:33:05.709993Z","order_status":"partially_filled",
            "cum_qty":0.005,"cum_cost":132.9995,"fees":[{"asset":"USD","qty":0.3458}]},{"exec_type":"new"}],"sequence":10}"#;
        let Ok(PrivateFrame::Messages(told, errors)) = decode_private(fill) else { panic!("messages") };
        let [PrivateMessage::Order(order)] = &told[..] else { panic!("{told:?}") };
        assert_eq!((order.fills[0].trade_id.as_str(), errors.len()), ("T1", 1));
        assert_eq!(order.fills[0].fee.as_ref().map(|fee| fee.amount.to_string()).as_deref(), Some("0.3458"));
        let moved = br#"{"channel":"balances","type":"update","data":[{"timestamp":"2023-09-22T10:23:42.925034Z","type":"deposit",
            "asset":"BTC","wallet_type":"spot","wallet_id":"main","amount":0.01,"fee":0.001,"balance":0.02},
            {"timestamp":"2023-09-22T10:23:42.925034Z","type":"reward","asset":"BTC","wallet_type":"earn","amount":1,"balance":2}]}"#;
        let Ok(PrivateFrame::Messages(told, _)) = decode_private(moved) else { panic!("messages") };
        let [PrivateMessage::Balance(BalanceUpdate::Moved { delta, .. }), PrivateMessage::Balance(_)] = &told[..]
        else {
            panic!("{told:?}")
        };
        assert_eq!(delta.to_string(), "0.009");
        assert!(matches!(decode_private(br#"{"channel":"moon"}"#), Ok(PrivateFrame::Unknown(kind)) if kind == "moon"));
        assert!(matches!(decode_private(br#"{"method":"pong"}"#), Ok(PrivateFrame::Pong)));
        for broken in ["", "{", "[]", "{}", r#"{"channel":7}"#] {
            assert_eq!(decode_private(broken.as_bytes()).expect_err(broken).kind(), ErrorKind::Decode);
        }
    }

    #[tokio::test]
    async fn every_subscription_carries_the_token() {
        let token = StreamToken::new("wss://x/v2", || ready(Ok(Secret::new("t0k3n"))).boxed());
        let stream = AccountStream { token };
        stream.key().expect("a key").take().await.expect("an address");
        assert_eq!(
            stream.subscribe(1, &[EXECUTIONS.into()]),
            r#"{"method":"subscribe","params":{"channel":"executions","snap_orders":true,"snap_trades":false,"token":"t0k3n"},"req_id":1}"#
        );
        assert!(!format!("{stream:?}").contains("t0k3n"));
    }
}
