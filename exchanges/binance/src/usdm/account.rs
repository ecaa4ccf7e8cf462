use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt, try_join};
use tradewire_core::{
    Amendment, BalanceSnapshot, ClientOrderId, CommandError, EndReason, Error, ErrorKind, ExecutionReport, FeeRates,
    FillReport, Instrument, Origin, ReportedStatus, Timestamp,
};
use tradewire_tracking::{
    AccountSource, Action, FillQuery, History, MarketSource, NewOrder, OrderEntry, Page, PerpetualSource, PrivateFrame,
    Target,
};
use tradewire_transport::{
    CallWatch, CommandFailure, Credentials, Outcome, RenderedRequest, RestClient, StreamDialect, outcome_of_parts,
    outcomes_of_each,
};

use super::account_reads::{Balances, Commission, UserTrades};
use super::algo_row::{algo_id, algo_number, waits};
use super::batch::{BATCH_MAX, PlaceBatch};
use super::countdown::CountdownCancelAll;
use super::listen_key::{ListenKey, TakeKey};
use super::order_arguments::OrderArguments;
use super::order_commands::{
    CancelAlgoOrder, CancelAllAlgoOrders, CancelAllOrders, CancelOrder, CancelledAlgo, ModifyOrder, PlaceAlgoOrder,
    PlaceOrder,
};
use super::order_reads::{OpenAlgoOrders, OpenOrders, OrdersPage, QueryAlgoOrder, QueryOrder};
use super::perpetual::{SetLeverage, SetPositionMode, about_nothing};
use super::perpetual_reads::Positions;
use super::user_stream::decode_private;
use super::{BinanceUsdm, Usdm};
use crate::account::Base;
use crate::account_endpoints::id_of;
use crate::private_stream::PrivateStream;
use crate::product::Product;

/// An order is as a change of it wants it already.
const NO_CHANGE: i64 = -5027;

/// An account on Binance USD-M. Clones are the same one.
#[derive(Clone, Debug)]
pub struct UsdmAccount {
    base: Base,
    stream: PrivateStream,
}

impl UsdmAccount {
    /// The account of a key. Nothing is sent before it is asked for something, but a socket for commands connects at once:
    /// with [`OrderEntry::Socket`] this must be called within a runtime.
    ///
    /// # Errors
    /// `Config` for a receive window that the exchange does not take, or an address that cannot be one.
    pub fn new(usdm: Arc<BinanceUsdm>, credentials: Credentials, entry: OrderEntry) -> Result<Self, Error> {
        let address = usdm.addresses().private.clone();
        let base = Base::open(usdm, credentials, entry)?;
        let key = ListenKey::at(&address, base.rest.clone());
        let url = key.url.clone();
        let stream = PrivateStream { url, login: None, key: Some(Arc::new(key)), decode: decode_private };
        Ok(Self { base, stream })
    }

    /// Sends requests, signed for the account.
    pub(crate) fn rest(&self) -> &RestClient {
        &self.base.rest
    }

    async fn place_order(&self, order: &NewOrder) -> Result<ExecutionReport, CommandError> {
        let arguments = OrderArguments::of(order).map_err(CommandError::NotSent)?;
        let placed = match arguments.is_conditional() {
            true => self.base.commands.send(&PlaceAlgoOrder(arguments)).await,
            false => self.base.commands.send(&PlaceOrder(arguments)).await,
        };
        placed.map_err(|failure| failure.about(&order.client_order_id))
    }

    /// Several orders go by REST whatever wire the others take: the socket has no such call.
    async fn place_orders(&self, orders: &[Arc<NewOrder>]) -> Vec<Result<ExecutionReport, CommandError>> {
        let words: Result<Vec<_>, _> = orders.iter().map(|order| OrderArguments::of(order)).collect();
        let placed = match words {
            Ok(words) => self.rest().command(&PlaceBatch(words)).await,
            Err(error) => Err(CommandFailure { outcome: Outcome::NotSent, error, body: None }),
        };
        let ids: Vec<_> = orders.iter().map(|order| order.client_order_id.clone()).collect();
        outcomes_of_each(placed, &ids, Usdm::verdict)
    }

    async fn cancel_order(&self, target: &Target) -> Result<ExecutionReport, CommandError> {
        let cancelled = match waits(target) {
            true => self.base.commands.send(&CancelAlgoOrder(target)).await.map(|of| self.cancelled(target, of)),
            false => self.base.commands.send(&CancelOrder(target)).await,
        };
        cancelled.map_err(|failure| failure.about(&id_of(target)))
    }

    /// What the cancel of an order that waited says of it: no more than that it has ended, and now.
    fn cancelled(&self, target: &Target, order: CancelledAlgo) -> ExecutionReport {
        ExecutionReport {
            symbol: target.instrument.symbol.to_string(),
            client_order_id: Some(order.client_id.into()),
            new_client_order_id: None,
            exchange_order_id: Some(algo_id(&order.id)),
            side: None,
            order_type: None,
            time_in_force: None,
            price: None,
            amount: None,
            trigger: None,
            reduce_only: None,
            position_side: None,
            status: ReportedStatus::Cancelled,
            filled: None,
            quote_filled: None,
            fills: Vec::new(),
            prevented: None,
            reason: Some(EndReason::Requested),
            word: String::new(),
            origin: Origin::External,
            created: None,
            time: self.base.market.server_clock().now(),
        }
    }

    /// A change must tell everything again, so that the order is read before. What the exchange finds to be so already is done.
    async fn amend_order(&self, target: &Target, amendment: Amendment) -> Result<ExecutionReport, CommandError> {
        let refused = |kind, text| CommandError::NotSent(Error::new(kind, text));
        if waits(target) {
            return Err(refused(ErrorKind::Unsupported, "orders that wait for a trigger cannot be changed here"));
        }
        let known = self.rest().send(&QueryOrder(target)).await.map_err(CommandError::NotSent)?;
        let quantity = amendment.quantity.or(known.amount.and_then(|amount| match amount {
            tradewire_core::Amount::Base(quantity) => Some(quantity),
            tradewire_core::Amount::Quote(_) => None,
        }));
        let (Some(side), Some(quantity), Some(price)) = (known.side, quantity, amendment.price.or(known.price)) else {
            return Err(refused(ErrorKind::InvalidRequest, "only orders with a price can be changed"));
        };
        match self.base.commands.send(&ModifyOrder { target, side, quantity, price }).await {
            Err(failure) if failure.error.code() == Some(NO_CHANGE) => Ok(known),
            amended => amended.map_err(|failure| failure.about(&id_of(target))),
        }
    }

    /// Neither answer names the orders that it ended.
    async fn cancel_all_orders(&self, symbol: &str) -> Result<Vec<ExecutionReport>, CommandError> {
        let plain = self.rest().command(&CancelAllOrders { symbol }).await.map(|_| Vec::new());
        let conditional = self.rest().command(&CancelAllAlgoOrders { symbol }).await.map(|_| Vec::new());
        outcome_of_parts(vec![plain, conditional]).map_err(|failure| failure.about(&ClientOrderId::from("")))
    }

    async fn query_order(&self, target: &Target) -> Result<Option<ExecutionReport>, Error> {
        let asked = if waits(target) { self.waiting_order(target).await } else { self.engine_order(target).await };
        match asked {
            Ok(report) => Ok(Some(report)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn engine_order(&self, target: &Target) -> Result<ExecutionReport, Error> {
        self.rest().send(&QueryOrder(target)).await
    }

    /// An order that has been triggered is the engine's, under our id.
    async fn waiting_order(&self, target: &Target) -> Result<ExecutionReport, Error> {
        let waiting = self.rest().send(&QueryAlgoOrder(target)).await?;
        if !waiting.triggered {
            return Ok(waiting.report);
        }
        let ExecutionReport { client_order_id, exchange_order_id, .. } = waiting.report;
        let engine = self.engine_order(&Target { exchange_order_id, ..target.clone() }).await?;
        Ok(ExecutionReport { client_order_id, ..engine })
    }

    async fn open(&self, symbol: Option<&str>) -> Result<Vec<ExecutionReport>, Error> {
        let (engine, waiting) = (OpenOrders { symbol }, OpenAlgoOrders { symbol });
        let (mut orders, waiting) = try_join(self.rest().send(&engine), self.rest().send(&waiting)).await?;
        orders.extend(waiting);
        Ok(orders)
    }

    async fn rendered(&self, action: &Action, at: Option<Timestamp>) -> Result<RenderedRequest, Error> {
        let (rest, commands) = (self.rest(), &self.base.commands);
        match action {
            Action::Place(order) => {
                let arguments = OrderArguments::of(order)?;
                match arguments.is_conditional() {
                    true => commands.render(&PlaceAlgoOrder(arguments), at).await,
                    false => commands.render(&PlaceOrder(arguments), at).await,
                }
            }
            Action::Cancel(target) if waits(target) => commands.render(&CancelAlgoOrder(target), at).await,
            Action::Cancel(target) => commands.render(&CancelOrder(target), at).await,
            Action::Query(target) if waits(target) => rest.render(&QueryAlgoOrder(target), at).await,
            Action::Query(target) => rest.render(&QueryOrder(target), at).await,
            Action::OpenOrders(instrument) => {
                let symbol = instrument.as_ref().map(|instrument| &*instrument.symbol);
                rest.render(&OpenOrders { symbol }, at).await
            }
            Action::Fills(instrument) => rest.render(&UserTrades::newest(&instrument.symbol), at).await,
            Action::Balances => rest.render(&Balances, at).await,
            Action::Positions => rest.render(&Positions { symbol: None }, at).await,
            Action::Leverage(instrument, None, leverage) => {
                let set = SetLeverage { symbol: &instrument.symbol, leverage: *leverage };
                rest.render(&set, at).await
            }
            Action::PositionMode(_, mode) => rest.render(&SetPositionMode { mode: *mode }, at).await,
            Action::Login => rest.render(&TakeKey, at).await,
            _ => Err(Error::new(ErrorKind::Unsupported, "Binance USD-M has no such request")),
        }
    }
}

impl AccountSource for UsdmAccount {
    fn market(&self) -> &Arc<dyn MarketSource> {
        &self.base.market
    }

    fn account(&self) -> &str {
        &self.base.name
    }

    fn default_fees(&self) -> FeeRates {
        Usdm::DEFAULT_FEES
    }

    fn place(&self, order: Arc<NewOrder>) -> BoxFuture<'static, Result<ExecutionReport, CommandError>> {
        let account = self.clone();
        async move { account.place_order(&order).await }.boxed()
    }

    fn place_batch(
        &self,
        orders: Vec<Arc<NewOrder>>,
    ) -> BoxFuture<'static, Vec<Result<ExecutionReport, CommandError>>> {
        let account = self.clone();
        async move { account.place_orders(&orders).await }.boxed()
    }

    fn batch_max(&self) -> usize {
        BATCH_MAX
    }

    fn dead_man_switch(
        &self,
        instrument: Arc<Instrument>,
        after: Option<Duration>,
    ) -> BoxFuture<'static, Result<(), CommandError>> {
        let account = self.clone();
        async move {
            let countdown = CountdownCancelAll { symbol: &instrument.symbol, after };
            account.rest().command(&countdown).await.map_err(about_nothing)
        }
        .boxed()
    }

    fn cancel(&self, order: Arc<Target>) -> BoxFuture<'static, Result<ExecutionReport, CommandError>> {
        let account = self.clone();
        async move { account.cancel_order(&order).await }.boxed()
    }

    fn amend(
        &self,
        order: Arc<Target>,
        amendment: Amendment,
    ) -> BoxFuture<'static, Result<ExecutionReport, CommandError>> {
        let account = self.clone();
        async move { account.amend_order(&order, amendment).await }.boxed()
    }

    fn cancel_all(
        &self,
        instrument: Arc<Instrument>,
    ) -> BoxFuture<'static, Result<Vec<ExecutionReport>, CommandError>> {
        let account = self.clone();
        async move { account.cancel_all_orders(&instrument.symbol).await }.boxed()
    }

    fn order<'a>(&'a self, order: &'a Target) -> BoxFuture<'a, Result<Option<ExecutionReport>, Error>> {
        self.query_order(order).boxed()
    }

    /// All of them come at once.
    fn open_orders<'a>(
        &'a self,
        instrument: Option<&'a Instrument>,
        _: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Page<ExecutionReport>, Error>> {
        let symbol = instrument.map(|instrument| &*instrument.symbol);
        async move { Ok(Page { rows: self.open(symbol).await?, next: None, goes_back: false }) }.boxed()
    }

    fn orders<'a>(&'a self, of: &'a History<'a>) -> BoxFuture<'a, Result<Page<ExecutionReport>, Error>> {
        async {
            match OrdersPage::of(of)? {
                OrdersPage::Engine(page) => self.rest().send(&page).await,
                OrdersPage::Waiting(page) => self.rest().send(&page).await,
            }
        }
        .boxed()
    }

    /// An order that waits has no fills; once triggered, it is the engine's under another id.
    fn fills<'a>(&'a self, of: &'a FillQuery<'a>) -> BoxFuture<'a, Result<Page<FillReport>, Error>> {
        async move {
            if let FillQuery::Order { order, .. } = of
                && algo_number(order).is_some()
            {
                return Ok(Page { rows: Vec::new(), next: None, goes_back: false });
            }
            self.rest().send(&UserTrades::of(of)?).await
        }
        .boxed()
    }

    fn balances(&self) -> BoxFuture<'_, Result<BalanceSnapshot, Error>> {
        async { self.rest().send(&Balances).await }.boxed()
    }

    fn fees<'a>(&'a self, instrument: &'a Instrument) -> BoxFuture<'a, Result<FeeRates, Error>> {
        async { self.rest().send(&Commission { symbol: &instrument.symbol }).await }.boxed()
    }

    fn perpetual(&self) -> Option<&dyn PerpetualSource> {
        Some(self)
    }

    fn private_stream(&self) -> Arc<dyn StreamDialect> {
        Arc::new(self.stream.clone())
    }

    fn decode_private(&self, frame: &[u8]) -> Result<PrivateFrame, Error> {
        decode_private(frame)
    }

    fn command_socket(&self) -> Option<CallWatch> {
        self.base.commands.watch()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.base.commands.close().boxed()
    }

    fn render<'a>(
        &'a self,
        action: &'a Action,
        at: Option<Timestamp>,
    ) -> BoxFuture<'a, Result<RenderedRequest, Error>> {
        self.rendered(action, at).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::super::order_arguments::tests::{instrument, limit, order, target};
    use super::*;
    use crate::BinanceConfig;
    use tradewire_core::{Decimal, OrderRequest, OrderType, PositionMode};
    use tradewire_transport::{Clock, Secret, SigningKey};

    fn account() -> UsdmAccount {
        let usdm = BinanceUsdm::new(&BinanceConfig::of("demo"), Clock::start()).expect("a configuration");
        let key = SigningKey::hmac_sha256(&Secret::new("s3cret-of-a-test")).expect("a key");
        let credentials = Credentials::new(Secret::new("k3y-of-a-test"), key).expect("credentials");
        UsdmAccount::new(Arc::new(usdm), credentials, OrderEntry::Rest).expect("an account")
    }

    fn rendered(action: &Action) -> String {
        let at = Some(Timestamp::from_millis(1_780_000_000_123));
        let rendered = account().render(action, at).now_or_never().expect("ready at once").expect("rendered");
        let RenderedRequest::Rest { method, url, headers, body } = rendered else { panic!("another form") };
        assert_eq!((headers.len(), headers[0].1.as_str(), body.as_str()), (1, "k3y-of-a-test", ""));
        let url = url.split_once("&signature=").map_or(url.as_str(), |(url, _)| url);
        format!("{method} {}", url.strip_prefix("https://demo-fapi.binance.com/fapi/").expect("the address"))
    }

    #[test]
    fn every_action_can_be_shown() {
        const STAMP: &str = "recvWindow=5000&timestamp=1780000000123";
        let waiting = Target { conditional: true, ..target(Some("a"), None) };
        let stop = OrderRequest { order_type: OrderType::StopLossLimit, ..limit() }
            .trigger_price("1".parse().expect("a price"));
        for (action, expected) in [
            (
                Action::Place(order(limit())),
                "POST v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=61000.5\
                 &newClientOrderId=tw-1&newOrderRespType=RESULT&",
            ),
            (
                Action::Place(order(stop)),
                "POST v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&type=STOP&timeInForce=GTC&quantity=0.01\
                 &price=61000.5&triggerPrice=1&workingType=CONTRACT_PRICE&clientAlgoId=tw-1&newOrderRespType=RESULT&",
            ),
            (Action::Cancel(target(Some("a"), Some("7"))), "DELETE v1/order?symbol=BTCUSDT&orderId=7&"),
            (Action::Cancel(waiting.clone()), "DELETE v1/algoOrder?clientAlgoId=a&"),
            (Action::Query(target(Some("a"), None)), "GET v1/order?symbol=BTCUSDT&origClientOrderId=a&"),
            (Action::Query(waiting), "GET v1/algoOrder?clientAlgoId=a&"),
            (Action::OpenOrders(None), "GET v1/openOrders?"),
            (Action::Fills(instrument()), "GET v1/userTrades?symbol=BTCUSDT&limit=1000&"),
            (Action::Balances, "GET v3/balance?"),
            (Action::Positions, "GET v3/positionRisk?"),
            (Action::Leverage(instrument(), None, Decimal::from(20)), "POST v1/leverage?symbol=BTCUSDT&leverage=20&"),
            (
                Action::PositionMode(instrument(), PositionMode::Hedge),
                "POST v1/positionSide/dual?dualSidePosition=true&",
            ),
        ] {
            assert_eq!(rendered(&action), format!("{expected}{STAMP}"));
        }
        assert_eq!(rendered(&Action::Login), "POST v1/listenKey");
    }

    #[test]
    fn an_account_tells_no_secret_and_its_stream_has_a_key() {
        let account = account();
        let shown = format!("{} {account:?}", account.account());
        assert!(
            shown.starts_with("binance-usdm demo ") && !shown.contains("k3y") && !shown.contains("s3cret"),
            "{shown}"
        );
        let stream = account.private_stream();
        assert_eq!(stream.url(), "wss://demo-fstream.binance.com/private/ws");
        assert!(stream.key().is_some() && stream.login().is_none() && account.private_topics().is_empty());
        let kept = ListenKey::at("ws://127.0.0.1:1/private/ws", account.rest().clone());
        assert_eq!(kept.url, "ws://127.0.0.1:1/private/ws");
        assert_eq!(ListenKey::at("ws://127.0.0.1:1/private", kept.rest).url, "ws://127.0.0.1:1/private/ws");
    }

    #[test]
    fn an_order_that_waits_has_no_fills_and_nobody_is_asked() {
        let (account, instrument, id) = (account(), instrument(), "algo-7".into());
        let of = FillQuery::Order { instrument: &instrument, order: &id, page: None };
        let page = account.fills(&of).now_or_never().expect("at once").expect("a page");
        assert!(page.rows.is_empty() && page.next.is_none());
    }

    #[test]
    fn what_usdm_cannot_do_is_not_sent() {
        let account = account();
        let unsupported = |result: Result<ExecutionReport, CommandError>| matches!(result, Err(CommandError::NotSent(error)) if error.kind() == ErrorKind::Unsupported);
        let waiting = Arc::new(target(Some("a"), Some("algo-7")));
        let amended = account.amend(waiting.clone(), Amendment::default()).now_or_never().expect("at once");
        let replaced = account.replace(waiting, Arc::new(order(limit()))).now_or_never().expect("at once");
        assert!(unsupported(amended) && unsupported(replaced.placed) && unsupported(replaced.cancelled));
    }
}
