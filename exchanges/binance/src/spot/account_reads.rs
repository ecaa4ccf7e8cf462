use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{
    Asset, BalanceReport, BalanceSnapshot, Decimal, Error, ExchangeOrderId, FeeRates, FillReport, Side, exact,
};
use tradewire_tracking::{FillQuery, Page};
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security};

use super::user_stream::balance;
use crate::account_endpoints::account_read;
use crate::market::{Fault, Number, millis, object};
use crate::page::{ROWS_MAX, Start, page_id};
use crate::private::{decoded, fee, liquidity, optional, price, quantity, signed, trade_id, unsigned};

/// One page of the account's fills. Weight 20, or 5 for those of one order.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/rest-api/account-endpoints#account-trade-list-user_data>
#[derive(Clone, Copy, Debug)]
pub(crate) struct MyTrades<'a> {
    symbol: &'a str,
    which: Which<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Which<'a> {
    Window(Start),
    Order { id: &'a ExchangeOrderId, from: Option<u64> },
    Newest,
}

impl<'a> MyTrades<'a> {
    /// The newest page of an instrument.
    pub(crate) fn newest(symbol: &'a str) -> Self {
        Self { symbol, which: Which::Newest }
    }

    /// The page that is asked for.
    ///
    /// # Errors
    /// `InvalidRequest` for a page that no answer has named.
    pub(crate) fn of(query: &'a FillQuery<'_>) -> Result<Self, Error> {
        Ok(match query {
            FillQuery::Window(history) => {
                Self { symbol: &history.instrument.symbol, which: Which::Window(Start::of(history)?) }
            }
            FillQuery::Order { instrument, order, page } => {
                let from = page.map(page_id).transpose()?;
                Self { symbol: &instrument.symbol, which: Which::Order { id: order, from } }
            }
        })
    }
}

impl Endpoint for MyTrades<'_> {
    account_read!("/api/v3/myTrades", Page<FillReport>);

    fn cost(&self) -> Cost {
        Cost::weight(if matches!(self.which, Which::Order { .. }) { 5 } else { 20 })
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol);
        match self.which {
            Which::Window(start) => start.write(query, "fromId"),
            Which::Order { id, from } => {
                query.add("orderId", id);
                if let Some(from) = from {
                    query.add_literal("fromId", from);
                }
                query.add_literal("limit", ROWS_MAX);
            }
            Which::Newest => drop(query.add_literal("limit", ROWS_MAX)),
        }
    }

    fn decode(&self, body: &[u8]) -> Result<Page<FillReport>, Error> {
        let id = |fill: &FillReport| fill.trade_id.as_str().parse().ok();
        decoded(body, |raw| {
            let rows: Vec<&RawValue> = serde_json::from_str(raw)?;
            let fills: Result<Vec<_>, _> =
                rows.into_iter().map(|row| object::<TradeRow<'_>>(row.get())?.read()).collect();
            let start = match self.which {
                Which::Window(start) => start,
                Which::Order { .. } | Which::Newest => Start::EVER,
            };
            Ok(start.page(fills?, |fill| fill.time, id))
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
    #[serde(borrow)]
    price: Number<'a>,
    #[serde(borrow)]
    qty: Number<'a>,
    #[serde(borrow)]
    quote_qty: Option<Number<'a>>,
    #[serde(borrow)]
    commission: Option<Number<'a>>,
    commission_asset: Option<Asset>,
    time: u64,
    is_buyer: bool,
    is_maker: Option<bool>,
}

impl TradeRow<'_> {
    fn read(self) -> Result<FillReport, Fault> {
        Ok(FillReport {
            trade_id: trade_id(&self.id, None)?,
            exchange_order_id: Some(self.order_id.text().into()),
            client_order_id: None,
            side: if self.is_buyer { Side::Buy } else { Side::Sell },
            price: price(&self.price)?,
            quantity: quantity(&self.qty)?,
            quote_quantity: optional(self.quote_qty.as_ref(), unsigned)?,
            fee: fee(self.commission.as_ref(), self.commission_asset.as_ref())?,
            liquidity: liquidity(self.is_maker),
            position_side: None,
            realised_profit: None,
            time: millis(self.time)?,
            symbol: self.symbol,
        })
    }
}

/// All balances that are not zero. Weight 20.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/rest-api/account-endpoints#account-information-user_data>
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account;

impl Endpoint for Account {
    account_read!("/api/v3/account", BalanceSnapshot);

    fn cost(&self) -> Cost {
        Cost::weight(20)
    }

    fn query(&self, query: &mut Query) {
        query.add_literal("omitZeroBalances", true);
    }

    /// The time in the answer is that of the account's last change and not one as of which it holds.
    fn decode(&self, body: &[u8]) -> Result<BalanceSnapshot, Error> {
        decoded(body, |raw| {
            let rows = object::<AccountWire<'_>>(raw)?.balances.into_iter();
            let balances: Result<_, Fault> = rows.map(|row| object::<Free<'_>>(row.get())?.read()).collect();
            Ok(BalanceSnapshot { balances: balances?, as_of: None })
        })
    }
}

#[derive(Deserialize)]
struct AccountWire<'a> {
    #[serde(borrow)]
    balances: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Free<'a> {
    asset: Asset,
    #[serde(borrow)]
    free: Number<'a>,
    #[serde(borrow)]
    locked: Number<'a>,
}

impl Free<'_> {
    fn read(self) -> Result<BalanceReport, Fault> {
        balance(self.asset, &self.free, &self.locked)
    }
}

/// The account's commission on an instrument. Weight 20.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/rest-api/account-endpoints#query-commission-rates-user_data>
#[derive(Clone, Copy, Debug)]
pub(crate) struct Commission<'a> {
    /// The instrument.
    pub(crate) symbol: &'a str,
}

impl Endpoint for Commission<'_> {
    account_read!("/api/v3/account/commission", FeeRates);

    fn cost(&self) -> Cost {
        Cost::weight(20)
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol);
    }

    fn decode(&self, body: &[u8]) -> Result<FeeRates, Error> {
        decoded(body, |raw| object::<CommissionWire<'_>>(raw)?.rates())
    }
}

/// A fill is charged by each group: for resting or taking, and for buying or selling. A discount for paying in another asset
/// is not counted, since it depends on what the account holds then.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CommissionWire<'a> {
    #[serde(borrow)]
    standard_commission: GroupWire<'a>,
    #[serde(borrow)]
    special_commission: Option<GroupWire<'a>>,
    #[serde(borrow)]
    tax_commission: Option<GroupWire<'a>>,
}

#[derive(Deserialize)]
struct GroupWire<'a> {
    #[serde(borrow)]
    maker: Number<'a>,
    #[serde(borrow)]
    taker: Number<'a>,
    #[serde(borrow)]
    buyer: Number<'a>,
    #[serde(borrow)]
    seller: Number<'a>,
}

impl CommissionWire<'_> {
    /// Where buying and selling are charged differently, the dearer one counts.
    fn rates(&self) -> Result<FeeRates, Fault> {
        let groups = [Some(&self.standard_commission), self.special_commission.as_ref(), self.tax_commission.as_ref()];
        let sum = |rate: for<'w> fn(&'w GroupWire<'_>) -> &'w Number<'w>| {
            groups.into_iter().flatten().try_fold(Decimal::ZERO, |sum, group| plus(sum, signed(rate(group))?))
        };
        let side = sum(|group| &group.buyer)?.max(sum(|group| &group.seller)?);
        Ok(FeeRates { maker: plus(sum(|group| &group.maker)?, side)?, taker: plus(sum(|group| &group.taker)?, side)? })
    }
}

fn plus(a: Decimal, b: Decimal) -> Result<Decimal, Fault> {
    exact::add(a, b).ok_or_else(|| Fault::decode("a sum of more than 28 digits"))
}

#[cfg(test)]
mod tests {
    use super::super::order_arguments::tests::instrument;
    use super::*;
    use serde_json::{Value, json};
    use tradewire_core::{Liquidity, Timestamp};
    use tradewire_tracking::History;

    fn query(endpoint: &impl Endpoint) -> String {
        let mut query = Query::default();
        endpoint.query(&mut query);
        query.as_str().to_owned()
    }

    fn trade(id: u64) -> Value {
        json!({
            "symbol": "BTCUSDT", "id": id, "orderId": 7, "orderListId": -1, "price": "61000.5", "qty": "0.2",
            "quoteQty": "12200.1", "commission": "0.0002", "commissionAsset": "BNB", "time": id, "isBuyer": false,
            "isMaker": true, "isBestMatch": true,
        })
    }

    fn decoded_page(endpoint: &MyTrades<'_>, rows: impl Iterator<Item = u64>) -> Page<FillReport> {
        let rows: Vec<_> = rows.map(trade).collect();
        endpoint.decode(serde_json::to_string(&rows).expect("JSON").as_bytes()).expect("a page")
    }

    #[test]
    fn fills_of_a_window_come_in_pages() {
        let instrument = instrument("BTCUSDT");
        let at = Timestamp::from_millis;
        let history = History { instrument: &instrument, from: at(1), until: at(1_200), page: None };
        let window = FillQuery::Window(history);
        let first = MyTrades::of(&window).expect("a page");
        assert_eq!(query(&first), "symbol=BTCUSDT&startTime=1&endTime=1200&limit=1000");
        let page = decoded_page(&first, 1..=1_000);
        assert_eq!((page.rows.len(), page.next.as_deref()), (1_000, Some("1001")));
        let fill = &page.rows[0];
        assert_eq!((fill.side, fill.liquidity, fill.time), (Side::Sell, Some(Liquidity::Maker), at(1)));
        assert_eq!(fill.exchange_order_id.as_ref().map(ExchangeOrderId::as_str), Some("7"));
        assert_eq!(fill.fee.as_ref().map(|fee| fee.asset.as_str()), Some("BNB"));
        let window = FillQuery::Window(History { page: page.next.as_deref(), ..history });
        let next = MyTrades::of(&window).expect("a page");
        assert_eq!((query(&next).as_str(), next.cost().weight), ("symbol=BTCUSDT&fromId=1001&limit=1000", 20));
        let page = decoded_page(&next, 1_001..=2_000);
        assert_eq!((page.rows.len(), page.next), (200, None));
    }

    #[test]
    fn fills_of_an_order_come_in_pages() {
        let (instrument, order) = (instrument("BTCUSDT"), ExchangeOrderId::from("7"));
        let of = |page| FillQuery::Order { instrument: &instrument, order: &order, page };
        let first = of(None);
        let first = MyTrades::of(&first).expect("a page");
        assert_eq!((query(&first).as_str(), first.cost().weight), ("symbol=BTCUSDT&orderId=7&limit=1000", 5));
        let page = decoded_page(&first, 1..=1_000);
        let next = of(page.next.as_deref());
        let next = MyTrades::of(&next).expect("a page");
        assert_eq!(query(&next), "symbol=BTCUSDT&orderId=7&fromId=1001&limit=1000");
        assert_eq!(decoded_page(&next, 1_001..=1_002).next, None);
        assert_eq!(query(&MyTrades::newest("BTCUSDT")), "symbol=BTCUSDT&limit=1000");
    }

    #[test]
    fn balances_are_whole() {
        let body = json!({
            "updateTime": 123, "balances": [{"asset": "BTC", "free": "1.25", "locked": "0.5"}], "permissions": ["SPOT"],
        });
        let read = Account.decode(body.to_string().as_bytes()).expect("balances");
        assert_eq!((read.balances.len(), read.as_of), (1, None));
        assert_eq!(read.balances[0].total.to_string(), "1.75");
        let missing = json!({"balances": [{"asset": "BTC", "free": "", "locked": "0.5"}]}).to_string();
        assert!(Account.decode(missing.as_bytes()).is_err() && Account.decode(b"{}").is_err());
        assert_eq!(query(&Account), "omitZeroBalances=true");
    }

    #[test]
    fn commission_is_the_sum_of_its_groups() {
        let group = |maker: &str, taker: &str, buyer: &str, seller: &str| json!({"maker": maker, "taker": taker, "buyer": buyer, "seller": seller});
        let body = json!({
            "symbol": "BTCUSDT",
            "standardCommission": group("0.001", "0.002", "0", "0"),
            "specialCommission": group("0.01", "0.02", "0.0001", "0"),
            "taxCommission": group("0.1", "0.2", "0.0002", "0.0004"),
            "discount": {"enabledForAccount": true, "enabledForSymbol": true, "discountAsset": "BNB", "discount": "0.75"},
        });
        let commission = Commission { symbol: "BTCUSDT" };
        let rates = commission.decode(body.to_string().as_bytes()).expect("rates");
        assert_eq!((rates.maker.to_string(), rates.taker.to_string()), ("0.1114".to_owned(), "0.2224".to_owned()));
        let plain = json!({"standardCommission": group("-0.0001", "0.002", "0", "0")}).to_string();
        assert_eq!(commission.decode(plain.as_bytes()).expect("rates").maker.to_string(), "-0.0001", "a rebate");
    }
}
