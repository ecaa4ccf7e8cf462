//! Proof of who asks: API keys, signatures, and the time at which a request was made.

use std::net::IpAddr;

use rust_decimal::Decimal;

use super::errors::ApiError;
use super::operation::Security;
use super::params::instant;
use super::weights::{Given, value};
use crate::accounts::{AccountId, KeyMaterial};
use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::front::{Request, unsigned};
use crate::signature::signed_by;

/// Milliseconds for which a request is valid unless it says otherwise.
const DEFAULT_WINDOW: i64 = 5_000;
/// The most milliseconds that it may ask for.
const LONGEST_WINDOW: i64 = 60_000;
/// Microseconds by which a client's clock may be ahead.
const AHEAD: i64 = 1_000_000;

/// What a request shows to prove who asks.
#[derive(Debug)]
pub(super) struct Proof {
    pub(super) api_key: Option<String>,
    /// The bytes that are signed.
    pub(super) payload: Vec<u8>,
    pub(super) signature: Option<String>,
    /// Key with which the socket has logged on: good for requests that show no key of their own.
    pub(super) session: Option<String>,
    /// Whether keys come in a header, not among the parameters.
    pub(super) in_header: bool,
}

impl Proof {
    /// The proof of a REST request: raw query and raw body, one right after the other.
    pub(super) fn of_request(request: &Request) -> Proof {
        let mut payload = unsigned(&request.query).into_bytes();
        payload.extend(without_signature(&request.body));
        let given = request.parameters();
        Proof {
            api_key: request.header("x-mbx-apikey").filter(|key| !key.is_empty()).map(str::to_owned),
            payload,
            signature: value(&given, "signature").map(str::to_owned),
            session: None,
            in_header: true,
        }
    }

    /// The proof of a request by a socket: its parameters sorted by name, not percent-encoded.
    pub(super) fn of_params(given: &Given, session: Option<String>) -> Proof {
        Proof {
            api_key: value(given, "apiKey").map(str::to_owned),
            payload: sorted(given).into_bytes(),
            signature: value(given, "signature").map(str::to_owned),
            session,
            in_header: false,
        }
    }
}

/// `body` without the pair `signature`, which may be any bytes elsewhere.
fn without_signature(body: &[u8]) -> Vec<u8> {
    let pairs = body.split(|byte| *byte == b'&');
    let kept: Vec<&[u8]> = pairs.filter(|pair| *pair != b"signature" && !pair.starts_with(b"signature=")).collect();
    kept.join(&b'&')
}

/// `k=v` of all parameters but the signature, sorted by name.
fn sorted(given: &Given) -> String {
    let mut pairs: Vec<&(String, String)> = given.iter().filter(|(name, _)| name != "signature").collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// Somebody who has proved which account is his.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) account: AccountId,
    pub(super) api_key: String,
    /// Whether the key is one of those with which a socket can log on.
    pub(super) can_log_on: bool,
}

/// Finds out who asks.
///
/// # Errors
/// What is wrong with the key, the time or the signature.
pub(super) fn authenticate(
    exchange: &Exchange,
    proof: &Proof,
    given: &Given,
    (security, peer): (Security, IpAddr),
) -> Result<Caller, ApiError> {
    let Some(text) = proof.api_key.as_ref().or(proof.session.as_ref()) else {
        return Err(if proof.in_header { bad_key_format() } else { ApiError::missing("apiKey") });
    };
    if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') || text.is_empty() {
        return Err(bad_key_format());
    }
    let accounts = exchange.accounts.lock();
    let (account, key) = accounts.key(text).ok_or_else(ApiError::bad_key)?;
    let material = key.material.clone();
    let wanted = key.permissions.read && (security != Security::Trade || key.permissions.trade);
    if key.revoked || !wanted || !(key.addresses.is_empty() || key.addresses.contains(&peer)) {
        return Err(ApiError::bad_key());
    }
    drop(accounts);
    let caller = Caller { account, api_key: text.clone(), can_log_on: matches!(material, KeyMaterial::Ed25519(_)) };
    if security == Security::Keyed {
        return Ok(caller);
    }
    if proof.api_key.is_some() {
        let signature = proof.signature.as_ref().filter(|signature| !signature.is_empty());
        let signature = signature.ok_or_else(|| ApiError::missing("signature"))?;
        timely(given, exchange.clock.server_now())?;
        if !signed_by(&material, &proof.payload, signature) {
            return Err(ApiError::new(-1022, "Signature for this request is not valid."));
        }
    } else {
        timely(given, exchange.clock.server_now())?;
    }
    Ok(caller)
}

fn bad_key_format() -> ApiError {
    ApiError::with_status(401, -2014, "API-key format invalid.")
}

/// Checks the time at which a request was made.
fn timely(given: &Given, now: Timestamp) -> Result<(), ApiError> {
    let made = value(given, "timestamp").filter(|text| !text.is_empty());
    let made = made.ok_or_else(|| ApiError::missing("timestamp"))?;
    let digits = made.len() <= 18 && made.bytes().all(|byte| byte.is_ascii_digit());
    let made = digits.then(|| made.parse::<i64>().ok()).flatten();
    let made = made.ok_or_else(|| ApiError::illegal("timestamp", "^[0-9]{1,20}$"))?;
    let made = instant(made);
    let window = window(given)?;
    if made.0 >= now.0 + AHEAD {
        return Err(ApiError::new(-1021, "Timestamp for this request was 1000ms ahead of the server's time."));
    }
    if now.0 - made.0 > window {
        return Err(ApiError::new(-1021, "Timestamp for this request is outside of the recvWindow."));
    }
    Ok(())
}

/// Microseconds for which a request is valid: milliseconds with up to three decimals.
fn window(given: &Given) -> Result<i64, ApiError> {
    let Some(text) = value(given, "recvWindow") else { return Ok(DEFAULT_WINDOW * 1000) };
    let illegal = || ApiError::illegal("recvWindow", "^\\d{1,5}(\\.\\d{1,3})?$");
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(decimals) || decimals.len() > 3 || whole.len() > 12 {
        return Err(illegal());
    }
    let millis: Decimal = text.parse().map_err(|_| illegal())?;
    if millis > Decimal::from(LONGEST_WINDOW) {
        return Err(ApiError::new(-1131, "recvWindow must be less than 60000."));
    }
    i64::try_from(millis * Decimal::ONE_THOUSAND).map_err(|_| illegal())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::from_hex;

    const SECRET: &str = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";

    fn given(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn request(query: &str, body: &str) -> Request {
        Request {
            method: "POST".to_owned(),
            path: "/api/v3/order".to_owned(),
            query: query.to_owned(),
            body: body.to_owned().into(),
            headers: Vec::new(),
            peer: IpAddr::from([127, 0, 0, 1]),
        }
    }

    #[test]
    fn signatures_of_the_exchanges_documents_hold() {
        let hmac = KeyMaterial::Hmac(SECRET.to_owned());
        let payload = "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559";
        let signature = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71";
        assert!(signed_by(&hmac, payload.as_bytes(), signature));
        assert!(signed_by(&hmac, payload.as_bytes(), &signature.to_uppercase()));
        assert!(!signed_by(&hmac, payload.as_bytes(), &signature.replace('c', "d")));
        assert!(!signed_by(&hmac, payload.as_bytes(), "c8d"), "odd length");
        let mixed = request(
            "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC",
            "quantity=1&price=0.1&signature=0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77&recvWindow=5000&timestamp=1499827319559",
        );
        let proof = Proof::of_request(&mixed);
        assert!(signed_by(&hmac, &proof.payload, &proof.signature.unwrap()));
    }

    #[test]
    fn parameters_of_a_socket_are_sorted_and_left_as_they_are() {
        let hmac = KeyMaterial::Hmac(SECRET.to_owned());
        let key = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
        let params = given(&[
            ("symbol", "１２３４５６"),
            ("side", "BUY"),
            ("type", "LIMIT"),
            ("timeInForce", "GTC"),
            ("quantity", "1.00000000"),
            ("price", "0.10000000"),
            ("recvWindow", "5000"),
            ("timestamp", "1645423376532"),
            ("apiKey", key),
            ("signature", "b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd"),
        ]);
        let proof = Proof::of_params(&params, None);
        assert!(signed_by(&hmac, &proof.payload, &proof.signature.unwrap()));
    }

    #[test]
    fn an_ed25519_signature_holds() {
        let public = from_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a").unwrap();
        let payload = b"apiKey=example-key&timestamp=1649729878532";
        let signature = "t4Phv5Si0QM9zFnkb42ruMFoIKEkA448UKCdNxZ9FrDwwHIoe7ngOqRVLwqhxiu4bvNZqiHDF+tCBZK+QAHPCA==";
        let key = KeyMaterial::Ed25519(public);
        assert!(signed_by(&key, payload, signature));
        assert!(!signed_by(&key, payload, &signature.to_lowercase()));
    }

    #[test]
    fn published_vectors_hold() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/protocols/signing-vectors.json");
        let Ok(text) = std::fs::read_to_string(file) else {
            println!("skipped: the published vectors are not here");
            return;
        };
        let known: serde_json::Value = serde_json::from_str(&text).unwrap();
        let of_binance = |vector: &&serde_json::Value| {
            vector["exchange"] == "binance" && vector["alg"] == "HMAC-SHA256-hex" && vector["verified_here"] == true
        };
        let mut checked = 0;
        for vector in known["vectors"].as_array().unwrap().iter().filter(of_binance) {
            let text = |name: &str| vector[name].as_str().unwrap_or_default();
            let key = KeyMaterial::Hmac(text("secret").to_owned());
            assert!(signed_by(&key, text("payload").as_bytes(), text("signature")), "{}", text("id"));
            if let Some(params) = vector["params"].as_object() {
                let shown = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let params: Vec<_> = params.iter().map(|(name, value)| (name.clone(), shown(value))).collect();
                assert_eq!(sorted(&params), text("payload"), "{}", text("id"));
            }
            checked += 1;
        }
        assert!(checked >= 5, "only {checked} vectors");
    }

    #[test]
    fn the_window_of_validity_has_two_ends() {
        let now = Timestamp::from_millis(1_700_000_000_000);
        let at = |millis: i64, window: &str| {
            let made = (1_700_000_000_000 + millis).to_string();
            timely(&given(&[("timestamp", made.as_str()), ("recvWindow", window)]), now).map_err(|error| error.code)
        };
        assert_eq!(at(-5_000, "5000"), Ok(()));
        assert_eq!(at(-5_001, "5000"), Err(-1021));
        assert_eq!(at(-5_001, "5001.5"), Ok(()));
        assert_eq!(at(999, "5000"), Ok(()));
        assert_eq!(at(1_000, "5000"), Err(-1021));
        assert_eq!((at(0, "60000"), at(0, "60001")), (Ok(()), Err(-1131)));
        assert_eq!(at(0, "0.0001"), Err(-1100));
        assert_eq!(at(0, "x"), Err(-1100));
        assert_eq!(timely(&given(&[]), now).map_err(|error| error.code), Err(-1102));
        assert_eq!(timely(&given(&[("timestamp", "1700000000000123")]), now), Ok(()), "microseconds");
    }
}
