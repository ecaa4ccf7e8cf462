//! The public socket: subscriptions.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Kraken;
use super::books::DEPTHS;
use super::candles::is_interval;
use super::errors::ApiError;
use super::exact;
use super::frames::Frame;
use super::params::Params;
use super::topics::Topic as Named;
use crate::exchange::Exchange;
use crate::hub::Topic;
use crate::sockets::Socket;

/// Where it is.
pub(super) const PATH: &str = "/v2";

/// Deals with a text from a client.
pub(super) fn received(kraken: &Kraken, exchange: &Exchange, socket: &Arc<Socket>, text: &str) {
    let frame = match Frame::of(exchange, text) {
        Ok(frame) => frame,
        Err(refusal) => return socket.send(refusal.to_string().into()),
    };
    let call = Call { kraken, exchange, socket, frame: &frame };
    match frame.method.as_str() {
        "ping" => socket.send(frame.pong(exchange).to_string().into()),
        "subscribe" => call.each(Call::subscribe),
        "unsubscribe" => call.each(Call::unsubscribe),
        _ => call.reply(Err(ApiError::new("Method not supported")), None),
    }
}

struct Call<'a> {
    kraken: &'a Kraken,
    exchange: &'a Exchange,
    socket: &'a Arc<Socket>,
    frame: &'a Frame,
}

impl Call<'_> {
    fn reply(&self, done: Result<Value, ApiError>, symbol: Option<&str>) {
        let reply = self.frame.reply(self.exchange, done, symbol);
        self.socket.send(reply.to_string().into());
    }

    /// Does something with each symbol that is named; each has a reply of its own.
    fn each(&self, act: fn(&Self, &Params, Named) -> Result<(), ApiError>) {
        let params = self.frame.params();
        let mut symbols: Vec<Option<String>> = params.list("symbol").into_iter().map(Some).collect();
        if symbols.is_empty() {
            symbols.push(None);
        }
        for symbol in symbols {
            let done = topic(self.exchange, &params, symbol.as_deref()).and_then(|named| act(self, &params, named));
            if let Err(error) = done {
                self.reply(Err(error), symbol.as_deref());
            }
        }
    }

    fn subscribe(&self, params: &Params, named: Named) -> Result<(), ApiError> {
        let (kraken, name) = (self.kraken, named.name());
        // Of some channels a client must ask for the state of things at first.
        let usual = !matches!(named, Named::Trade { .. });
        let snapshot = params.flag("snapshot", usual)?;
        let of_same = |known: &String| {
            *known == name
                || matches!((Named::named(known), &named),
                (Some(Named::Book { symbol: known, .. }), Named::Book { symbol, .. }) if known == *symbol)
        };
        if kraken.streams.subscriptions(self.socket.id).iter().any(of_same) {
            return Err(ApiError::new("Already subscribed"));
        }
        let market = named.symbol().and_then(|symbol| self.exchange.market(symbol));
        // Nothing is told about the market between the snapshot and the subscription.
        let mut market = market.as_ref().map(|market| market.lock());
        self.reply(Ok(result(&named, Some(snapshot))), None);
        let first = kraken.first_message(self.exchange, &named, market.as_deref_mut()).filter(|_| snapshot);
        let topic = match &market {
            Some(market) => Topic::of(market, name.clone()),
            None => Topic::of_all(name.clone()),
        };
        if let Some(first) = first {
            kraken.streams.greet(self.exchange, self.socket, &topic, exact::text(&first));
        }
        kraken.streams.subscribe(self.exchange, self.socket, &[name]);
        Ok(())
    }

    fn unsubscribe(&self, _: &Params, named: Named) -> Result<(), ApiError> {
        let name = named.name();
        if !self.kraken.streams.subscriptions(self.socket.id).contains(&name) {
            return Err(ApiError::new("Subscription Not Found"));
        }
        self.kraken.streams.unsubscribe(self.socket, &[name]);
        self.reply(Ok(result(&named, None)), None);
        Ok(())
    }
}

/// What a request names, if that exists.
fn topic(exchange: &Exchange, params: &Params, symbol: Option<&str>) -> Result<Named, ApiError> {
    let channel = params.text("channel").ok_or_else(|| ApiError::new("Field 'channel' is required"))?;
    if channel == "instrument" {
        return Ok(Named::Instrument);
    }
    if !["book", "trade", "ticker", "ohlc"].contains(&channel.as_str()) {
        return Err(ApiError::new("Channel not supported"));
    }
    let symbol = symbol.ok_or_else(|| ApiError::new("Field 'symbol' is required"))?;
    exchange.market(symbol).ok_or_else(|| ApiError::new(format!("Currency pair not supported {symbol}")))?;
    let symbol = symbol.to_owned();
    match channel.as_str() {
        "book" => {
            let depth = params.parsed("depth")?.unwrap_or(DEPTHS[0]);
            let known = DEPTHS.contains(&depth);
            if known {
                Ok(Named::Book { depth, symbol })
            } else {
                Err(ApiError::new("Subscription depth not supported"))
            }
        }
        "trade" => Ok(Named::Trade { symbol }),
        "ticker" => match params.text("event_trigger").as_deref() {
            None | Some("trades") => Ok(Named::Ticker { by_best: false, symbol }),
            Some("bbo") => Ok(Named::Ticker { by_best: true, symbol }),
            Some(_) => Err(ApiError::new("Event trigger not supported")),
        },
        _ => {
            let minutes = params.parsed("interval")?.unwrap_or(1);
            let known = is_interval(minutes);
            if known { Ok(Named::Ohlc { minutes, symbol }) } else { Err(ApiError::new("Interval not supported")) }
        }
    }
}

/// What a request has brought about, as its reply tells it.
fn result(named: &Named, snapshot: Option<bool>) -> Value {
    let mut result = match named {
        Named::Book { depth, symbol } => json!({ "channel": "book", "depth": depth, "symbol": symbol }),
        Named::Trade { symbol } => json!({ "channel": "trade", "symbol": symbol }),
        Named::Ticker { by_best, symbol } => {
            json!({ "channel": "ticker", "event_trigger": if *by_best { "bbo" } else { "trades" }, "symbol": symbol })
        }
        Named::Ohlc { minutes, symbol } => json!({ "channel": "ohlc", "interval": minutes, "symbol": symbol }),
        Named::Instrument => json!({ "channel": "instrument" }),
    };
    if let Some(snapshot) = snapshot {
        result["snapshot"] = json!(snapshot);
    }
    result
}
