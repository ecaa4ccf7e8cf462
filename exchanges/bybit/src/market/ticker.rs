use std::time::Duration;

use serde::Deserialize;
use tradewire_core::Timestamp;
use tradewire_tracking::{FundingChange, MarketSink};
use tradewire_wire::{Fault, Number, millis, object, signed};

use super::frame::Envelope;

const HOUR: Duration = Duration::from_secs(3_600);

/// Reads a ticker of a contract: what it says of mark price, index price and funding. A field that is missing is as before.
///
/// <https://bybit-exchange.github.io/docs/v5/websocket/public/ticker>
pub(crate) fn read_json(symbol: &str, envelope: &Envelope<'_>, sink: &mut dyn MarketSink) -> Result<(), Fault> {
    let Some((slot, _)) = sink.find(symbol.as_bytes()) else { return Ok(()) };
    let time = envelope.sent.ok_or_else(|| Fault::decode("missing field `ts`"))?;
    let change = object::<Wire<'_>>(envelope.data()?)?.change(millis(time)?)?;
    if change != (FundingChange { time: change.time, ..FundingChange::default() }) {
        sink.funding(slot, change);
    }
    Ok(())
}

/// What tickers say of funding, on the stream and by REST.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Wire<'a> {
    #[serde(borrow)]
    mark_price: Option<Number<'a>>,
    #[serde(borrow)]
    index_price: Option<Number<'a>>,
    #[serde(borrow)]
    funding_rate: Option<Number<'a>>,
    #[serde(borrow)]
    next_funding_time: Option<Number<'a>>,
    #[serde(borrow)]
    funding_interval_hour: Option<Number<'a>>,
}

impl Wire<'_> {
    /// As a change. An empty text is a figure that there is not.
    pub(crate) fn change(&self, time: Timestamp) -> Result<FundingChange, Fault> {
        let price = |number: &Option<Number<'_>>| filled(number).map(tradewire_wire::price).transpose();
        Ok(FundingChange {
            mark_price: price(&self.mark_price)?,
            index_price: price(&self.index_price)?,
            rate: filled(&self.funding_rate).map(signed).transpose()?,
            next_time: self.next_time()?,
            interval: filled(&self.funding_interval_hour)
                .map(|hours| Ok::<_, Fault>(HOUR * whole(hours)?))
                .transpose()?,
            time,
        })
    }

    fn next_time(&self) -> Result<Option<Timestamp>, Fault> {
        let Some(time) = filled(&self.next_funding_time) else { return Ok(None) };
        let time = time.text().parse().map_err(|_| Fault::decode(format!("'{time}' is no time")))?;
        millis(time).map(|time| (time > Timestamp::default()).then_some(time))
    }
}

fn filled<'n, 'a>(number: &'n Option<Number<'a>>) -> Option<&'n Number<'a>> {
    number.as_ref().filter(|number| !number.text().is_empty())
}

fn whole(number: &Number<'_>) -> Result<u32, Fault> {
    number.text().parse().map_err(|_| Fault::decode(format!("'{number}' is no whole number")))
}
