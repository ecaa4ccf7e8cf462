//! The stream of changes of instruments.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use serde_json::json;

use super::info::{NEVER, ONBOARD, status};
use super::settings::tiers;
use crate::binance::wish::Streams;
use crate::exchange::Exchange;
use crate::hub::Topic;
use crate::listing::TradingStatus;
use crate::market::MarketId;

const STREAM: &str = "!contractInfo";

/// How each instrument stood when it was last looked at.
#[derive(Debug, Default)]
pub(super) struct Contracts {
    seen: Mutex<BTreeMap<MarketId, TradingStatus>>,
}

impl Contracts {
    /// Tells which instruments are new or stand otherwise than before.
    pub(super) fn publish(&self, hub: &Streams, exchange: &Exchange) {
        let first = self.seen.lock().is_empty();
        for market in exchange.markets() {
            let (id, now, topic) = {
                let market = market.lock();
                (market.id, market.listing.status, Topic::of(&market, STREAM.to_owned()))
            };
            if self.seen.lock().insert(id, now) == Some(now) || first {
                continue;
            }
            let brackets = exchange.prices.marks.of(id).map(|quote| tiers(&quote)).unwrap_or_default();
            let brackets: Vec<_> = brackets
                .iter()
                .map(|tier| {
                    json!({ "bs": tier["bracket"], "bnf": tier["notionalFloor"], "bnc": tier["notionalCap"],
                        "mmr": tier["maintMarginRatio"], "cf": tier["cum"], "mi": 1, "ma": tier["initialLeverage"] })
                })
                .collect();
            let event = json!({
                "e": "contractInfo", "E": exchange.clock.server_now().millis(),
                "s": topic.symbol.as_ref().map(|(symbol, _)| symbol), "ct": "PERPETUAL", "dt": NEVER, "ot": ONBOARD,
                "cs": status(now), "bks": brackets, "st": 1,
            });
            hub.publish(exchange, &topic, |_| event.to_string());
        }
    }
}
