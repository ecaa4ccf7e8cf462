use serde::Deserialize;
use tradewire_core::{Error, LeverageReport, PrivateMessage};
use tradewire_tracking::PrivateFrame;

use super::{account_update, algo_update, error_codes, order_update};
use crate::market::{Fault, Number, object};
use crate::private::{Content, signed, unreadable};

/// Decodes one frame of the private stream. Pure: no clock, no state.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams>
///
/// # Errors
/// `Decode` with the frame, for one that is not as documented.
pub fn decode_private(frame: &[u8]) -> Result<PrivateFrame, Error> {
    let read = Content::of(frame, |code, _| error_codes::kind(code)).and_then(|content| match content {
        Content::Event { kind, raw } => event(&kind, raw),
        Content::Reply(reply) => Ok(reply.into_frame(frame)),
        Content::Unknown => Ok(PrivateFrame::Unknown("neither event nor reply".to_owned())),
    });
    read.map_err(|fault| unreadable(fault, frame))
}

fn event(kind: &str, raw: &str) -> Result<PrivateFrame, Fault> {
    let told = |messages| Ok(PrivateFrame::Messages(messages, Vec::new()));
    match kind {
        "ORDER_TRADE_UPDATE" => told(vec![PrivateMessage::Order(Box::new(order_update::read(raw)?))]),
        "ALGO_UPDATE" => told(vec![PrivateMessage::Order(Box::new(algo_update::read(raw)?))]),
        "ACCOUNT_UPDATE" => account_update::read(raw),
        "ACCOUNT_CONFIG_UPDATE" => told(config_update(raw)?),
        "MARGIN_CALL" => account_update::margin_call(raw),
        // Reports of orders follow, which say more; strategies and grids place orders that have reports of their own.
        "TRADE_LITE" | "STRATEGY_UPDATE" | "GRID_UPDATE" | "CONDITIONAL_ORDER_TRIGGER_REJECT" => told(Vec::new()),
        "listenKeyExpired" => Ok(PrivateFrame::SubscriptionEnded),
        "serverShutdown" => Ok(PrivateFrame::ShutdownNotice),
        unknown => Ok(PrivateFrame::Unknown(unknown.to_owned())),
    }
}

/// The leverage of an instrument changed, or how assets count as collateral, which changes nothing here.
fn config_update(raw: &str) -> Result<Vec<PrivateMessage>, Fault> {
    let wire: ConfigWire<'_> = object(raw)?;
    let Some(of) = wire.leverage else { return Ok(Vec::new()) };
    let leverage = signed(&of.leverage)?;
    Ok(vec![PrivateMessage::Leverage(LeverageReport { symbol: of.symbol, side: None, leverage, margin_mode: None })])
}

#[derive(Deserialize)]
struct ConfigWire<'a> {
    #[serde(rename = "ac", borrow)]
    leverage: Option<LeverageWire<'a>>,
}

#[derive(Deserialize)]
struct LeverageWire<'a> {
    #[serde(rename = "s")]
    symbol: String,
    #[serde(rename = "l", borrow)]
    leverage: Number<'a>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewire_core::{BalanceUpdate, ErrorKind, MarginMode, PositionSide, ReportedStatus};

    fn messages(frame: &str) -> Vec<PrivateMessage> {
        match decode_private(frame.as_bytes()).unwrap_or_else(|error| panic!("{error}: {frame}")) {
            PrivateFrame::Messages(messages, errors) if errors.is_empty() => messages,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_account_update_tells_balances_and_positions() {
        let told = messages(include_str!("../../fixtures/usdm-account-update.json"));
        let [
            PrivateMessage::Balance(BalanceUpdate::Set { balances, time }),
            PrivateMessage::Position(long),
            PrivateMessage::Position(short),
        ] = told.as_slice()
        else {
            panic!("{told:?}")
        };
        assert_eq!((balances[0].total.to_string().as_str(), balances[0].available), ("1500.25", None));
        assert_eq!(time.as_millis(), 1_780_000_000_300);
        assert_eq!((long.side, long.size.to_string().as_str()), (Some(PositionSide::Long), "0.020"));
        assert_eq!((long.margin_mode, long.isolated_margin.is_some()), (Some(MarginMode::Isolated), true));
        assert_eq!((short.side, short.size.to_string().as_str()), (Some(PositionSide::Short), "-0.010"));
        assert_eq!((short.margin_mode, short.isolated_margin), (Some(MarginMode::Cross), None));
    }

    #[test]
    fn transfers_are_told_before_the_new_values() {
        let frame =
            include_str!("../../fixtures/usdm-account-update.json").replace("\"m\":\"ORDER\"", "\"m\":\"DEPOSIT\"");
        let told = messages(&frame);
        let PrivateMessage::Balance(BalanceUpdate::Moved { asset, delta, .. }) = &told[0] else { panic!("{told:?}") };
        assert_eq!((asset.as_str(), delta.to_string().as_str(), told.len()), ("USDT", "500.25", 4));
    }

    #[test]
    fn funding_names_its_contract() {
        let frame = include_str!("../../fixtures/usdm-funding.json");
        let told = messages(frame);
        let [PrivateMessage::Funding(paid), PrivateMessage::Balance(BalanceUpdate::Set { .. })] = told.as_slice()
        else {
            panic!("{told:?}")
        };
        assert_eq!(
            (paid.symbol.as_str(), paid.amount.to_string().as_str(), paid.id.clone()),
            ("BTCUSDT", "-0.375", None)
        );
        assert_eq!(messages(&frame.replace("\"S\":\"BTCUSDT\",", "")).len(), 1, "older events do not name it");
    }

    #[test]
    fn one_unreadable_part_stops_none_of_the_others() {
        let frame = include_str!("../../fixtures/usdm-account-update.json").replace("\"-0.010\"", "\"\"");
        let Ok(PrivateFrame::Messages(told, errors)) = decode_private(frame.as_bytes()) else { panic!("messages") };
        assert_eq!((told.len(), errors.len(), errors[0].kind()), (2, 1, ErrorKind::Decode));
    }

    #[test]
    fn settings_and_warnings_are_told() {
        let leverage = messages(r#"{"e":"ACCOUNT_CONFIG_UPDATE","E":1,"T":1,"ac":{"s":"BTCUSDT","l":25}}"#);
        assert!(matches!(&leverage[0], PrivateMessage::Leverage(report) if report.leverage.to_string() == "25"));
        assert!(messages(r#"{"e":"ACCOUNT_CONFIG_UPDATE","E":1,"T":1,"ai":{"j":true}}"#).is_empty());
        let calls = messages(include_str!("../../fixtures/usdm-margin-call.json"));
        assert!(
            matches!(&calls[..], [PrivateMessage::MarginCall { symbol: Some(symbol), side: Some(PositionSide::Long), .. }] if symbol == "BTCUSDT")
        );
        let whole = messages(r#"{"e":"MARGIN_CALL","E":5,"cw":"1","p":[]}"#);
        assert!(matches!(&whole[..], [PrivateMessage::MarginCall { symbol: None, side: None, .. }]));
    }

    #[test]
    fn orders_are_told_by_both_services() {
        let waiting = messages(include_str!("../../fixtures/usdm-algo-update.json"));
        let PrivateMessage::Order(report) = &waiting[0] else { panic!("an order") };
        assert_eq!(
            (report.status.clone(), report.exchange_order_id.clone()),
            (ReportedStatus::Open, Some("algo-77".into()))
        );
        assert!(report.trigger.is_some());
        let order = messages(include_str!("../../fixtures/usdm-order-trade-update.json"));
        assert!(matches!(&order[0], PrivateMessage::Order(report) if report.fills.len() == 1));
    }

    #[test]
    fn the_rest_is_told_by_kind() {
        for frame in [
            r#"{"e":"TRADE_LITE","E":1,"T":1,"s":"BTCUSDT","q":"1","p":"0","m":false,"c":"a","S":"BUY","L":"1","l":"1","t":9,"i":7}"#,
            r#"{"e":"STRATEGY_UPDATE","T":1,"E":1,"su":{}}"#,
        ] {
            assert!(messages(frame).is_empty(), "{frame}");
        }
        for time in ["1736996475556", "\"1736996475556\""] {
            let frame = format!(r#"{{"e":"listenKeyExpired","E":{time},"listenKey":"x"}}"#);
            assert!(matches!(decode_private(frame.as_bytes()), Ok(PrivateFrame::SubscriptionEnded)));
        }
        assert!(
            matches!(decode_private(br#"{"e":"NEW_MOON","E":1}"#), Ok(PrivateFrame::Unknown(kind)) if kind == "NEW_MOON")
        );
        for frame in ["{", "[]", r#"{"e":"ORDER_TRADE_UPDATE","E":1}"#, r#"{"e":"ACCOUNT_UPDATE","E":1}"#] {
            let error = decode_private(frame.as_bytes()).expect_err(frame);
            assert_eq!((error.kind(), error.frame()), (ErrorKind::Decode, Some(frame.as_bytes())));
        }
    }
}
