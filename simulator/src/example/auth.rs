//! Who asks.

use std::net::IpAddr;

use super::errors::ApiError;
use super::params::Params;
use crate::accounts::{AccountId, KeyMaterial};
use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::front::Request;
use crate::signature::signed_by;

/// How far the time of a request may be ahead, in milliseconds.
const AHEAD: i64 = 1_000;
/// The longest window, in milliseconds.
const LONGEST: i64 = 30_000;

/// Somebody who has proved which account is his.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) account: AccountId,
    pub(super) api_key: String,
    pub(super) may_trade: bool,
}

/// Finds out who asks by REST.
///
/// # Errors
/// 1001, 2001 to 2004.
pub(super) fn of_request(exchange: &Exchange, request: &Request, params: &Params) -> Result<Caller, ApiError> {
    let header = |name: &'static str| request.header(name).ok_or_else(|| ApiError::argument(name));
    let (caller, material) = key(exchange, header("ex-key")?, request.peer)?;
    let signature = header("ex-sign")?;
    let time = params.parsed("time")?.ok_or_else(|| ApiError::argument("time"))?;
    let window = params.parsed("window")?.ok_or_else(|| ApiError::argument("window"))?;
    timely(time, window, exchange.clock.server_now())?;
    let mut payload = format!("{}\n{}\n{}\n", request.method, request.path, request.query).into_bytes();
    payload.extend(&request.body);
    if signed_by(&material, &payload, signature) { Ok(caller) } else { Err(ApiError::bad_signature()) }
}

/// What a login on a socket holds.
#[derive(Debug)]
pub(super) struct Login<'a> {
    pub(super) key: &'a str,
    pub(super) time: i64,
    pub(super) window: i64,
    pub(super) sign: &'a str,
}

/// Finds out who logs in on a socket.
///
/// # Errors
/// As [`of_request`].
pub(super) fn of_login(exchange: &Exchange, login: &Login<'_>, peer: IpAddr) -> Result<Caller, ApiError> {
    let (caller, material) = key(exchange, login.key, peer)?;
    timely(login.time, login.window, exchange.clock.server_now())?;
    let payload = format!("LOGIN\n{}\n{}", login.time, login.window);
    if signed_by(&material, payload.as_bytes(), login.sign) { Ok(caller) } else { Err(ApiError::bad_signature()) }
}

fn key(exchange: &Exchange, text: &str, peer: IpAddr) -> Result<(Caller, KeyMaterial), ApiError> {
    let accounts = exchange.accounts.lock();
    let (account, key) = accounts.key(text).filter(|(_, key)| !key.revoked).ok_or_else(ApiError::bad_key)?;
    if !key.permissions.read || !(key.addresses.is_empty() || key.addresses.contains(&peer)) {
        return Err(ApiError::not_permitted());
    }
    let may_trade = key.permissions.trade;
    Ok((Caller { account, api_key: text.to_owned(), may_trade }, key.material.clone()))
}

fn timely(time: i64, window: i64, now: Timestamp) -> Result<(), ApiError> {
    if !(0..=LONGEST).contains(&window) {
        return Err(ApiError::argument("window"));
    }
    let age = now.millis().saturating_sub(time);
    if (-AHEAD..=window).contains(&age) { Ok(()) } else { Err(ApiError::bad_time()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_signatures_hold() {
        let key = KeyMaterial::Hmac("example-secret".to_owned());
        let payload = b"POST\n/1/orders\ntime=1700000000000&window=5000\n{\"symbol\":\"BTC/USDT\",\"side\":\"buy\"}";
        assert!(signed_by(&key, payload, "ec4c7e5360c8d365195009f5ca5fc98149e25552f0ad4ad19e6d7749aed46556"));
        let login = b"LOGIN\n1700000000000\n5000";
        assert!(signed_by(&key, login, "64a70556c950167d2abdf86e5d9305647f13d51ee6c271ecf8c66a1596204ceb"));
    }

    #[test]
    fn a_request_is_good_for_its_window() {
        let now = Timestamp::from_millis(1_700_000_000_000);
        let at = |off: i64, window| timely(now.millis() + off, window, now).is_ok();
        assert_eq!([at(-5_000, 5_000), at(-5_001, 5_000), at(1_000, 0), at(1_001, 0)], [true, false, true, false]);
        assert!(!at(0, 30_001));
    }
}
