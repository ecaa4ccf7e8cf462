//! Operations on the session of a socket: logging on, and subscribing to an account's events.

use serde_json::{Value, json};

use super::call::Asked;
use super::errors::ApiError;
use super::trades::text;

/// `session.logon`
pub(super) fn log_on(asked: &Asked<'_>) -> Result<String, ApiError> {
    let caller = asked.caller()?;
    if !caller.can_log_on {
        return Err(ApiError::bad_key());
    }
    let now = asked.exchange.clock.server_now();
    asked.spot.sessions.log_on(asked.connection()?, caller.clone(), now);
    status(asked)
}

/// `session.status`
pub(super) fn status(asked: &Asked<'_>) -> Result<String, ApiError> {
    let now = asked.exchange.clock.server_now();
    text(&asked.spot.sessions.status(asked.connection()?, now, asked.unit))
}

/// `session.logout`
pub(super) fn log_out(asked: &Asked<'_>) -> Result<String, ApiError> {
    asked.spot.log_out(asked.exchange, asked.connection()?);
    status(asked)
}

/// `session.subscriptions`
pub(super) fn subscriptions(asked: &Asked<'_>) -> Result<String, ApiError> {
    let numbers = asked.spot.sessions.subscriptions(asked.connection()?);
    let rows = numbers.into_iter().map(|number| json!({ "subscriptionId": number }));
    text(&Value::Array(rows.collect()))
}

/// `userDataStream.subscribe`, for a socket that has logged on.
pub(super) fn subscribe(asked: &Asked<'_>) -> Result<String, ApiError> {
    let connection = asked.connection()?;
    let logon = asked.spot.sessions.view(connection).and_then(|view| view.logon);
    let number = asked.spot.sessions.subscribe(connection, &logon.ok_or_else(ApiError::bad_key)?, true)?;
    text(&json!({ "subscriptionId": number }))
}

/// `userDataStream.subscribe.signature`
pub(super) fn subscribe_signed(asked: &Asked<'_>) -> Result<String, ApiError> {
    let number = asked.spot.sessions.subscribe(asked.connection()?, asked.caller()?, false)?;
    text(&json!({ "subscriptionId": number }))
}

/// `userDataStream.unsubscribe`
pub(super) fn unsubscribe(asked: &Asked<'_>) -> Result<String, ApiError> {
    let number = asked.params.number("subscriptionId")?.map(i64::unsigned_abs);
    let ended = asked.spot.sessions.unsubscribe(asked.connection()?, number)?;
    asked.spot.tell_end(asked.exchange, &ended);
    Ok("{}".to_owned())
}
