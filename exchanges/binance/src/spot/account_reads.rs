use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{
    Asset, BalanceReport, BalanceSnapshot, Decimal, Error, ExchangeOrderId, FeeRates, FillReport, Side, exact,
};
use tradewire_tracking::{FillQuery, Page};
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security};

use super::order_reads::account_read;
use super::page::{ROWS_MAX, Start, page_id};
use super::user_stream::balance;
use crate::market::{Fault, Number, millis, object};
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
