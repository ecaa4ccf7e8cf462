//! Subscriptions of a socket to an account's events.

use serde_json::{Value, json};

use super::Spot;
use crate::binance::call::{Asked, text};
use crate::binance::errors::ApiError;

/// `session.subscriptions`
pub(super) fn subscriptions(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    let numbers = asked.api.common.sessions.subscriptions(asked.connection()?);
    let rows = numbers.into_iter().map(|number| json!({ "subscriptionId": number }));
    text(&Value::Array(rows.collect()))
}

/// `userDataStream.subscribe`, for a socket that has logged on.
pub(super) fn subscribe(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    let connection = asked.connection()?;
    let logon = asked.api.common.sessions.view(connection).and_then(|view| view.logon);
    let number = asked.api.common.sessions.subscribe(connection, &logon.ok_or_else(ApiError::bad_key)?, true)?;
    text(&json!({ "subscriptionId": number }))
}

/// `userDataStream.subscribe.signature`
pub(super) fn subscribe_signed(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    let number = asked.api.common.sessions.subscribe(asked.connection()?, asked.caller()?, false)?;
    text(&json!({ "subscriptionId": number }))
}

/// `userDataStream.unsubscribe`
pub(super) fn unsubscribe(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    let number = asked.params.number("subscriptionId")?.map(i64::unsigned_abs);
    let ended = asked.api.common.sessions.unsubscribe(asked.connection()?, number)?;
    asked.api.tell_end(asked.exchange, &ended);
    Ok("{}".to_owned())
}
