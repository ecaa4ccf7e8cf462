//! What the wires of Binance's products share.

use std::time::Duration;

use serde_json::Value;
use tradewire_core::{ErrorKind, Timestamp};
use tradewire_simulator::RequestRecord;
use tradewire_transport::{RenderedRequest, Window};

use crate::account_wire::{ExampleKey, SignedPart, SigningExample, WireErrorText, WireOrderError};
use crate::{WireBan, WireError, WireList};

/// The window in which weights are counted.
pub(super) const MINUTE: Window = Window::Fixed(Duration::from_secs(60));
/// A ban is doubled for each repeat within a day.
pub(super) const BAN: WireBan = WireBan { code: None, status: 418, tells_time: true, seconds: &[120, 240, 480] };
/// What stands beside keys and signatures.
pub(super) const SECRET_MARKS: &[&str] = &["X-MBX-APIKEY", "signature=", "listenKey="];
/// What instrument lists tell.
pub(super) const LIST: WireList = WireList { halted: true, filters: true, limits: true };

pub(super) const fn error(status: u16, code: i64, kind: ErrorKind) -> WireError {
    WireError { status, code, kind }
}

pub(super) fn levels(levels: &[(&str, &str)]) -> String {
    let levels: Vec<String> = levels.iter().map(|(price, quantity)| format!(r#"["{price}","{quantity}"]"#)).collect();
    format!("[{}]", levels.join(","))
}

pub(super) fn combined(stream: &str, data: &str) -> Vec<u8> {
    format!(r#"{{"stream":{},"data":{data}}}"#, Value::from(stream)).into_bytes()
}

/// What a request signs: its query and body, or its parameters by name.
pub(super) fn signed_part(request: &RenderedRequest) -> Option<SignedPart> {
    match request {
        RenderedRequest::Rest { url, body, .. } => {
            let (signed, signature) = url.split_once('?')?.1.rsplit_once("&signature=")?;
            Some(SignedPart { payload: format!("{signed}{body}"), signature: percent_decoded(signature)? })
        }
        RenderedRequest::Frame { text, .. } => {
            let frame: Value = serde_json::from_str(text).ok()?;
            let params = frame.get("params")?.as_object()?;
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let mut signed: Vec<_> = params.iter().filter(|(name, _)| *name != "signature").collect();
            signed.sort_by_key(|(name, _)| name.as_str());
            let pairs: Vec<_> = signed.iter().map(|(name, value)| format!("{name}={}", text(value))).collect();
            Some(SignedPart { payload: pairs.join("&"), signature: text(params.get("signature")?) })
        }
        _ => None,
    }
}

/// What was signed of a request: its query and body, or its parameters and the key by name.
pub(super) fn payload(request: &RequestRecord, api_key: &str) -> String {
    if request.method != "WS" {
        return format!("{}{}", request.query, request.body);
    }
    let key = format!("apiKey={api_key}");
    let mut pairs: Vec<_> = request.query.split('&').chain([key.as_str()]).collect();
    pairs.sort_unstable();
    pairs.join("&")
}

/// The time in a query or in parameters, and for how long it is good.
pub(super) fn stamp(query: &str) -> Option<(Timestamp, Duration)> {
    let number = |name: &str| {
        let rest = query.split_once(name)?.1.trim_start_matches(['"', ':', '=', ' ']);
        rest.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u64>().ok()
    };
    let at = i64::try_from(number("timestamp")?).ok()?;
    Some((Timestamp::from_millis(at), Duration::from_millis(number("recvWindow").unwrap_or(5_000))))
}

/// The beginning of the window that a query asks for.
pub(super) fn window_start(query: &str) -> Option<Timestamp> {
    let start = query.split('&').find_map(|field| field.strip_prefix("startTime="))?;
    start.parse().ok().map(Timestamp::from_millis)
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first == b'%' {
            let (digits, tail) = rest.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = tail;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

/// The seed of the first test in RFC 8032.
pub(super) const RFC_8032: ExampleKey = ExampleKey::Ed25519([
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5,
    0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
]);
/// Made for this suite; signatures by OpenSSL.
pub(super) const RSA: ExampleKey = ExampleKey::Pem(include_str!("binance_spot/rsa_of_the_suite.pem"));

pub(super) const fn example(key: ExampleKey, payload: &'static str, signature: &'static str) -> SigningExample {
    SigningExample { key, payload, signature }
}

pub(super) const fn refused(status: u16, code: i64, kind: ErrorKind) -> WireOrderError {
    WireOrderError { status, code, kind, refuses: true }
}

pub(super) const fn unknown(status: u16, code: i64, kind: ErrorKind) -> WireOrderError {
    WireOrderError { status, code, kind, refuses: false }
}

pub(super) const fn text(code: i64, text: &'static str, kind: ErrorKind) -> WireErrorText {
    WireErrorText { code, text, kind }
}
