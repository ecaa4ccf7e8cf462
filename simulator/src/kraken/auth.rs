//! Who asks: keys, signatures, nonces and tokens.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use super::errors::ApiError;
use super::params::Params;
use crate::accounts::{AccountId, KeyMaterial};
use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::front::Request;

/// For how long a token can be used first.
pub(super) const TOKEN_LIFE: Duration = Duration::from_secs(900);

/// Somebody who has proved which account is his.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) account: AccountId,
    pub(super) api_key: String,
    pub(super) may_trade: bool,
}

/// What is remembered of keys.
#[derive(Debug, Default)]
pub(super) struct Gate {
    /// The last nonce of each key.
    nonces: Mutex<HashMap<String, u64>>,
    tokens: Mutex<Vec<Token>>,
}

#[derive(Debug)]
struct Token {
    text: String,
    api_key: String,
    until: Timestamp,
}

impl Gate {
    /// Finds out who asks by REST.
    ///
    /// # Errors
    /// `EAPI:Invalid key`, `EAPI:Invalid signature`, `EAPI:Invalid nonce`, `EGeneral:Permission denied`.
    pub(super) fn of_request(
        &self,
        exchange: &Exchange,
        request: &Request,
        params: &Params,
    ) -> Result<Caller, ApiError> {
        let text = request.header("api-key").unwrap_or_default();
        let (caller, secret) = key(exchange, text, Some(request.peer))?;
        let nonce_text = params.text("nonce").unwrap_or_default();
        let sign = request.header("api-sign").unwrap_or_default();
        if !is_signed(&secret, &request.path, &nonce_text, &request.body, sign) {
            return Err(ApiError::new("EAPI:Invalid signature"));
        }
        let nonce: u64 = nonce_text.parse().map_err(|_| bad_nonce())?;
        let mut nonces = self.nonces.lock();
        let last = nonces.entry(text.to_owned()).or_default();
        if nonce <= *last {
            return Err(bad_nonce());
        }
        *last = nonce;
        Ok(caller)
    }

    /// A new token of a key. Texts follow from the key and from how many there were.
    pub(super) fn token(&self, caller: &Caller, now: Timestamp) -> String {
        let mut tokens = self.tokens.lock();
        tokens.retain(|token| token.until.plus(TOKEN_LIFE) > now);
        let mut hash = Sha256::new();
        hash.update(caller.api_key.as_bytes());
        hash.update(now.0.to_be_bytes());
        hash.update(tokens.len().to_be_bytes());
        let text = STANDARD_NO_PAD.encode(hash.finalize());
        tokens.push(Token { text: text.clone(), api_key: caller.api_key.clone(), until: now.plus(TOKEN_LIFE) });
        text
    }

    /// Finds out whose token this is.
    ///
    /// # Errors
    /// `ESession:Invalid session`, `EGeneral:Permission denied`.
    pub(super) fn of_token(&self, exchange: &Exchange, text: &str) -> Result<Caller, ApiError> {
        let now = exchange.clock.now();
        let api_key = {
            let tokens = self.tokens.lock();
            let token = tokens.iter().find(|token| token.text == text && now <= token.until);
            token.map(|token| token.api_key.clone()).ok_or_else(bad_token)?
        };
        key(exchange, &api_key, None).map(|(caller, _)| caller).map_err(|_| bad_token())
    }
}

fn bad_nonce() -> ApiError {
    ApiError::new("EAPI:Invalid nonce")
}

/// A token that is unknown, too old, or of a key that is good for nothing any more.
pub(super) fn bad_token() -> ApiError {
    ApiError::new("ESession:Invalid session")
}

/// Whether a key is still good for something.
pub(super) fn is_good(exchange: &Exchange, api_key: &str) -> bool {
    key(exchange, api_key, None).is_ok()
}

fn key(exchange: &Exchange, text: &str, peer: Option<IpAddr>) -> Result<(Caller, String), ApiError> {
    let accounts = exchange.accounts.lock();
    let invalid = || ApiError::new("EAPI:Invalid key");
    let (account, key) = accounts.key(text).filter(|(_, key)| !key.revoked).ok_or_else(invalid)?;
    let KeyMaterial::Hmac(secret) = &key.material else { return Err(invalid()) };
    let elsewhere = peer.is_some_and(|peer| !key.addresses.is_empty() && !key.addresses.contains(&peer));
    if !key.permissions.read || elsewhere {
        return Err(ApiError::new("EGeneral:Permission denied"));
    }
    let caller = Caller { account, api_key: text.to_owned(), may_trade: key.permissions.trade };
    Ok((caller, secret.clone()))
}

/// Whether a request is signed: HMAC-SHA512, keyed with the decoded secret, over the path and the SHA-256 of nonce and
/// body.
fn is_signed(secret: &str, path: &str, nonce: &str, body: &[u8], sign: &str) -> bool {
    let (Ok(secret), Ok(tag)) = (STANDARD.decode(secret), STANDARD.decode(sign)) else { return false };
    let mut hash = Sha256::new();
    hash.update(nonce.as_bytes());
    hash.update(body);
    let mut payload = path.as_bytes().to_vec();
    payload.extend(hash.finalize());
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA512, &secret), &payload, &tag).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the exchange's guide to authentication.
    #[test]
    fn the_published_signature_holds() {
        let secret = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg==";
        let body = b"nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25";
        let sign = "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ==";
        let holds = |nonce| is_signed(secret, "/0/private/AddOrder", nonce, body, sign);
        assert_eq!([holds("1616492376594"), holds("1616492376595")], [true, false]);
    }
}
