use tradewire_core::{Error, Event};

use super::feed::AccountEvents;
use crate::Events;

/// Everything that a connector tells, in one stream: market, account and life. Account events are never dropped; market
/// events of a slow reader are merged, and told as lost.
#[derive(Debug)]
pub struct ConnectorEvents {
    market: Events,
    account: Option<AccountEvents>,
}

impl ConnectorEvents {
    pub(super) fn new(market: Events, account: Option<AccountEvents>) -> Self {
        Self { market, account }
    }

    /// The next event; `None` after the connector has stopped and everything was read. What has happened to the account
    /// comes before what waits of the market.
    ///
    /// # Errors
    /// `Journal` if account events that are no longer in memory cannot be read; the next call tries again.
    /// # Cancel safety
    /// Cancel safe: no event is lost if the future is dropped.
    pub async fn next(&mut self) -> Result<Option<Event>, Error> {
        let Some(account) = &mut self.account else { return Ok(self.market.next().await) };
        tokio::select! {
            biased;
            event = account.next() => match event? {
                Some(event) => Ok(Some(Event::Account(event))),
                None => {
                    self.account = None;
                    Ok(self.market.next().await)
                }
            },
            event = self.market.next() => match event {
                Some(event) => Ok(Some(event)),
                None => Ok(account.next().await?.map(Event::Account)),
            },
        }
    }
}
