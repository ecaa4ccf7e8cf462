use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{BalanceSnapshot, Error, ExchangeOrderId, FeeRates, FillReport, FundingReport};
use tradewire_tracking::{FillQuery, History, Page};
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security};
use tradewire_wire::{Fault, Number, object, signed};

use crate::category::Category;
use crate::envelope::{List, result};
use crate::limits::Group;
use crate::order_reads::account_read;
use crate::page::{Window, page, write_page};
use crate::private::{ExecutionRow, Told, Wallet, WalletView};

/// The most rows of a list of executions.
pub(crate) const EXECUTIONS_MAX: u32 = 100;

/// One page of the account's executions.
///
/// <https://bybit-exchange.github.io/docs/v5/order/execution>
#[derive(Clone, Copy, Debug)]
pub(crate) struct Executions<'a> {
    category: Category,
    symbol: &'a str,
    which: Which<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Which<'a> {
    Window(Window<'a>),
    Order { id: &'a ExchangeOrderId, page: Option<&'a str> },
    Newest,
}

impl<'a> Executions<'a> {
    /// The newest page of an instrument.
    pub(crate) fn newest(category: Category, symbol: &'a str) -> Self {
        Self { category, symbol, which: Which::Newest }
    }

    /// The page that is asked for.
    pub(crate) fn of(category: Category, query: &'a FillQuery<'a>) -> Self {
        match query {
            FillQuery::Window(history) => Self::of_window(category, history),
            FillQuery::Order { instrument, order, page } => {
                Self { category, symbol: &instrument.symbol, which: Which::Order { id: order, page: *page } }
            }
        }
    }

    fn of_window(category: Category, history: &'a History<'a>) -> Self {
        Self { category, symbol: &history.instrument.symbol, which: Which::Window(Window::of(history)) }
    }

    fn write(&self, query: &mut Query) {
        query.add("category", self.category).add("symbol", self.symbol);
        match self.which {
            Which::Window(window) => window.write(query),
            Which::Order { id, page } => {
                query.add("orderId", id);
                write_page(query, page);
            }
            Which::Newest => {}
        }
        query.add("limit", EXECUTIONS_MAX);
    }

    fn read<T>(&self, body: &[u8], pick: impl Fn(Told) -> Option<T>) -> Result<Page<T>, Error> {
        result(body, |raw, _| {
            let list: List<'_> = object(raw)?;
            page(&list, |row| Ok(pick(object::<ExecutionRow<'_>>(row)?.read(self.category)?)))
        })
    }
}

impl Endpoint for Executions<'_> {
    account_read!("/v5/execution/list", EXECUTIONS, Page<FillReport>);

    fn query(&self, query: &mut Query) {
        self.write(query);
    }

    fn decode(&self, body: &[u8]) -> Result<Page<FillReport>, Error> {
        self.read(body, |told| match told {
            Told::Fill(fill) => Some(*fill),
            Told::Funding(_) | Told::Other(_) => None,
        })
    }
}

/// One page of the funding payments of an instrument: executions of their own kind, so that each has the id that the
/// private stream tells.
///
/// <https://bybit-exchange.github.io/docs/v5/order/execution>
#[derive(Clone, Copy, Debug)]
pub(crate) struct FundingPayments<'a>(Executions<'a>);

impl<'a> FundingPayments<'a> {
    /// The page that is asked for.
    pub(crate) fn of(category: Category, history: &'a History<'a>) -> Self {
        Self(Executions::of_window(category, history))
    }
}

impl Endpoint for FundingPayments<'_> {
    account_read!("/v5/execution/list", EXECUTIONS, Page<FundingReport>);

    fn query(&self, query: &mut Query) {
        self.0.write(query);
        query.add("execType", "Funding");
    }

    fn decode(&self, body: &[u8]) -> Result<Page<FundingReport>, Error> {
        self.0.read(body, |told| match told {
            Told::Funding(payment) => Some(*payment),
            Told::Fill(_) | Told::Other(_) => None,
        })
    }
}

/// All balances that are not zero.
///
/// <https://bybit-exchange.github.io/docs/v5/account/wallet-balance>
#[derive(Clone, Copy, Debug)]
pub(crate) struct WalletBalance {
    pub(crate) view: WalletView,
}

impl Endpoint for WalletBalance {
    account_read!("/v5/account/wallet-balance", WALLET, BalanceSnapshot);

    fn query(&self, query: &mut Query) {
        query.add("accountType", "UNIFIED");
    }

    fn decode(&self, body: &[u8]) -> Result<BalanceSnapshot, Error> {
        let read = result(body, |raw, _| {
            let accounts: Vec<&RawValue> = object::<List<'_>>(raw)?.list;
            let account = accounts.first().ok_or_else(|| Fault::decode("no account"))?;
            Ok(object::<Wallet<'_>>(account.get())?.balances(self.view))
        });
        match read? {
            (balances, errors) if errors.is_empty() => Ok(BalanceSnapshot { balances, as_of: None }),
            (_, mut errors) => Err(errors.swap_remove(0)),
        }
    }
}

/// The account's commission on an instrument.
///
/// <https://bybit-exchange.github.io/docs/v5/account/fee-rate>
#[derive(Clone, Copy, Debug)]
pub(crate) struct FeeRate<'a> {
    pub(crate) category: Category,
    pub(crate) symbol: &'a str,
}

impl Endpoint for FeeRate<'_> {
    account_read!("/v5/account/fee-rate", FEES, FeeRates);

    fn query(&self, query: &mut Query) {
        query.add("category", self.category).add("symbol", self.symbol);
    }

    fn decode(&self, body: &[u8]) -> Result<FeeRates, Error> {
        result(body, |raw, _| {
            let rates = object::<List<'_>>(raw)?.rows(|row| object::<FeeRow<'_>>(row)?.rates())?;
            rates.into_iter().next().ok_or_else(|| Fault::decode("no commission"))
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FeeRow<'a> {
    #[serde(borrow)]
    taker_fee_rate: Number<'a>,
    #[serde(borrow)]
    maker_fee_rate: Number<'a>,
}

impl FeeRow<'_> {
    fn rates(&self) -> Result<FeeRates, Fault> {
        Ok(FeeRates { maker: signed(&self.maker_fee_rate)?, taker: signed(&self.taker_fee_rate)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order_arguments::tests::instrument;
    use serde_json::{Value, json};
    use tradewire_core::{ErrorKind, Timestamp};

    fn query(endpoint: &impl Endpoint) -> String {
        let mut query = Query::default();
        endpoint.query(&mut query);
        query.as_str().to_owned()
    }

    fn body(result: Value) -> Vec<u8> {
        json!({"retCode": 0, "retMsg": "OK", "result": result, "time": 1}).to_string().into_bytes()
    }

    fn row(id: &str, kind: &str) -> Value {
        json!({"symbol": "BTCUSDT", "orderId": "o", "orderLinkId": "", "side": "Buy", "execType": kind, "execId": id,
            "execPrice": "1", "execQty": "2", "execValue": "2", "execFee": "0.1", "feeCurrency": "", "isMaker": false,
            "execTime": "7"})
    }

    #[test]
    fn fills_and_payments_are_kept_apart() {
        let instrument = instrument(Category::Linear);
        let at = Timestamp::from_millis;
        let history = History { instrument: &instrument, from: at(1), until: at(9), page: None };
        let window = FillQuery::Window(history);
        let fills = Executions::of(Category::Linear, &window);
        assert_eq!(query(&fills), "category=linear&symbol=BTCUSDT&startTime=1&endTime=9&limit=100");
        let payments = FundingPayments::of(Category::Linear, &history);
        assert!(query(&payments).ends_with("&limit=100&execType=Funding"));
        let list = body(
            json!({"list": [row("c", "Trade"), row("b", "Funding"), row("a", "BustTrade")], "nextPageCursor": "n"}),
        );
        let page = fills.decode(&list).expect("a page");
        let ids: Vec<_> = page.rows.iter().map(|fill| fill.trade_id.as_str()).collect();
        assert_eq!((ids, page.next.as_deref()), (vec!["a", "c"], Some("n")));
        let page = payments.decode(&list).expect("a page");
        assert_eq!(page.rows.iter().map(|paid| paid.amount.to_string()).collect::<Vec<_>>(), ["-0.1"]);
        let order = ExchangeOrderId::from("o");
        let of_order = FillQuery::Order { instrument: &instrument, order: &order, page: Some("n") };
        let of_order = Executions::of(Category::Linear, &of_order);
        assert_eq!(query(&of_order), "category=linear&symbol=BTCUSDT&orderId=o&cursor=n&limit=100");
    }

    #[test]
    fn balances_are_whole_or_none() {
        let wallet = WalletBalance { view: WalletView::NotLocked };
        let coin = |balance: &str| json!({"coin": "BTC", "walletBalance": balance, "locked": "0.5"});
        let read = wallet.decode(&body(json!({"list": [{"coin": [coin("1.75")]}]}))).expect("balances");
        assert_eq!(read.balances[0].available.map(|free| free.to_string()).as_deref(), Some("1.25"));
        let refused =
            wallet.decode(&body(json!({"list": [{"coin": [coin("1"), coin("")]}]}))).expect_err("one is missing");
        assert_eq!(refused.kind(), ErrorKind::Decode);
        assert!(wallet.decode(&body(json!({"list": []}))).is_err());
    }

    #[test]
    fn commission_is_that_of_the_instrument() {
        let fees = FeeRate { category: Category::Spot, symbol: "BTCUSDT" };
        assert_eq!(query(&fees), "category=spot&symbol=BTCUSDT");
        let rows = json!({"list": [{"symbol": "BTCUSDT", "takerFeeRate": "0.001", "makerFeeRate": "-0.0001"}]});
        let rates = fees.decode(&body(rows)).expect("rates");
        assert_eq!((rates.taker.to_string(), rates.maker.to_string()), ("0.001".to_owned(), "-0.0001".to_owned()));
        assert!(fees.decode(&body(json!({"list": []}))).is_err());
    }
}
