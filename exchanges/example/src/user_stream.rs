//! The account socket: a login, then every order and every fill.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{Asset, BalanceReport, BalanceUpdate, Error, PrivateMessage};
use tradewire_tracking::PrivateFrame;
use tradewire_transport::{FrameKind, Login, Session, StreamDialect, StreamLimits};
use tradewire_wire::{Fault, Number, Text, decoded, millis, object, signed};

use crate::auth::SocketLogin;
use crate::control::{self, Reply};
use crate::fill_row::FillRow;
use crate::funding::PaymentRow;
use crate::limits;
use crate::order_row::OrderRow;
use crate::position_row::{PositionRow, margin_call};

/// How the socket is spoken to.
#[derive(Clone, Debug)]
pub(crate) struct AccountStream {
    pub(crate) url: String,
    pub(crate) session: Session,
}

impl AccountStream {
    /// Logs a connection in.
    pub(crate) fn signed_login(&self) -> Login {
        Login::new(self.session.clone(), Arc::new(SocketLogin))
    }
}

impl StreamDialect for AccountStream {
    fn url(&self) -> String {
        self.url.clone()
    }

    fn login(&self) -> Option<Login> {
        Some(self.signed_login())
    }

    fn subscribe(&self, id: u64, topics: &[Arc<str>]) -> String {
        control::subscribe(id, topics)
    }

    fn unsubscribe(&self, id: u64, topics: &[Arc<str>]) -> String {
        control::unsubscribe(id, topics)
    }

    fn limits(&self) -> StreamLimits {
        limits::STREAM_LIMITS
    }

    fn classify(&self, frame: &[u8]) -> FrameKind {
        control::classify(frame)
    }
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    event: Option<Text<'a>>,
    #[serde(borrow)]
    order: Option<&'a RawValue>,
    #[serde(borrow)]
    fill: Option<&'a RawValue>,
    /// Of contracts alone, as what follows.
    #[serde(borrow)]
    position: Option<&'a RawValue>,
    #[serde(borrow)]
    payment: Option<&'a RawValue>,
    #[serde(borrow)]
    balance: Option<&'a RawValue>,
    #[serde(borrow)]
    margin_call: Option<&'a RawValue>,
}

/// Reads a frame of the account socket. Pure.
///
/// # Errors
/// `Decode` with the frame, for one that is not as documented.
pub(crate) fn decode_private(frame: &[u8]) -> Result<PrivateFrame, Error> {
    decoded(frame, |raw| {
        let event: Event<'_> = object(raw)?;
        let Some(kind) = event.event.as_deref() else {
            let Reply { id, refused } =
                Reply::of(raw).ok_or_else(|| Fault::decode("neither an event nor an answer"))?;
            return Ok(PrivateFrame::Reply { id, refused });
        };
        let message = match kind {
            "order" => {
                let row: OrderRow<'_> = object(content(event.order)?)?;
                PrivateMessage::Order(Box::new(row.report()?))
            }
            "fill" => {
                let row: FillRow<'_> = object(content(event.fill)?)?;
                PrivateMessage::Fill(Box::new(row.report()?))
            }
            "position" => {
                let row: PositionRow<'_> = object(content(event.position)?)?;
                PrivateMessage::Position(Box::new(row.report()?))
            }
            "payment" => {
                let row: PaymentRow<'_> = object(content(event.payment)?)?;
                PrivateMessage::Funding(Box::new(row.report()?))
            }
            "balance" => balance(content(event.balance)?)?,
            "margin_call" => margin_call(content(event.margin_call)?)?,
            "closing" => return Ok(PrivateFrame::ShutdownNotice),
            other => return Ok(PrivateFrame::Unknown(other.to_owned())),
        };
        Ok(PrivateFrame::Messages(vec![message], Vec::new()))
    })
}

/// What an event holds besides its kind.
fn content(of: Option<&RawValue>) -> Result<&str, Fault> {
    of.map(RawValue::get).ok_or_else(|| Fault::decode("an event without its content"))
}

/// Reads what there is of an asset after a change; what of it can be used is not told.
fn balance(raw: &str) -> Result<PrivateMessage, Fault> {
    #[derive(Deserialize)]
    struct Row<'a> {
        #[serde(borrow)]
        asset: Text<'a>,
        #[serde(borrow)]
        total: Number<'a>,
        time: u64,
    }
    let Row { asset, total, time } = object(raw)?;
    let balances = vec![BalanceReport { asset: Asset::from(&*asset), total: signed(&total)?, available: None }];
    Ok(PrivateMessage::Balance(BalanceUpdate::Set { balances, time: millis(time)? }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewire_core::ErrorKind;

    #[test]
    fn frames_are_told_by_kind() {
        let fill = br#"{"event":"fill","fill":{"id":"41","order":"7001","client_id":"a","symbol":"BTC/USDT","side":"buy",
            "price":"61000.10","quantity":"0.2","value":"12200.02","fee":"0.0004","fee_asset":"BTC","maker":false,"time":7}}"#;
        let Ok(PrivateFrame::Messages(told, errors)) = decode_private(fill) else { panic!("messages") };
        let [PrivateMessage::Fill(fill)] = &told[..] else { panic!("{told:?}") };
        assert_eq!((fill.trade_id.as_str(), errors.len(), fill.time.as_millis()), ("41", 0, 7));
        let login = decode_private(br#"{"id":0,"ok":true}"#);
        assert!(matches!(login, Ok(PrivateFrame::Reply { id: 0, refused: None })));
        assert!(matches!(decode_private(br#"{"event":"closing"}"#), Ok(PrivateFrame::ShutdownNotice)));
        assert!(matches!(decode_private(br#"{"event":"moon"}"#), Ok(PrivateFrame::Unknown(kind)) if kind == "moon"));
        for broken in ["", "{", "[]", r#"{"event":"order"}"#, r#"{"event":"fill","fill":{"id":"1"}}"#] {
            assert_eq!(decode_private(broken.as_bytes()).expect_err(broken).kind(), ErrorKind::Decode);
        }
    }
}
