//! Questions about the account. Lists are of all instruments, newest first, by the name of each row; what is not asked for is
//! left out here.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{
    Asset, BalanceReport, BalanceSnapshot, ClientOrderId, Decimal, Error, ExecutionReport, FeeRates, FillReport,
    Timestamp, exact,
};
use tradewire_tracking::{History, Page};
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Secret, Security};
use tradewire_wire::{Fault, Number, Text, decoded, object, signed, unsigned};

use crate::fill_row::FillRow;
use crate::limits;
use crate::order_row::OrderRow;
use crate::rest::result;
use crate::symbols::{Names, request_name};

/// Rows of a page.
pub(crate) const PAGE: u32 = 50;
/// The longest window. The exchange sets none.
pub(crate) const WINDOW_SECONDS: u64 = 7 * 24 * 60 * 60;
/// Trades that one question can name.
pub(crate) const TRADES_NAMED: usize = 20;

/// What all questions about the account have in common.
macro_rules! account_read {
    ($path:literal, $cost:expr, $response:ty) => {
        type Response = $response;
        const METHOD: Method = Method::POST;
        const PATH: &'static str = $path;
        const SECURITY: Security = Security::Signed;
        const EFFECT: Effect = Effect::Read;

        fn class(&self) -> Class {
            Class::AccountRead
        }

        fn cost(&self) -> Cost {
            $cost
        }
    };
}

/// Rows by their names.
type Rows<'a> = BTreeMap<String, &'a RawValue>;

/// `POST /0/private/QueryOrders`: one order, with the ids of its trades.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueryOrders<'a> {
    pub(crate) id: &'a str,
    pub(crate) symbol: &'a str,
    /// The exchange's time.
    pub(crate) at: Timestamp,
}

impl Endpoint for QueryOrders<'_> {
    account_read!("/0/private/QueryOrders", limits::CALL, Option<(ExecutionReport, Vec<String>)>);

    fn query(&self, query: &mut Query) {
        query.add("txid", self.id).add("trades", true);
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response, Error> {
        decoded(body, |raw| {
            let rows: Rows<'_> = object(result(raw)?)?;
            let Some(row) = rows.get(self.id) else { return Ok(None) };
            let row: OrderRow<'_> = object(row.get())?;
            let trades = row.trades.iter().map(|id| id.to_string()).collect();
            Ok(Some((row.report(self.id, self.symbol.to_owned(), self.at)?, trades)))
        })
    }
}

/// `POST /0/private/OpenOrders`
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenOrders<'a> {
    /// Of this instrument alone.
    pub(crate) symbol: Option<&'a str>,
    pub(crate) client_order_id: Option<&'a ClientOrderId>,
    pub(crate) names: &'a Names,
    /// The exchange's time.
    pub(crate) at: Timestamp,
}

impl Endpoint for OpenOrders<'_> {
    account_read!("/0/private/OpenOrders", limits::CALL, Page<ExecutionReport>);

    fn query(&self, query: &mut Query) {
        write_id(query, self.client_order_id);
    }

    fn decode(&self, body: &[u8]) -> Result<Page<ExecutionReport>, Error> {
        #[derive(Deserialize)]
        struct Body<'a> {
            #[serde(borrow)]
            open: Rows<'a>,
        }
        decoded(body, |raw| {
            let rows = orders(&object::<Body<'_>>(result(raw)?)?.open, self.symbol, self.names, self.at)?;
            Ok(Page { rows, next: None, goes_back: true })
        })
    }
}

/// `POST /0/private/ClosedOrders`: the newest of a client's id, or those created in a window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClosedOrders<'a> {
    pub(crate) symbol: &'a str,
    pub(crate) of: ClosedOf<'a>,
    pub(crate) names: &'a Names,
    /// The exchange's time.
    pub(crate) at: Timestamp,
}

/// Which orders are asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ClosedOf<'a> {
    /// Those of a client's id.
    Id(&'a ClientOrderId),
    /// Those of a window.
    Window(&'a History<'a>),
}

impl Endpoint for ClosedOrders<'_> {
    account_read!("/0/private/ClosedOrders", limits::CALL, Page<ExecutionReport>);

    fn query(&self, query: &mut Query) {
        match self.of {
            ClosedOf::Id(id) => write_id(query, Some(id)),
            ClosedOf::Window(of) => {
                write_window(query, of);
                query.add("closetime", "open");
            }
        }
    }

    fn decode(&self, body: &[u8]) -> Result<Page<ExecutionReport>, Error> {
        #[derive(Deserialize)]
        struct Body<'a> {
            #[serde(borrow)]
            closed: Rows<'a>,
            count: Option<u32>,
        }
        decoded(body, |raw| {
            let Body { closed, count } = object(result(raw)?)?;
            let next = match self.of {
                ClosedOf::Id(_) => None,
                ClosedOf::Window(of) => next_page(of.page, closed.len(), count)?,
            };
            Ok(Page { rows: orders(&closed, Some(self.symbol), self.names, self.at)?, next, goes_back: true })
        })
    }
}

/// `POST /0/private/TradesHistory`, each trade by itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TradesHistory<'a> {
    /// `None`: the newest.
    pub(crate) of: Option<&'a History<'a>>,
    pub(crate) symbol: &'a str,
    pub(crate) names: &'a Names,
}

impl Endpoint for TradesHistory<'_> {
    account_read!("/0/private/TradesHistory", limits::HISTORY, Page<FillReport>);

    fn query(&self, query: &mut Query) {
        if let Some(of) = self.of {
            write_window(query, of);
        }
        query.add("consolidate_taker", false);
    }

    fn decode(&self, body: &[u8]) -> Result<Page<FillReport>, Error> {
        #[derive(Deserialize)]
        struct Body<'a> {
            #[serde(borrow)]
            trades: Rows<'a>,
            count: Option<u32>,
        }
        decoded(body, |raw| {
            let Body { trades, count } = object(result(raw)?)?;
            let next = next_page(self.of.and_then(|of| of.page), trades.len(), count)?;
            Ok(Page { rows: fills(&trades, self.symbol, self.names)?, next, goes_back: true })
        })
    }
}

/// `POST /0/private/QueryTrades`: up to [`TRADES_NAMED`] trades by their ids.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueryTrades<'a> {
    pub(crate) ids: &'a [String],
    pub(crate) symbol: &'a str,
    pub(crate) names: &'a Names,
}

impl Endpoint for QueryTrades<'_> {
    account_read!("/0/private/QueryTrades", limits::HISTORY, Vec<FillReport>);

    fn query(&self, query: &mut Query) {
        query.add("txid", self.ids.join(","));
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<FillReport>, Error> {
        decoded(body, |raw| fills(&object::<Rows<'_>>(result(raw)?)?, self.symbol, self.names))
    }
}

fn write_id(query: &mut Query, id: Option<&ClientOrderId>) {
    if let Some(id) = id {
        query.add("cl_ord_id", id);
    }
}

/// A window in whole seconds, of which the exchange leaves the first out.
fn write_window(query: &mut Query, of: &History<'_>) {
    let seconds = |at: Timestamp| at.as_millis().div_euclid(1_000);
    query.add("start", seconds(of.from) - 1).add("end", seconds(of.until) + 1);
    if let Some(page) = of.page {
        query.add("ofs", page);
    }
}

/// The offset of the page after one of so many rows; `count` are those of all pages.
fn next_page(page: Option<&str>, rows: usize, count: Option<u32>) -> Result<Option<String>, Fault> {
    let offset: usize = page.unwrap_or("0").parse().map_err(|_| Fault::decode("a page that is no offset"))?;
    let end = offset + rows;
    let more = count.map_or(rows >= PAGE as usize, |count| end < count as usize);
    Ok((more && rows > 0).then(|| end.to_string()))
}

/// Orders of an instrument, or of all, the oldest first.
fn orders(
    rows: &Rows<'_>,
    symbol: Option<&str>,
    names: &Names,
    asked: Timestamp,
) -> Result<Vec<ExecutionReport>, Fault> {
    let mut reports = Vec::new();
    for (id, row) in rows {
        let row: OrderRow<'_> = object(row.get())?;
        let own = names.symbol(row.instrument());
        if symbol.is_none_or(|symbol| symbol == own) {
            reports.push(row.report(id, own, asked)?);
        }
    }
    reports.sort_by_key(|report| report.created);
    Ok(reports)
}

/// Fills of an instrument, the oldest first.
fn fills(rows: &Rows<'_>, symbol: &str, names: &Names) -> Result<Vec<FillReport>, Fault> {
    let mut reports = Vec::new();
    for (id, row) in rows {
        let row: FillRow<'_> = object(row.get())?;
        let own = names.symbol(&row.pair);
        if symbol == own {
            reports.push((row.trade_id, row.report(id, own)?));
        }
    }
    reports.sort_by_key(|(number, report)| (report.time, *number));
    Ok(reports.into_iter().map(|(_, report)| report).collect())
}

/// `POST /0/private/BalanceEx`. What earns rewards by itself (`.F`) can be used like the rest of its asset.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Balances<'a> {
    pub(crate) names: &'a Names,
}

impl Endpoint for Balances<'_> {
    account_read!("/0/private/BalanceEx", limits::CALL, BalanceSnapshot);

    fn query(&self, _: &mut Query) {}

    fn decode(&self, body: &[u8]) -> Result<BalanceSnapshot, Error> {
        #[derive(Deserialize)]
        struct Row<'a> {
            #[serde(borrow)]
            balance: Number<'a>,
            #[serde(borrow)]
            credit: Option<Number<'a>>,
            #[serde(borrow)]
            credit_used: Option<Number<'a>>,
            #[serde(borrow)]
            hold_trade: Number<'a>,
        }
        decoded(body, |raw| {
            let mut sums: BTreeMap<Asset, (Decimal, Decimal)> = BTreeMap::new();
            for (id, row) in object::<Rows<'_>>(result(raw)?)? {
                let row: Row<'_> = object(row.get())?;
                let some = |number: &Option<Number<'_>>| number.as_ref().map_or(Ok(Decimal::ZERO), unsigned);
                let (total, hold) = (unsigned(&row.balance)?, unsigned(&row.hold_trade)?);
                let (credit, used) = (some(&row.credit)?, some(&row.credit_used)?);
                let available = sum(&[total, credit, -used, -hold])?;
                let asset = self.names.asset(id.strip_suffix(".F").unwrap_or(&id));
                let (all, free) = sums.entry(asset).or_default();
                (*all, *free) = (sum(&[*all, total])?, sum(&[*free, available])?);
            }
            let report = |(asset, (total, free))| BalanceReport { asset, total, available: Some(free) };
            Ok(BalanceSnapshot { balances: sums.into_iter().map(report).collect(), as_of: None })
        })
    }
}

fn sum(parts: &[Decimal]) -> Result<Decimal, Fault> {
    let sum = parts.iter().try_fold(Decimal::ZERO, |sum, part| exact::add(sum, *part));
    sum.ok_or_else(|| Fault::decode("a balance beyond all bounds"))
}

/// `POST /0/private/TradeVolume`: the account's rates for one instrument, in percent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TradeVolume<'a> {
    pub(crate) symbol: &'a str,
}

impl Endpoint for TradeVolume<'_> {
    account_read!("/0/private/TradeVolume", limits::CALL, FeeRates);

    fn query(&self, query: &mut Query) {
        query.add("pair", request_name(self.symbol));
    }

    /// Instruments without a maker's rate have one rate for both.
    fn decode(&self, body: &[u8]) -> Result<FeeRates, Error> {
        #[derive(Deserialize)]
        struct Body<'a> {
            #[serde(borrow)]
            fees: BTreeMap<String, Tier<'a>>,
            #[serde(borrow)]
            fees_maker: Option<BTreeMap<String, Tier<'a>>>,
        }
        #[derive(Deserialize)]
        struct Tier<'a> {
            #[serde(borrow)]
            fee: Number<'a>,
        }
        let rate = |tiers: &BTreeMap<String, Tier<'_>>| -> Result<Option<Decimal>, Fault> {
            let percent = tiers.values().next().map(|tier| signed(&tier.fee)).transpose()?;
            Ok(percent.and_then(|percent| exact::multiply(percent, Decimal::new(1, 2))))
        };
        decoded(body, |raw| {
            let Body { fees, fees_maker } = object(result(raw)?)?;
            let taker = rate(&fees)?.ok_or_else(|| Fault::decode("no rate of the instrument"))?;
            let maker = fees_maker.as_ref().map(rate).transpose()?.flatten();
            Ok(FeeRates { maker: maker.unwrap_or(taker), taker })
        })
    }
}

/// `POST /0/private/GetWebSocketsToken`
#[derive(Clone, Copy, Debug)]
pub(crate) struct StreamTokens;

impl Endpoint for StreamTokens {
    account_read!("/0/private/GetWebSocketsToken", limits::CALL, Secret);

    fn query(&self, _: &mut Query) {}

    fn decode(&self, body: &[u8]) -> Result<Secret, Error> {
        #[derive(Deserialize)]
        struct Body<'a> {
            #[serde(borrow)]
            token: Text<'a>,
        }
        decoded(body, |raw| Ok(Secret::new(object::<Body<'_>>(result(raw)?)?.token.to_string())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn balances_are_those_of_assets_as_traders_call_them() {
        let body = br#"{"error":[],"result":{"XXBT":{"balance":"1.5","hold_trade":"0.25"},"USDT":{"balance":"10","hold_trade":"0"},
            "USDT.F":{"balance":"5","credit":"2","credit_used":"1","hold_trade":"0"},"ETH.S":{"balance":"3","hold_trade":"0"}}}"#;
        let names = Names::default();
        let list =
            br#"{"error":[],"result":{"XXBTUSDT":{"altname":"XBTUSDT","wsname":"XBT/USDT","base":"XXBT","quote":"USDT",
            "pair_decimals":1,"lot_decimals":8,"tick_size":"0.1","status":"online"}}}"#;
        crate::symbols::decode_instruments(list, &names).expect("a list");
        let balances = Balances { names: &names }.decode(body).expect("balances").balances;
        let shown = |report: &BalanceReport| {
            format!("{} {} {}", report.asset, report.total, report.available.unwrap_or_default())
        };
        assert_eq!(balances.iter().map(shown).collect::<Vec<_>>(), ["BTC 1.5 1.25", "ETH.S 3 3", "USDT 15 16"]);
    }

    #[test]
    fn fills_of_one_moment_come_in_the_order_of_their_numbers() {
        let row = |time: &str, number: &str| {
            format!(
                r#"{{"ordertxid":"O1","pair":"XBTUSDT","time":{time},"type":"buy","price":"1","cost":"1","fee":"0","vol":"1"{number}}}"#
            )
        };
        let (late, second, first) = (row("2.5", ""), row("1.5", r#","trade_id":9"#), row("1.5", r#","trade_id":8"#));
        let body = format!(r#"{{"error":[],"result":{{"TA":{late},"TB":{second},"TC":{first}}}}}"#);
        let names = Names::default();
        let of = QueryTrades { ids: &[], symbol: "XBTUSDT", names: &names };
        let fills = of.decode(body.as_bytes()).expect("fills");
        assert_eq!(fills.iter().map(|fill| fill.trade_id.as_str()).collect::<Vec<_>>(), ["TC", "TB", "TA"]);
    }

    #[test]
    fn rates_are_fractions() {
        let body = br#"{"error":[],"result":{"currency":"ZUSD","volume":"0","fees":{"XXBTZUSD":{"fee":"0.4000"}},
            "fees_maker":{"XXBTZUSD":{"fee":"0.2500"}}}}"#;
        let rates = TradeVolume { symbol: "BTC/USD" }.decode(body).expect("rates");
        assert_eq!((rates.maker.normalize(), rates.taker.normalize()), (Decimal::new(25, 4), Decimal::new(4, 3)));
    }

    #[test]
    fn pages_go_on_where_rows_are_left() {
        for (page, rows, count, next) in [
            (None, 50, Some(120), Some("50")),
            (Some("50"), 50, Some(120), Some("100")),
            (Some("100"), 20, Some(120), None),
            (None, 50, None, Some("50")),
            (None, 7, None, None),
            (Some("50"), 0, Some(120), None),
        ] {
            assert_eq!(next_page(page, rows, count), Ok(next.map(str::to_owned)), "{page:?}");
        }
        assert!(next_page(Some("x"), 1, None).is_err());
    }
}
