use serde::Deserialize;
use tradewire_core::{Asset, BalanceReport, BalanceSnapshot, Error, ExchangeOrderId, FeeRates, FillReport, Side};
use tradewire_tracking::{FillQuery, Page};
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security};

use super::order_reads::rows;
use super::words::position_side;
use crate::account_endpoints::account_read;
use crate::market::{Fault, Number, millis, object};
use crate::page::{ROWS_MAX, Start, page_id};
use crate::private::{decoded, fee, liquidity, optional, price, quantity, signed, trade_id, unsigned};

/// One page of the account's fills. Weight 5. They do not name the client ids of their orders.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Account-Trade-List>
#[derive(Clone, Copy, Debug)]
pub(crate) struct UserTrades<'a> {
    symbol: &'a str,
    start: Option<Start>,
    order: Option<&'a ExchangeOrderId>,
}

impl<'a> UserTrades<'a> {
    /// The newest page of an instrument.
    pub(crate) fn newest(symbol: &'a str) -> Self {
        Self { symbol, start: None, order: None }
    }

    /// The page that is asked for.
    ///
    /// # Errors
    /// `InvalidRequest` for a page that no answer has named.
    pub(crate) fn of(query: &'a FillQuery<'_>) -> Result<Self, Error> {
        Ok(match query {
            FillQuery::Window(history) => {
                Self { symbol: &history.instrument.symbol, start: Some(Start::of(history)?), order: None }
            }
            FillQuery::Order { instrument, order, page } => {
                let start = page.map(page_id).transpose()?.map(Start::from_id);
                Self { symbol: &instrument.symbol, start, order: Some(order) }
            }
        })
    }
}

impl Endpoint for UserTrades<'_> {
    account_read!("/fapi/v1/userTrades", Page<FillReport>);

    fn cost(&self) -> Cost {
        Cost::weight(5)
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol);
        if let Some(order) = self.order {
            query.add("orderId", order);
        }
        match self.start {
            Some(start) => start.write(query, "fromId"),
            None => drop(query.add_literal("limit", ROWS_MAX)),
        }
    }

    fn decode(&self, body: &[u8]) -> Result<Page<FillReport>, Error> {
        let id = |fill: &FillReport| fill.trade_id.as_str().parse().ok();
        decoded(body, |raw| {
            let fills = rows(raw, |row| object::<TradeRow<'_>>(row)?.read())?;
            let mut page = self.start.unwrap_or(Start::EVER).page(fills, |fill| fill.time, id);
            if let Some(order) = self.order {
                page.rows.retain(|fill| fill.exchange_order_id.as_ref() == Some(order));
            }
            Ok(page)
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TradeRow<'a> {
    symbol: String,
    #[serde(borrow)]
    id: Number<'a>,
    #[serde(borrow)]
    order_id: Number<'a>,
    buyer: bool,
    maker: Option<bool>,
    #[serde(borrow)]
    price: Number<'a>,
    #[serde(rename = "qty", borrow)]
    quantity: Number<'a>,
    #[serde(borrow)]
    quote_qty: Option<Number<'a>>,
    #[serde(borrow)]
    commission: Option<Number<'a>>,
    commission_asset: Option<Asset>,
    #[serde(borrow)]
    realized_pnl: Option<Number<'a>>,
    #[serde(default)]
    position_side: String,
    time: u64,
}

impl TradeRow<'_> {
    fn read(self) -> Result<FillReport, Fault> {
        Ok(FillReport {
            trade_id: trade_id(&self.id, None)?,
            exchange_order_id: Some(self.order_id.text().into()),
            client_order_id: None,
            side: if self.buyer { Side::Buy } else { Side::Sell },
            position_side: position_side(&self.position_side),
            realised_profit: optional(self.realized_pnl.as_ref(), signed)?,
            price: price(&self.price)?,
            quantity: quantity(&self.quantity)?,
            quote_quantity: optional(self.quote_qty.as_ref(), unsigned)?,
            fee: fee(self.commission.as_ref(), self.commission_asset.as_ref())?,
            liquidity: liquidity(self.maker),
            time: millis(self.time)?,
            symbol: self.symbol,
        })
    }
}

/// All balances. Weight 5.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/account/rest-api/Futures-Account-Balance-V3>
#[derive(Clone, Copy, Debug)]
pub(crate) struct Balances;

impl Endpoint for Balances {
    account_read!("/fapi/v3/balance", BalanceSnapshot);

    fn cost(&self) -> Cost {
        Cost::weight(5)
    }

    fn query(&self, _: &mut Query) {}

    /// The times in the answer are those of last changes and not one as of which it holds.
    fn decode(&self, body: &[u8]) -> Result<BalanceSnapshot, Error> {
        decoded(body, |raw| {
            let balances = rows(raw, |row| {
                let row: BalanceRow<'_> = object(row)?;
                let available = Some(unsigned(&row.available_balance)?);
                Ok(BalanceReport { total: signed(&row.balance)?, available, asset: row.asset })
            })?;
            Ok(BalanceSnapshot { balances, as_of: None })
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BalanceRow<'a> {
    asset: Asset,
    #[serde(borrow)]
    balance: Number<'a>,
    #[serde(borrow)]
    available_balance: Number<'a>,
}

/// The account's commission on an instrument. Weight 20.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/account/rest-api/User-Commission-Rate>
#[derive(Clone, Copy, Debug)]
pub(crate) struct Commission<'a> {
    /// The instrument.
    pub(crate) symbol: &'a str,
}

impl Endpoint for Commission<'_> {
    account_read!("/fapi/v1/commissionRate", FeeRates);

    fn cost(&self) -> Cost {
        Cost::weight(20)
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol);
    }

    fn decode(&self, body: &[u8]) -> Result<FeeRates, Error> {
        decoded(body, |raw| {
            let rates: Rates<'_> = object(raw)?;
            Ok(FeeRates { maker: signed(&rates.maker_commission_rate)?, taker: signed(&rates.taker_commission_rate)? })
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rates<'a> {
    #[serde(borrow)]
    maker_commission_rate: Number<'a>,
    #[serde(borrow)]
    taker_commission_rate: Number<'a>,
}

#[cfg(test)]
mod tests {
    use super::super::order_arguments::tests::instrument;
    use super::*;
    use serde_json::{Value, json};
    use tradewire_core::{Liquidity, PositionSide, Timestamp};
    use tradewire_tracking::History;

    fn query(endpoint: &impl Endpoint) -> String {
        let mut query = Query::default();
        endpoint.query(&mut query);
        query.as_str().to_owned()
    }

    fn trade(id: u64, order: u64) -> Value {
        json!({
            "symbol": "BTCUSDT", "id": id, "orderId": order, "buyer": false, "maker": true, "price": "61000.5", "qty": "0.2",
            "quoteQty": "12200.1", "realizedPnl": "-0.91", "commission": "2.44", "commissionAsset": "USDT",
            "side": "SELL", "positionSide": "LONG", "time": id,
        })
    }

    #[test]
    fn fills_of_a_window_come_in_pages() {
        let instrument = instrument();
        let at = Timestamp::from_millis;
        let history = History { instrument: &instrument, from: at(1), until: at(1_200), page: None };
        let window = FillQuery::Window(history);
        let first = UserTrades::of(&window).expect("a page");
        assert_eq!(query(&first), "symbol=BTCUSDT&startTime=1&endTime=1200&limit=1000");
        let many: Vec<_> = (1..=1_000).map(|id| trade(id, 7)).collect();
        let page = first.decode(serde_json::to_string(&many).expect("JSON").as_bytes()).expect("a page");
        assert_eq!((page.rows.len(), page.next.as_deref()), (1_000, Some("1001")));
        let fill = &page.rows[0];
        assert_eq!((fill.side, fill.liquidity, fill.time), (Side::Sell, Some(Liquidity::Maker), at(1)));
        assert_eq!((fill.position_side, fill.client_order_id.clone()), (Some(PositionSide::Long), None));
        assert_eq!(fill.realised_profit.map(|profit| profit.to_string()).as_deref(), Some("-0.91"));
        let window = FillQuery::Window(History { page: page.next.as_deref(), ..history });
        assert_eq!(query(&UserTrades::of(&window).expect("a page")), "symbol=BTCUSDT&fromId=1001&limit=1000");
    }

    #[test]
    fn fills_of_an_order_are_its_own_whatever_the_exchange_adds() {
        let (instrument, order) = (instrument(), ExchangeOrderId::from("7"));
        let of = |page| FillQuery::Order { instrument: &instrument, order: &order, page };
        let first = of(None);
        let first = UserTrades::of(&first).expect("a page");
        assert_eq!(query(&first), "symbol=BTCUSDT&orderId=7&limit=1000");
        let page = first.decode(json!([trade(1, 7), trade(2, 8)]).to_string().as_bytes()).expect("a page");
        assert_eq!((page.rows.len(), page.next), (1, None));
        let next = of(Some("1001"));
        let next = query(&UserTrades::of(&next).expect("a page"));
        assert_eq!(next, "symbol=BTCUSDT&orderId=7&fromId=1001&limit=1000");
        assert_eq!(query(&UserTrades::newest("BTCUSDT")), "symbol=BTCUSDT&limit=1000");
    }

    #[test]
    fn balances_and_rates_are_exact() {
        let body =
            json!([{"asset": "USDT", "balance": "122.60735137903", "crossUnPnl": "0", "availableBalance": "23.7"}]);
        let read = Balances.decode(body.to_string().as_bytes()).expect("balances");
        assert_eq!(read.balances[0].total.to_string(), "122.60735137903");
        assert!(read.balances[0].available.is_some() && read.as_of.is_none());
        assert!(Balances.decode(b"[{\"asset\":\"USDT\"}]").is_err());
        let commission = Commission { symbol: "BTCUSDT" };
        let body = br#"{"symbol":"BTCUSDT","makerCommissionRate":"-0.0001","takerCommissionRate":"0.0004"}"#;
        assert_eq!(commission.decode(body).expect("rates").maker.to_string(), "-0.0001", "a rebate");
    }
}
