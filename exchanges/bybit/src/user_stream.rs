use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{BalanceUpdate, Error, PrivateMessage, Timestamp};
use tradewire_tracking::PrivateFrame;
use tradewire_wire::{Fault, Text, decoded, millis, object, unreadable};

use crate::category::Category;
use crate::control::Control;
use crate::linear::PositionRow;
use crate::private::{ExecutionRow, OrderRow, Told, Wallet, WalletView};

/// Decodes one frame of the private stream. Pure: no clock, no state.
///
/// <https://bybit-exchange.github.io/docs/v5/websocket/private/order>
///
/// # Errors
/// `Decode` with the frame, for one that is not as documented.
pub(crate) fn decode_private(category: Category, view: WalletView, frame: &[u8]) -> Result<PrivateFrame, Error> {
    decoded(frame, |raw| {
        let envelope: Envelope<'_> = object(raw)?;
        match envelope.topic.as_deref() {
            Some(topic) => envelope.message(category, view, topic),
            None => Ok(answer(raw)),
        }
    })
}

/// A frame without a topic. An answer without the id of a request belongs to none of ours.
fn answer(raw: &str) -> PrivateFrame {
    match Control::of(raw) {
        Some(Control::Reply { id: Some(id), refused }) => PrivateFrame::Reply { id, refused },
        Some(Control::Pong) => PrivateFrame::Pong,
        Some(Control::Reply { id: None, .. }) | None => PrivateFrame::Unknown("neither topic nor reply".to_owned()),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(borrow)]
    topic: Option<Text<'a>>,
    creation_time: Option<u64>,
    #[serde(borrow, default)]
    data: Vec<&'a RawValue>,
}

/// What rows of a message have told, and which could not be read.
#[derive(Default)]
struct Rows {
    told: Vec<PrivateMessage>,
    errors: Vec<Error>,
}

impl Envelope<'_> {
    /// A topic has a name, and after a point the category if it is of one alone.
    fn message(&self, category: Category, view: WalletView, topic: &str) -> Result<PrivateFrame, Fault> {
        let time = millis(self.creation_time.unwrap_or_default())?;
        let mut rows = Rows::default();
        for row in &self.data {
            let raw = row.get();
            let told = match topic.split('.').next().unwrap_or(topic) {
                "order" => order(category, raw),
                "execution" => execution(category, raw),
                "wallet" => wallet(view, raw, time, &mut rows.errors),
                "position" if category == Category::Linear => position(raw),
                _ => return Ok(PrivateFrame::Unknown(topic.to_owned())),
            };
            match told {
                Ok(message) => rows.told.extend(message),
                Err(fault) => rows.errors.push(unreadable(fault, raw.as_bytes())),
            }
        }
        Ok(PrivateFrame::Messages(rows.told, rows.errors))
    }
}

fn order(category: Category, raw: &str) -> Result<Option<PrivateMessage>, Fault> {
    let row: OrderRow<'_> = object(raw)?;
    if row.is_elsewhere(category) {
        return Ok(None);
    }
    Ok(Some(PrivateMessage::Order(Box::new(row.pushed(category)?))))
}

fn execution(category: Category, raw: &str) -> Result<Option<PrivateMessage>, Fault> {
    let row: ExecutionRow<'_> = object(raw)?;
    if row.is_elsewhere(category) {
        return Ok(None);
    }
    match row.read(category)? {
        Told::Fill(fill) => Ok(Some(PrivateMessage::Fill(fill))),
        Told::Funding(payment) => Ok(Some(PrivateMessage::Funding(payment))),
        Told::Other(kind) => Err(Fault::decode(format!("an execution of the unknown kind '{kind}'"))),
    }
}

fn wallet(
    view: WalletView,
    raw: &str,
    time: Timestamp,
    errors: &mut Vec<Error>,
) -> Result<Option<PrivateMessage>, Fault> {
    let (balances, unread) = object::<Wallet<'_>>(raw)?.balances(view);
    errors.extend(unread);
    Ok(Some(PrivateMessage::Balance(BalanceUpdate::Set { balances, time })))
}

fn position(raw: &str) -> Result<Option<PrivateMessage>, Fault> {
    let row: PositionRow<'_> = object(raw)?;
    if row.is_elsewhere() {
        return Ok(None);
    }
    Ok(Some(PrivateMessage::Position(Box::new(row.report()?))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::private::order_json;
    use serde_json::{Value, json};
    use tradewire_core::ErrorKind;
    use tradewire_transport::LOGIN_ID;

    fn frame(topic: &str, data: Value) -> String {
        json!({"id": "x", "topic": topic, "creationTime": 1_700_000_000_009_u64, "data": data}).to_string()
    }

    fn decoded(category: Category, frame: &str) -> (Vec<PrivateMessage>, Vec<Error>) {
        let view = if category == Category::Spot { WalletView::NotLocked } else { WalletView::TotalsOnly };
        match decode_private(category, view, frame.as_bytes()) {
            Ok(PrivateFrame::Messages(told, errors)) => (told, errors),
            other => panic!("{other:?}: {frame}"),
        }
    }

    #[test]
    fn a_message_with_several_orders_is_read_whole() {
        let mut broken = order_json();
        broken["qty"] = json!("x");
        let mut elsewhere = order_json();
        elsewhere["category"] = json!("spot");
        let text = frame("order.linear", json!([order_json(), broken, elsewhere, order_json()]));
        let (told, errors) = decoded(Category::Linear, &text);
        assert!(matches!(told[..], [PrivateMessage::Order(_), PrivateMessage::Order(_)]), "{told:?}");
        assert_eq!((errors.len(), errors[0].kind()), (1, ErrorKind::Decode));
        assert!(errors[0].frame().is_some());
    }

    #[test]
    fn executions_are_fills_or_payments() {
        let row = |kind: &str| {
            json!({"category": "linear", "symbol": "BTCUSDT", "orderId": "o", "orderLinkId": "a", "side": "Buy",
                "execType": kind, "execId": "e", "execPrice": "1", "execQty": "2", "execValue": "2", "execFee": "0.1",
                "feeCurrency": "USDT", "isMaker": false, "execTime": "7"})
        };
        let (told, errors) =
            decoded(Category::Linear, &frame("execution", json!([row("Trade"), row("Funding"), row("Moon")])));
        assert!(matches!(told[..], [PrivateMessage::Fill(_), PrivateMessage::Funding(_)]), "{told:?}");
        assert_eq!(errors.len(), 1);
    }

    #[test]
    fn balances_are_set_as_of_the_message() {
        let coin = json!({"coin": "USDT", "walletBalance": "10", "locked": "4"});
        let text = frame("wallet", json!([{"accountType": "UNIFIED", "coin": [coin]}]));
        for (category, available) in [(Category::Spot, Some("6")), (Category::Linear, None)] {
            let (told, _) = decoded(category, &text);
            let [PrivateMessage::Balance(BalanceUpdate::Set { balances, time })] = &told[..] else {
                panic!("{told:?}")
            };
            assert_eq!(time.as_millis(), 1_700_000_000_009);
            assert_eq!(balances[0].available.map(|free| free.to_string()).as_deref(), available);
        }
    }

    #[test]
    fn the_rest_is_told_by_kind() {
        let of = |frame: &str| decode_private(Category::Spot, WalletView::NotLocked, frame.as_bytes());
        let login = of(r#"{"success":true,"ret_msg":"","op":"auth","conn_id":"c"}"#);
        assert!(matches!(login, Ok(PrivateFrame::Reply { id: LOGIN_ID, refused: None })));
        assert!(matches!(of(r#"{"req_id":"","op":"pong","args":["1"],"conn_id":"c"}"#), Ok(PrivateFrame::Pong)));
        assert!(matches!(of(&frame("moon", json!([1]))), Ok(PrivateFrame::Unknown(topic)) if topic == "moon"));
        for broken in ["", "{", "[]", r#"{"topic":"order","data":7}"#] {
            let error = of(broken).expect_err(broken);
            assert_eq!((error.kind(), error.frame()), (ErrorKind::Decode, Some(broken.as_bytes())));
        }
    }
}
