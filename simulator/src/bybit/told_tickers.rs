//! What the topic of tickers has told last.

use std::collections::HashMap;

use parking_lot::Mutex;
use serde_json::{Map, Value};

use crate::accounts::MarkPrice;
use crate::exchange::Exchange;
use crate::intervals::MINUTE;
use crate::market::{Market, MarketId};

/// All that a ticker is made of. As long as it is the same, so is the ticker.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Origin {
    update_id: u64,
    last_trade: Option<u64>,
    mark: Option<MarkPrice>,
    /// Sums of the last 24 hours are by minutes.
    minute: i64,
}

impl Origin {
    pub(super) fn of(exchange: &Exchange, market: &Market) -> Origin {
        Origin {
            update_id: market.engine.update_id(),
            last_trade: market.tape.trades().back().map(|record| record.trade.id),
            mark: exchange.prices.marks.of(market.id).map(|quote| quote.price),
            minute: exchange.clock.server_now().millis().div_euclid(MINUTE),
        }
    }
}

/// A ticker that somebody has heard.
#[derive(Debug)]
struct Told {
    origin: Origin,
    fields: Map<String, Value>,
}

/// The last ticker of each market that somebody has heard.
#[derive(Debug, Default)]
pub(super) struct ToldTickers(Mutex<HashMap<MarketId, Told>>);

impl ToldTickers {
    /// Whether a market's ticker may be another than the one told last.
    pub(super) fn may_differ(&self, market: MarketId, origin: &Origin) -> bool {
        self.0.lock().get(&market).is_none_or(|told| told.origin != *origin)
    }

    /// Notes what is told now; returns what was told before.
    pub(super) fn tell(
        &self,
        market: MarketId,
        origin: Origin,
        fields: &Map<String, Value>,
    ) -> Option<Map<String, Value>> {
        self.0.lock().insert(market, Told { origin, fields: fields.clone() }).map(|before| before.fields)
    }

    /// Notes what the first who listens is told.
    pub(super) fn begin(&self, market: MarketId, origin: Origin, fields: &Map<String, Value>) {
        self.0.lock().entry(market).or_insert_with(|| Told { origin, fields: fields.clone() });
    }
}
