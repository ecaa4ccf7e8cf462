//! Reading of request parameters, with the exchange's errors.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::errors::ApiError;
use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::market::{Market, MarketId};

/// Parameters that prove who asks, and when.
const SIGNATURE: [&str; 4] = ["timestamp", "recvWindow", "signature", "apiKey"];
const SYMBOL_RANGE: &str = "^[\\w\\-._&&[^a-z]]{1,50}$";
const NUMBER_RANGE: &str = "^[0-9]{1,20}$";
/// The longest interval of the queries for orders and fills.
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Times above this are microseconds.
const MICROSECONDS_FROM: i64 = 100_000_000_000_000;

/// Names of the parameters of an operation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) plain: &'static [&'static str],
    /// Prefixes of the parameters that describe orders of a list.
    pub(super) legs: &'static [&'static str],
    /// What follows such a prefix.
    pub(super) leg_fields: &'static [&'static str],
    /// Whether all others are ignored instead of refused.
    pub(super) ignores_others: bool,
}

impl Known {
    /// Whatever is given; what an operation does not know is ignored.
    pub(super) const ANY: Known = Known { ignores_others: true, ..Known::plain(&[]) };

    /// Exactly these.
    pub(super) const fn plain(plain: &'static [&'static str]) -> Known {
        Known { plain, legs: &[], leg_fields: &[], ignores_others: false }
    }

    fn has(self, name: &str) -> bool {
        let of_leg = |prefix: &&str| name.strip_prefix(*prefix).is_some_and(|field| self.leg_fields.contains(&field));
        self.plain.contains(&name) || self.legs.iter().any(of_leg)
    }

    /// Whether all are known, those of the signature too if `signed`.
    fn check(self, given: &[(String, String)], signed: bool) -> Result<(), ApiError> {
        if self.ignores_others {
            return Ok(());
        }
        if !signed && self.plain.is_empty() && self.legs.is_empty() && !given.is_empty() {
            let message = format!("Too many parameters; expected '0' and received '{}'.", given.len());
            return Err(ApiError::new(-1101, message));
        }
        let known = |name: &str| self.has(name) || (signed && SIGNATURE.contains(&name));
        let read = given.iter().filter(|(name, _)| known(name)).count();
        if read < given.len() {
            let sent = given.len();
            let message =
                format!("Not all sent parameters were read; read '{read}' parameter(s) but was sent '{sent}'.");
            return Err(ApiError::new(-1104, message));
        }
        Ok(())
    }
}

/// The decoded parameters of one request.
#[derive(Debug)]
pub(super) struct Params {
    given: Vec<(String, String)>,
}

impl Params {
    /// Takes the parameters of an operation that knows those named `known`, and those of the signature if `signed`.
    pub(super) fn read(given: Vec<(String, String)>, known: Known, signed: bool) -> Result<Params, ApiError> {
        for (at, (name, _)) in given.iter().enumerate() {
            if given[..at].iter().any(|(earlier, _)| earlier == name) {
                return Err(ApiError::new(-1101, format!("Duplicate values for parameter '{name}'.")));
            }
        }
        known.check(&given, signed)?;
        Ok(Params { given })
    }

    /// The parameters of one of several things that a request lists.
    pub(super) fn of_part(given: Vec<(String, String)>) -> Params {
        Params { given }
    }

    /// The text of a parameter; an empty one is an error.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, ApiError> {
        match self.given.iter().find(|(known, _)| known == name) {
            Some((_, value)) if value.is_empty() => Err(ApiError::empty(name)),
            found => Ok(found.map(|(_, value)| value.as_str())),
        }
    }

    /// A number that is not negative.
    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let digits = text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.then(|| i64::from_str(text).ok()).flatten();
        number.map(Some).ok_or_else(|| ApiError::illegal(name, NUMBER_RANGE))
    }

    /// The parameter `limit`: at least 1, cut to `most`.
    pub(super) fn limit(&self, default: usize, most: usize) -> Result<usize, ApiError> {
        match self.number("limit")? {
            None => Ok(default),
            Some(0) => Err(ApiError::invalid("limit")),
            Some(limit) => Ok(usize::try_from(limit).unwrap_or(most).min(most)),
        }
    }

    /// A time in milliseconds or microseconds.
    pub(super) fn time(&self, name: &str) -> Result<Option<Timestamp>, ApiError> {
        let number = self.number(name)?;
        Ok(number.map(instant))
    }

    /// `startTime` and `endTime`, in order.
    pub(super) fn times(&self) -> Result<(Option<Timestamp>, Option<Timestamp>), ApiError> {
        let (start, end) = (self.time("startTime")?, self.time("endTime")?);
        if let (Some(start), Some(end)) = (start, end)
            && end < start
        {
            return Err(ApiError::new(
                -1102,
                "Mandatory parameter 'endTime' was not sent, was empty/null, or malformed.",
            ));
        }
        Ok((start, end))
    }

    /// `startTime` and `endTime`, at most a day apart.
    pub(super) fn times_of_day(&self) -> Result<(Option<Timestamp>, Option<Timestamp>), ApiError> {
        let (start, end) = self.times()?;
        if let (Some(start), Some(end)) = (start, end)
            && end.since(start) > DAY
        {
            return Err(ApiError::new(-1127, "More than 24 hours between startTime and endTime."));
        }
        Ok((start, end))
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, name: &str, default: bool) -> Result<bool, ApiError> {
        match self.text(name)? {
            None => Ok(default),
            Some(text) if text.eq_ignore_ascii_case("true") => Ok(true),
            Some(text) if text.eq_ignore_ascii_case("false") => Ok(false),
            Some(_) => Err(ApiError::invalid(name)),
        }
    }

    /// The market of the mandatory parameter `symbol`.
    pub(super) fn market(&self, exchange: &Exchange) -> Result<Arc<Mutex<Market>>, ApiError> {
        self.market_named(exchange, "symbol")
    }

    /// The market whose symbol is the mandatory parameter `name`.
    pub(super) fn market_named(&self, exchange: &Exchange, name: &str) -> Result<Arc<Mutex<Market>>, ApiError> {
        let symbol = self.text(name)?.ok_or_else(|| ApiError::missing(name))?;
        market(exchange, symbol)
    }

    /// The market of the parameter `symbol`, if it is given.
    pub(super) fn optional_market(&self, exchange: &Exchange) -> Result<Option<MarketId>, ApiError> {
        if self.text("symbol")?.is_none() {
            return Ok(None);
        }
        Ok(Some(self.market(exchange)?.lock().id))
    }

    /// The markets of `symbol` or `symbols`; all of them without either if `all_by_default`.
    pub(super) fn markets(&self, exchange: &Exchange) -> Result<Chosen, ApiError> {
        let (one, many) = (self.text("symbol")?, self.text("symbols")?);
        match (one, many) {
            (Some(_), Some(_)) => Err(ApiError::bad_combination()),
            (Some(symbol), None) => Ok(Chosen::One(market(exchange, symbol)?)),
            (None, Some(list)) => {
                let markets =
                    symbol_list(list)?.iter().map(|symbol| market(exchange, symbol)).collect::<Result<_, _>>()?;
                Ok(Chosen::Many(markets))
            }
            (None, None) => Ok(Chosen::All(exchange.markets())),
        }
    }
}

/// The instant of a number of milliseconds or microseconds.
pub(super) fn instant(number: i64) -> Timestamp {
    if number >= MICROSECONDS_FROM { Timestamp(number) } else { Timestamp::from_millis(number) }
}

/// The markets that a request is about.
#[derive(Debug)]
pub(super) enum Chosen {
    /// Named by `symbol`: the answer is an object.
    One(Arc<Mutex<Market>>),
    /// Named by `symbols`: the answer is a list.
    Many(Vec<Arc<Mutex<Market>>>),
    /// Not named: the answer is a list of all.
    All(Vec<Arc<Mutex<Market>>>),
}

fn market(exchange: &Exchange, symbol: &str) -> Result<Arc<Mutex<Market>>, ApiError> {
    let legal = |letter: char| (letter.is_alphanumeric() && !letter.is_ascii_lowercase()) || "-._".contains(letter);
    if symbol.chars().count() > 50 || !symbol.chars().all(legal) {
        return Err(ApiError::illegal("symbol", SYMBOL_RANGE));
    }
    exchange.market(symbol).ok_or_else(ApiError::unknown_symbol)
}

/// The parameter `symbols`, a JSON list.
pub(super) fn symbol_list(text: &str) -> Result<Vec<String>, ApiError> {
    let range = "^\\[(\"[\\w\\-._&&[^a-z]]{1,50}\"(,\"[\\w\\-._&&[^a-z]]{1,50}\"){0,}){0,1}\\]$";
    let symbols: Vec<String> = serde_json::from_str(text).map_err(|_| ApiError::illegal("symbols", range))?;
    if symbols.is_empty() { Err(ApiError::empty("symbols")) } else { Ok(symbols) }
}
