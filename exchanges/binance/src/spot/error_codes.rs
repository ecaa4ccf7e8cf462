use tradewire_core::{Error, ErrorKind};
use tradewire_transport::Verdict;

use crate::error_codes::{is_refusal, shared_kind};

/// The kind of an error by its code; by its whole text, where the exchange documents several for one code.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/errors>
pub(crate) fn kind(code: i64, text: &str) -> ErrorKind {
    match code {
        -1112 | -1220 | -2016 => ErrorKind::NotTradable,
        -1158 | -1160 | -1165 | -1166 | -1168 | -1194 | -1199..=-1196 => ErrorKind::InvalidRequest,
        -1210 | -1211 | -1225..=-1222 | -2039 => ErrorKind::InvalidRequest,
        -2013 | -2026 => ErrorKind::NotFound,
        -2035 | -2036 => ErrorKind::StateConflict,
        -2042 => ErrorKind::Capacity,
        -1013 => filter(text).unwrap_or(ErrorKind::InvalidRequest),
        -1010 | -2010 | -2011 | -2038 => by_text(text).or_else(|| filter(text)).unwrap_or(ErrorKind::Exchange),
        _ => shared_kind(code),
    }
}

/// What an error proves about an order command.
pub(crate) fn verdict(error: &Error) -> Verdict {
    if is_refusal(error, is_unknown_outcome, is_documented) { Verdict::Refused } else { Verdict::Unknown }
}

/// Whether nobody knows after this code if an order command took effect. A partial failure is one: its halves say more.
fn is_unknown_outcome(code: i64) -> bool {
    matches!(code, -2021 | -1008..=-1006 | -1001 | -1000)
}

/// Whether the exchange documents this code.
fn is_documented(code: i64) -> bool {
    kind(code, "") != ErrorKind::Exchange || matches!(code, -1010 | -2043 | -2038 | -2022..=-2021 | -2011..=-2010)
}

/// The kind of a refusal by the engine.
fn by_text(text: &str) -> Option<ErrorKind> {
    Some(match text {
        "Unknown order sent." => ErrorKind::NotFound,
        "Duplicate order sent." => ErrorKind::Duplicate,
        "Account has insufficient balance for requested action." => ErrorKind::InsufficientBalance,
        "Order would immediately match and take." => ErrorKind::PostOnlyWouldTake,
        "Order was not canceled due to cancel restrictions."
        | "The requested action would change no state; rejecting" => ErrorKind::StateConflict,
        "Market is closed."
        | "Order book liquidity is less than LOT_SIZE filter minimum quantity."
        | "Order book liquidity is less than MARKET_LOT_SIZE filter minimum quantity."
        | "Order book liquidity is less than symbol minimum quantity."
        | "Order book liquidity is too low for this pegged order." => ErrorKind::NotTradable,
        "Order would trigger immediately."
        | "Price * QTY is zero or less."
        | "IcebergQty exceeds QTY."
        | "Unsupported order combination"
        | "Order amend (quantity increase) is not supported."
        | "The relationship of the prices for the orders is not correct."
        | "Cancel order is invalid. Check origClOrdId and orderId." => ErrorKind::InvalidRequest,
        text if RESTRICTIONS.contains(&text) => ErrorKind::Restricted,
        _ => return None,
    })
}

/// Refusals because the account, or everybody, may not do this.
const RESTRICTIONS: &[&str] = &[
    "Iceberg orders are not supported for this symbol.",
    "Market orders are not supported for this symbol.",
    "OCO orders are not supported for this symbol",
    "Order amend is not supported for this symbol.",
    "Order cancel-replace is not supported for this symbol.",
    "Pegged orders are not supported for this symbol.",
    "Quote order qty market orders are not support for this symbol.",
    "Rest API trading is not enabled.",
    "Stop loss limit orders are not supported for this symbol.",
    "Stop loss orders are not supported for this symbol.",
    "Take profit limit orders are not supported for this symbol.",
    "Take profit orders are not supported for this symbol.",
    "This account may not place or cancel orders.",
    "This action is disabled on this account.",
    "This symbol is not permitted for this account.",
    "This symbol is restricted for this account.",
    "Trailing stop orders are not supported for this symbol.",
    "WebSocket API trading is not enabled.",
];

/// The kind of a refusal by a filter: `Filter failure: LOT_SIZE`.
fn filter(text: &str) -> Option<ErrorKind> {
    let name = text.strip_prefix("Filter failure: ")?;
    match name {
        "EXCHANGE_MAX_NUM_ALGO_ORDERS"
        | "EXCHANGE_MAX_NUM_ICEBERG_ORDERS"
        | "EXCHANGE_MAX_NUM_ORDERS"
        | "EXCHANGE_MAX_NUM_ORDER_LISTS"
        | "MAX_NUM_ALGO_ORDERS"
        | "MAX_NUM_ICEBERG_ORDERS"
        | "MAX_NUM_ORDERS"
        | "MAX_NUM_ORDER_LISTS" => Some(ErrorKind::Capacity),
        "ICEBERG_PARTS"
        | "LOT_SIZE"
        | "MARKET_LOT_SIZE"
        | "MAX_ASSET"
        | "MAX_NUM_ORDER_AMENDS"
        | "MAX_POSITION"
        | "MIN_NOTIONAL"
        | "NOTIONAL"
        | "PERCENT_PRICE"
        | "PERCENT_PRICE_BY_SIDE"
        | "PRICE_FILTER"
        | "TRAILING_DELTA" => Some(ErrorKind::FilterFailure),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error_codes::error;
    use tradewire_transport::{Answer, HeaderMap};

    #[test]
    fn every_kind_asks_for_another_reaction() {
        for (code, expected) in [
            (-1002, ErrorKind::Auth),
            (-1003, ErrorKind::RateLimited),
            (-1007, ErrorKind::Timeout),
            (-1008, ErrorKind::Unavailable),
            (-1013, ErrorKind::InvalidRequest),
            (-1021, ErrorKind::Clock),
            (-1100, ErrorKind::InvalidRequest),
            (-1108, ErrorKind::InvalidRequest),
            (-1109, ErrorKind::Exchange),
            (-1112, ErrorKind::NotTradable),
            (-1121, ErrorKind::UnknownInstrument),
            (-1197, ErrorKind::InvalidRequest),
            (-1220, ErrorKind::NotTradable),
            (-2010, ErrorKind::Exchange),
            (-2011, ErrorKind::Exchange),
            (-2013, ErrorKind::NotFound),
            (-2015, ErrorKind::Auth),
            (-2021, ErrorKind::Exchange),
            (-2026, ErrorKind::NotFound),
            (-2035, ErrorKind::StateConflict),
            (-2038, ErrorKind::Exchange),
            (-2039, ErrorKind::InvalidRequest),
            (-99_999, ErrorKind::Exchange),
        ] {
            assert_eq!(kind(code, ""), expected, "{code}");
            assert_eq!(kind(code, "Duplicate order sent"), expected, "a text that is not documented as a whole");
        }
    }

    #[test]
    fn a_whole_documented_text_refines_the_kind() {
        for (code, text, expected) in [
            (-2010, "Account has insufficient balance for requested action.", ErrorKind::InsufficientBalance),
            (-2010, "Order would immediately match and take.", ErrorKind::PostOnlyWouldTake),
            (-2010, "Duplicate order sent.", ErrorKind::Duplicate),
            (-2010, "Market is closed.", ErrorKind::NotTradable),
            (-2010, "Filter failure: MAX_NUM_ORDERS", ErrorKind::Capacity),
            (-2010, "This symbol is restricted for this account.", ErrorKind::Restricted),
            (-2011, "Unknown order sent.", ErrorKind::NotFound),
            (-2011, "Order was not canceled due to cancel restrictions.", ErrorKind::StateConflict),
            (-1013, "Filter failure: LOT_SIZE", ErrorKind::FilterFailure),
            (-1013, "Filter failure: MOON_PHASE", ErrorKind::InvalidRequest),
            (-2038, "Filter failure: MAX_NUM_ORDER_AMENDS", ErrorKind::FilterFailure),
            (-1100, "Unknown order sent.", ErrorKind::InvalidRequest),
        ] {
            assert_eq!(kind(code, text), expected, "{code} {text}");
        }
    }

    fn refused(status: u16, body: &str) -> bool {
        let headers = HeaderMap::new();
        let answer = Answer { status, headers: &headers, body: body.as_bytes() };
        let error = error(&answer, kind).unwrap_or_else(|| Error::new(ErrorKind::Decode, "not stated"));
        verdict(&error.with_status(status)) == Verdict::Refused
    }

    #[test]
    fn the_outcome_comes_from_status_and_code_and_never_from_the_text() {
        for text in ["", "Duplicate order sent.", "Timeout waiting for response from backend server."] {
            let refused = |status, code: i64| refused(status, &format!(r#"{{"code":{code},"msg":"{text}"}}"#));
            for code in [-1003, -1013, -1015, -1016, -1020, -1022, -1034, -1121, -2010, -2011, -2013, -2015, -2038] {
                assert!(refused(400, code) && !refused(408, code) && !refused(503, code), "{code}");
                assert!(refused(200, code), "{code}: an error is one whatever the status");
            }
            for code in [-1000, -1001, -1006, -1007, -1008, -2021] {
                assert!(!refused(400, code) && !refused(200, code) && !refused(500, code), "{code}");
            }
            assert!(refused(409, -99_999) && !refused(408, -99_999) && !refused(200, -99_999), "not documented");
        }
    }

    #[test]
    fn an_answer_without_an_error_of_the_exchange_proves_nothing() {
        for (status, body) in
            [(403, "<html>"), (400, ""), (400, r#"{"code":-2010,"#), (404, "[]"), (502, ""), (200, "")]
        {
            assert!(!refused(status, body), "{status} {body}");
        }
        assert!(refused(429, "") && refused(418, ""), "documented for the status");
    }
}
