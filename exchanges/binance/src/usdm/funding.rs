use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::try_join;
use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{Error, FundingRate, Instrument, Pair, Price};
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, RestClient, Security};
use tradewire_wire::{Fault, Number, decoded, hours};

use crate::market::mark_price::{funding_time, positive, rate};
use crate::market::{millis, object};
use crate::market_source::in_order;

/// Time between two fundings of contracts that are not listed with one of their own.
const INTERVAL_DEFAULT: Duration = Duration::from_secs(8 * 3_600);

/// Mark prices, rates and intervals of these instruments.
pub(crate) async fn rates(rest: &RestClient, instruments: &[Arc<Instrument>]) -> Result<Vec<FundingRate>, Error> {
    let symbol = match instruments {
        [only] => Some(&*only.symbol),
        _ => None,
    };
    let (rows, intervals) = try_join(rest.send(&PremiumIndex { symbol }), rest.send(&FundingInfo)).await?;
    let found = in_order(instruments, rows, |row| &row.symbol);
    Ok(found.map(|(pair, row)| row.rate(pair, &intervals)).collect())
}

/// Mark price, index price and funding of one instrument or of all. Weight 1, or 10.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Mark-Price>
#[derive(Clone, Copy, Debug)]
struct PremiumIndex<'a> {
    symbol: Option<&'a str>,
}

/// What all endpoints about funding have in common.
macro_rules! funding_read {
    ($path:literal, $response:ty) => {
        type Response = $response;
        const METHOD: Method = Method::GET;
        const PATH: &'static str = $path;
        const SECURITY: Security = Security::None;
        const EFFECT: Effect = Effect::Read;

        fn class(&self) -> Class {
            Class::MarketRead
        }
    };
}

impl Endpoint for PremiumIndex<'_> {
    funding_read!("/fapi/v1/premiumIndex", Vec<MarkPrice>);

    fn cost(&self) -> Cost {
        Cost::weight(if self.symbol.is_some() { 1 } else { 10 })
    }

    fn query(&self, query: &mut Query) {
        if let Some(symbol) = self.symbol {
            query.add("symbol", symbol);
        }
    }

    /// Contracts without funding are among the rows; one that cannot be read fails all only if it was asked for alone.
    fn decode(&self, body: &[u8]) -> Result<Vec<MarkPrice>, Error> {
        decoded(body, |raw| match self.symbol {
            Some(_) => Ok(vec![object::<MarkPriceRow<'_>>(raw)?.read()?]),
            None => {
                let rows: Vec<&RawValue> = serde_json::from_str(raw)?;
                Ok(rows.into_iter().filter_map(|row| object::<MarkPriceRow<'_>>(row.get()).ok()?.read().ok()).collect())
            }
        })
    }
}

/// The intervals of contracts that differ from the rest. Weight 1.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Get-Funding-Rate-Info>
#[derive(Clone, Copy, Debug)]
struct FundingInfo;

impl Endpoint for FundingInfo {
    funding_read!("/fapi/v1/fundingInfo", HashMap<String, Duration>);

    fn cost(&self) -> Cost {
        Cost::weight(1)
    }

    fn query(&self, _: &mut Query) {}

    fn decode(&self, body: &[u8]) -> Result<HashMap<String, Duration>, Error> {
        decoded(body, |raw| {
            let rows: Vec<IntervalRow> = serde_json::from_str(raw)?;
            rows.into_iter().map(|row| Ok((row.symbol, hours(row.hours)?))).collect()
        })
    }
}

/// A row of the mark prices.
#[derive(Debug)]
struct MarkPrice {
    symbol: String,
    funding: FundingRateOf,
}

/// All of a [`FundingRate`] but its pair and interval.
#[derive(Debug)]
struct FundingRateOf {
    mark_price: Price,
    index_price: Option<Price>,
    rate: Option<tradewire_core::Decimal>,
    next_time: Option<tradewire_core::Timestamp>,
    time: tradewire_core::Timestamp,
}

impl MarkPrice {
    fn rate(self, pair: Pair, intervals: &HashMap<String, Duration>) -> FundingRate {
        let FundingRateOf { mark_price, index_price, rate, next_time, time } = self.funding;
        let interval = Some(intervals.get(&self.symbol).copied().unwrap_or(INTERVAL_DEFAULT));
        FundingRate { pair, mark_price, index_price, rate, next_time, interval, time }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MarkPriceRow<'a> {
    symbol: String,
    #[serde(borrow)]
    mark_price: Number<'a>,
    #[serde(borrow)]
    index_price: Number<'a>,
    #[serde(borrow)]
    last_funding_rate: Number<'a>,
    next_funding_time: u64,
    time: u64,
}

impl MarkPriceRow<'_> {
    fn read(self) -> Result<MarkPrice, Fault> {
        let funding = FundingRateOf {
            mark_price: self.mark_price.text().parse()?,
            index_price: positive(&self.index_price)?,
            rate: rate(&self.last_funding_rate)?,
            next_time: funding_time(self.next_funding_time).map(millis).transpose()?,
            time: millis(self.time)?,
        };
        Ok(MarkPrice { symbol: self.symbol, funding })
    }
}

#[derive(Deserialize)]
struct IntervalRow {
    symbol: String,
    #[serde(rename = "fundingIntervalHours")]
    hours: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = r#"{"symbol":"BTCUSDT","markPrice":"61010.15","indexPrice":"61009","estimatedSettlePrice":"61000",
        "lastFundingRate":"-0.00012","interestRate":"0.0001","nextFundingTime":1767254400000,"time":1767225600001}"#;

    #[test]
    fn rates_have_their_interval() {
        let one = PremiumIndex { symbol: Some("BTCUSDT") };
        assert_eq!(one.cost().weight, 1);
        let row = one.decode(ROW.as_bytes()).expect("a row").remove(0);
        let own = HashMap::from([("BTCUSDT".to_owned(), Duration::from_secs(3_600))]);
        let pair: Pair = "BTC-USDT".parse().expect("a pair");
        let rate = row.rate(pair.clone(), &own);
        assert_eq!(
            (rate.mark_price.to_string(), rate.rate.map(|rate| rate.to_string())),
            ("61010.15".to_owned(), Some("-0.00012".to_owned()))
        );
        assert_eq!((rate.interval, rate.next_time.is_some()), (Some(Duration::from_secs(3_600)), true));
        let row = one.decode(ROW.as_bytes()).expect("a row").remove(0);
        assert_eq!(row.rate(pair, &HashMap::new()).interval, Some(INTERVAL_DEFAULT));
    }

    #[test]
    fn contracts_without_funding_are_listed_too() {
        let all = PremiumIndex { symbol: None };
        let dated = ROW.replace("-0.00012", "").replace("1767254400000", "0").replace("BTCUSDT", "BTCUSDT_260327");
        let body = format!("[{ROW},{dated},{{\"symbol\":\"BAD\"}}]");
        let rows = all.decode(body.as_bytes()).expect("rows");
        assert_eq!((rows.len(), all.cost().weight), (2, 10));
        assert_eq!((rows[1].funding.rate, rows[1].funding.next_time), (None, None));
        assert!(all.decode(b"{}").is_err());
        assert!(PremiumIndex { symbol: Some("BAD") }.decode(b"{\"symbol\":\"BAD\"}").is_err());
        let body =
            br#"[{"symbol":"BLZUSDT","adjustedFundingRateCap":"0.025","fundingIntervalHours":4,"disclaimer":false}]"#;
        assert_eq!(FundingInfo.decode(body).expect("rows")["BLZUSDT"], Duration::from_secs(4 * 3_600));
    }
}
