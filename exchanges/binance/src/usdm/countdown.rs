use std::time::Duration;

use serde::Deserialize;
use tradewire_core::{Error, ErrorKind};
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security};

use crate::account_endpoints::command;
use crate::market::{Number, object};
use crate::private::decoded;

/// Has all orders of an instrument cancelled after a time unless it is sent again before. Weight 10.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Auto-Cancel-All-Open-Orders>
#[derive(Clone, Copy, Debug)]
pub(crate) struct CountdownCancelAll<'a> {
    /// The instrument.
    pub(crate) symbol: &'a str,
    /// The time, by the millisecond; `None` ends the countdown.
    pub(crate) after: Option<Duration>,
}

impl CountdownCancelAll<'_> {
    fn millis(&self) -> u128 {
        self.after.map_or(0, |after| after.as_millis())
    }
}

impl Endpoint for CountdownCancelAll<'_> {
    // It must not wait behind orders.
    command!(POST "/fapi/v1/countdownCancelAll", Cancel, ());

    fn cost(&self) -> Cost {
        Cost::weight(10)
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol).add_literal("countdownTime", self.millis());
    }

    fn decode(&self, body: &[u8]) -> Result<(), Error> {
        let told = decoded(body, |raw| Ok(object::<Echo<'_>>(raw)?.countdown_time.text().parse::<u128>().ok()))?;
        if told == Some(self.millis()) {
            return Ok(());
        }
        let text = format!("asked for a countdown of {} ms, the exchange tells another", self.millis());
        Err(Error::new(ErrorKind::Decode, text).with_frame(body))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Echo<'a> {
    #[serde(borrow)]
    countdown_time: Number<'a>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_countdown_is_echoed() {
        let countdown = CountdownCancelAll { symbol: "BTCUSDT", after: Some(Duration::from_secs(30)) };
        let mut query = Query::default();
        countdown.query(&mut query);
        assert_eq!(query.as_str(), "symbol=BTCUSDT&countdownTime=30000");
        assert!(countdown.decode(br#"{"symbol":"BTCUSDT","countdownTime":"30000"}"#).is_ok());
        assert!(countdown.decode(br#"{"symbol":"BTCUSDT","countdownTime":"0"}"#).is_err());
        assert!(CountdownCancelAll { after: None, ..countdown }.decode(br#"{"countdownTime":"0"}"#).is_ok());
        assert!(countdown.decode(br#"{"code":1}"#).is_err());
    }
}
