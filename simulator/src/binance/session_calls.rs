//! Operations on the session of a socket: logging on and off.

use super::api::Api;
use super::call::{Asked, text};
use super::errors::ApiError;

/// `session.logon`
pub(super) fn log_on<A: Api>(asked: &Asked<'_, A>) -> Result<String, ApiError> {
    let caller = asked.caller()?;
    if !caller.can_log_on {
        return Err(ApiError::bad_key());
    }
    let now = asked.exchange.clock.server_now();
    asked.api.common().sessions.log_on(asked.connection()?, caller.clone(), now);
    status(asked)
}

/// `session.status`
pub(super) fn status<A: Api>(asked: &Asked<'_, A>) -> Result<String, ApiError> {
    let now = asked.exchange.clock.server_now();
    text(&asked.api.common().sessions.status(asked.connection()?, now, asked.unit))
}

/// `session.logout`
pub(super) fn log_out<A: Api>(asked: &Asked<'_, A>) -> Result<String, ApiError> {
    asked.api.log_out(asked.exchange, asked.connection()?);
    status(asked)
}
