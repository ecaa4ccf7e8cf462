//! Proof of who asks: API keys, signatures, and the time at which a request was made.

use std::net::IpAddr;

use super::errors::ApiError;
use crate::accounts::{AccountId, KeyMaterial};
use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::front::Request;
use crate::requests::Stamp;
use crate::signature::signed_by;

/// Milliseconds for which a request is valid unless it says otherwise.
const DEFAULT_WINDOW: i64 = 5_000;
/// Milliseconds by which a client's clock may be ahead.
const AHEAD: i64 = 1_000;

/// Somebody who has proved which account is his.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Caller {
    pub(super) account: AccountId,
    pub(super) api_key: String,
    pub(super) may_trade: bool,
}

/// Finds out who asks by REST.
///
/// # Errors
/// 10001 without the headers, 10003 for a key, 10002 for the time, 10004 for the signature, 10005, 10010.
pub(super) fn of_request(exchange: &Exchange, request: &Request) -> Result<Caller, ApiError> {
    let header = |name: &str| request.header(name).filter(|text| !text.is_empty());
    let missing = |name: &str| ApiError::new(10001, format!("request header {name} is missing"));
    let api_key = header("x-bapi-api-key").ok_or_else(|| missing("X-BAPI-API-KEY"))?;
    let stamp = header("x-bapi-timestamp").ok_or_else(|| missing("X-BAPI-TIMESTAMP"))?;
    let signature = header("x-bapi-sign").ok_or_else(|| missing("X-BAPI-SIGN"))?;
    let (caller, material) = key(exchange, api_key, request.peer)?;
    timely(stamp, header("x-bapi-recv-window"), exchange.clock.server_now())?;
    let window = header("x-bapi-recv-window").unwrap_or_default();
    if !signed_by(&material, &payload(request, stamp, api_key, window), signature) {
        return Err(bad_signature());
    }
    Ok(caller)
}

/// The bytes that are signed.
fn payload(request: &Request, stamp: &str, api_key: &str, window: &str) -> Vec<u8> {
    let mut payload = format!("{stamp}{api_key}{window}").into_bytes();
    if request.method == "GET" {
        payload.extend(request.query.as_bytes());
    } else {
        payload.extend(&request.body);
    }
    payload
}

/// The time that a request tells, for the log.
pub(super) fn stamp(at: Option<String>, window: Option<String>) -> Option<Stamp> {
    let number = |text: Option<String>| text.and_then(|text| text.parse::<i64>().ok());
    let good_for = number(window).unwrap_or(DEFAULT_WINDOW);
    number(at).map(|at_ms| Stamp { at_ms, good_for_ms: u64::try_from(good_for).unwrap_or_default() })
}

/// Finds out who logs on on a socket.
///
/// # Errors
/// 10003 for a key, 10004 for the signature, 10002 if the time is over until which it is good.
pub(super) fn of_logon(
    exchange: &Exchange,
    (api_key, expires, signature): (&str, i64, &str),
    peer: IpAddr,
) -> Result<Caller, ApiError> {
    let (caller, material) = key(exchange, api_key, peer)?;
    let good = signed_by(&material, format!("GET/realtime{expires}").as_bytes(), signature);
    if !good {
        return Err(bad_signature());
    }
    if expires <= exchange.clock.server_now().millis() {
        return Err(ApiError::new(10002, "request expired"));
    }
    Ok(caller)
}

/// Whether a key is still good.
pub(super) fn is_good(exchange: &Exchange, api_key: &str) -> bool {
    exchange.accounts.lock().key(api_key).is_some_and(|(_, key)| !key.revoked)
}

fn key(exchange: &Exchange, text: &str, peer: IpAddr) -> Result<(Caller, KeyMaterial), ApiError> {
    let accounts = exchange.accounts.lock();
    let (account, key) = accounts.key(text).filter(|(_, key)| !key.revoked).ok_or_else(ApiError::bad_key)?;
    if !(key.addresses.is_empty() || key.addresses.contains(&peer)) {
        return Err(ApiError::new(10010, "Unmatched IP, please check your API key's bound IP addresses."));
    }
    if !key.permissions.read {
        return Err(not_permitted());
    }
    let caller = Caller { account, api_key: text.to_owned(), may_trade: key.permissions.trade };
    Ok((caller, key.material.clone()))
}

/// A key that may not do this.
pub(super) fn not_permitted() -> ApiError {
    ApiError::new(10005, "Permission denied, please check your API key permissions.")
}

fn bad_signature() -> ApiError {
    ApiError::new(10004, "Error sign, please check your signature generation algorithm.")
}

/// Checks the time at which a request was made, as its headers tell it.
///
/// # Errors
/// 10001 for what is not a number, 10002.
pub(super) fn timely(stamp: &str, window: Option<&str>, now: Timestamp) -> Result<(), ApiError> {
    let number = |text: &str, name: &str| text.parse::<i64>().map_err(|_| ApiError::invalid(name));
    let made = number(stamp, "timestamp")?;
    let window = window.map_or(Ok(DEFAULT_WINDOW), |text| number(text, "recvWindow"))?;
    let now = now.millis();
    if now - window <= made && made < now + AHEAD {
        return Ok(());
    }
    let message = format!(
        "invalid request, please check your server timestamp or recv_window param. \
         req_timestamp[{made}],server_timestamp[{now}],recv_window[{window}]"
    );
    Err(ApiError::new(10002, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, query: &str, body: &str) -> Request {
        Request {
            method: method.to_owned(),
            path: String::new(),
            query: query.to_owned(),
            body: body.to_owned().into(),
            headers: Vec::new(),
            peer: IpAddr::from([127, 0, 0, 1]),
        }
    }

    #[test]
    fn known_signatures_hold() {
        let key = KeyMaterial::Hmac("example-secret".to_owned());
        let get = request("GET", "category=linear&symbol=BTCUSDT", "");
        let signed = payload(&get, "1658384314791", "example-key", "5000");
        assert!(signed_by(&key, &signed, "842d868ef4896dd23a1546fee6009646ed8b0b0ca0f9900ce368628b67126d93"));
        let body = "{\"category\":\"linear\",\"symbol\":\"BTCUSDT\",\"side\":\"Buy\",\"orderType\":\"Limit\",\
                    \"qty\":\"0.001\",\"price\":\"60000\",\"timeInForce\":\"GTC\",\"orderLinkId\":\"test-1\"}";
        let signed = payload(&request("POST", "", body), "1658385579423", "example-key", "5000");
        assert!(signed_by(&key, &signed, "6e0fa32807e340623ed793253dbbdbd8db6062a210cc5a0108646b506b7e0ef3"));
        let logon = "48f83e83fe0ef43ccb780ede1720f5a770c200efd699c02009b546dbda2a4e1a";
        assert!(signed_by(&key, b"GET/realtime1662350400000", logon));
    }

    #[test]
    fn the_window_of_validity_has_two_ends() {
        let now = Timestamp::from_millis(1_700_000_000_000);
        let at = |off: i64, window: Option<&str>| {
            timely(&(now.millis() + off).to_string(), window, now).map_err(|error| error.code)
        };
        assert_eq!([at(-5_000, None), at(-5_001, None)], [Ok(()), Err(10002)]);
        assert_eq!([at(-5_001, Some("5001")), at(999, None)], [Ok(()), Ok(())]);
        assert_eq!([at(1_000, None), at(0, Some("x"))], [Err(10002), Err(10001)]);
    }
}
