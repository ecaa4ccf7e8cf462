//! Cancelling of all orders when their client does not report again in time.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;

use super::errors::ApiError;
use crate::accounts::AccountId;
use crate::clock::Timestamp;
use crate::exchange::Exchange;

/// The longest time in seconds.
const LONGEST: u64 = 86_400;

/// When whose orders are cancelled.
#[derive(Debug, Default)]
pub(super) struct Deadman(Mutex<HashMap<AccountId, Timestamp>>);

impl Deadman {
    /// Sets the time of an account to so many seconds from now, or ends it. Returns it as it is told.
    ///
    /// # Errors
    /// `EGeneral:Invalid arguments:timeout`
    pub(super) fn set(
        &self,
        exchange: &Exchange,
        account: AccountId,
        seconds: u64,
    ) -> Result<Option<Timestamp>, ApiError> {
        if seconds > LONGEST {
            return Err(ApiError::argument("timeout"));
        }
        let mut deadlines = self.0.lock();
        if seconds == 0 {
            deadlines.remove(&account);
            return Ok(None);
        }
        let span = Duration::from_secs(seconds);
        deadlines.insert(account, exchange.clock.now().plus(span));
        Ok(Some(exchange.clock.server_now().plus(span)))
    }

    /// Whether a time runs.
    pub(super) fn runs(&self) -> bool {
        !self.0.lock().is_empty()
    }

    /// Cancels the orders of accounts whose time is over.
    pub(super) fn due(&self, exchange: &Exchange) {
        let now = exchange.clock.now();
        let due: Vec<AccountId> = {
            let mut deadlines = self.0.lock();
            let due = deadlines.iter().filter(|(_, at)| **at <= now).map(|(account, _)| *account).collect();
            deadlines.retain(|_, at| *at > now);
            due
        };
        for account in due {
            for market in exchange.markets() {
                if let Err(error) = exchange.cancel_all(account, &market) {
                    tracing::debug!(%error, "nothing cancelled");
                }
            }
        }
    }
}
