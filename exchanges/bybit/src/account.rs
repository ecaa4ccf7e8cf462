use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use tradewire_core::{
    Amendment, BalanceSnapshot, ClientOrderId, CommandError, Error, ErrorKind, ExecutionReport, FeeRates, FillReport,
    Instrument, Timestamp,
};
use tradewire_tracking::{
    AccountSource, Action, FillQuery, History, MarketSource, NewOrder, OrderEntry, Page, PerpetualSource, PrivateFrame,
    Target, session,
};
use tradewire_transport::{
    CallDialect, CallWatch, CommandFailure, CommandWire, Credentials, Outcome, RenderedRequest, RestClient, Session,
    StreamDialect, outcome_of_parts, outcomes_of_each,
};

use crate::account_reads::{Executions, FeeRate, WalletBalance};
use crate::auth::RestSigning;
use crate::batch::{BATCH_MAX, PlaceBatch};
use crate::calls::Calls;
use crate::category::Category;
use crate::config::{BybitConfig, DEMO};
use crate::error_codes::verdict;
use crate::linear::{Perpetual, Positions, PositionsOf, SetLeverage, SwitchMode};
use crate::order_arguments::OrderArguments;
use crate::order_commands::{AmendOrder, CancelAllOrders, CancelOrder, PlaceOrder, SPOT_KINDS};
use crate::order_reads::{OpenOrders, OrderHistory, QueryEndedOrder, QueryOrder};
use crate::page::SettlePage;
use crate::private_stream::PrivateStream;
use crate::user_stream::decode_private;
use crate::{Bybit, Product};

/// An account on one of Bybit's markets. Clones are the same one.
#[derive(Clone, Debug)]
pub struct BybitAccount {
    name: String,
    product: &'static Product,
    market: Arc<dyn MarketSource>,
    rest: RestClient,
    commands: CommandWire,
    stream: PrivateStream,
    perpetual: Option<Perpetual>,
    batch_max: usize,
}

impl BybitAccount {
    /// The account of a key. Nothing is sent before it is asked for something, but a socket for commands connects at once:
    /// with [`OrderEntry::Socket`] this must be called within a runtime.
    ///
    /// # Errors
    /// `Config` for a receive window that the exchange does not take, an address that cannot be one, or an environment
    /// without a socket for commands.
    pub fn new(market: Arc<Bybit>, credentials: Credentials, entry: OrderEntry) -> Result<Self, Error> {
        let name = credentials.account_name(market.product().capabilities.exchange, &market.addresses().label);
        let recv_window = market.config().checked_recv_window()?;
        let session = session(credentials, recv_window, &market);
        let rest = market.rest().signed(session.clone(), market.limits().account(&name), RestSigning);
        let commands = command_wire(entry, &market, &rest, &session)?;
        let stream = PrivateStream { url: market.addresses().private.clone(), session };
        let product = market.product();
        let perpetual = (product.category == Category::Linear).then(|| Perpetual::new(rest.clone()));
        // Demo trading has no batches of spot orders.
        let single = product.category == Category::Spot && market.addresses().label == DEMO;
        let batch_max = if single { 1 } else { BATCH_MAX };
        Ok(Self { name, product, market, rest, commands, stream, perpetual, batch_max })
    }

    /// Waits until commands can leave: at once with REST, else until the socket for them is connected.
    ///
    /// # Errors
    /// `NotReady` if the account was closed.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn connected(&self) -> Result<(), Error> {
        self.commands.connected().await
    }

    async fn place_order(&self, order: &NewOrder) -> Result<ExecutionReport, CommandError> {
        let place = self.placing(order).map_err(CommandError::NotSent)?;
        self.commands.send(&place).await.map_err(|failure| failure.about(&order.client_order_id))
    }

    fn placing<'a>(&self, order: &'a NewOrder) -> Result<PlaceOrder<'a>, Error> {
        let category = self.product.category;
        let arguments = OrderArguments::of(category, order)?;
        Ok(PlaceOrder { category, symbol: &order.instrument.symbol, arguments })
    }

    async fn place_orders(&self, orders: &[Arc<NewOrder>]) -> Vec<Result<ExecutionReport, CommandError>> {
        let category = self.product.category;
        let placing: Result<Vec<_>, Error> = orders.iter().map(|order| self.placing(order)).collect();
        let placed = match placing {
            Ok(orders) => self.commands.send(&PlaceBatch { category, orders }).await,
            Err(error) => Err(CommandFailure { outcome: Outcome::NotSent, error, body: None }),
        };
        let ids: Vec<_> = orders.iter().map(|order| order.client_order_id.clone()).collect();
        outcomes_of_each(placed, &ids, verdict)
    }

    async fn cancel_order(&self, target: &Target) -> Result<ExecutionReport, CommandError> {
        let cancelled = self.commands.send(&CancelOrder { category: self.product.category, target }).await;
        cancelled.map_err(|failure| failure.about(&id_of(target)))
    }

    async fn amend_order(&self, target: &Target, amendment: Amendment) -> Result<ExecutionReport, CommandError> {
        if amendment == Amendment::default() {
            let error = Error::new(ErrorKind::InvalidRequest, "nothing is to be amended").with("field", "quantity");
            return Err(CommandError::NotSent(error));
        }
        let amended = self.commands.send(&AmendOrder { category: self.product.category, target, amendment }).await;
        amended.map_err(|failure| failure.about(&id_of(target)))
    }

    /// Spot keeps three kinds of orders apart, which are cancelled one after the other.
    async fn cancel_all_orders(&self, symbol: &str) -> Result<Vec<ExecutionReport>, CommandError> {
        let category = self.product.category;
        let cancel = async |kind| self.rest.command(&CancelAllOrders { category, symbol, kind }).await;
        let ended = match category {
            Category::Linear => cancel(None).await,
            Category::Spot => {
                let [plain, conditional, stops] = SPOT_KINDS.map(Some);
                outcome_of_parts(vec![cancel(plain).await, cancel(conditional).await, cancel(stops).await])
            }
        };
        ended.map_err(|failure| failure.about(&ClientOrderId::from("")))
    }

    /// The order among those that are open or have ended lately, else in the history.
    async fn query_order(&self, target: &Target) -> Result<Option<ExecutionReport>, Error> {
        let category = self.product.category;
        let known = |answer| match answer {
            Err(error) if Error::kind(&error) == ErrorKind::NotFound => Ok(None),
            answer => answer,
        };
        match known(self.rest.send(&QueryOrder { category, target }).await)? {
            Some(report) => Ok(Some(report)),
            None => known(self.rest.send(&QueryEndedOrder { category, target }).await),
        }
    }

    async fn rendered(&self, action: &Action, at: Option<Timestamp>) -> Result<RenderedRequest, Error> {
        let category = self.product.category;
        match action {
            Action::Place(order) => self.commands.render(&self.placing(order)?, at).await,
            Action::Cancel(target) => self.commands.render(&CancelOrder { category, target }, at).await,
            Action::Query(target) => self.rest.render(&QueryOrder { category, target }, at).await,
            Action::OpenOrders(instrument) => {
                let symbol = instrument.as_ref().map(|instrument| &*instrument.symbol);
                self.rest.render(&OpenOrders::of(category, symbol, None)?, at).await
            }
            Action::Fills(instrument) => self.rest.render(&Executions::newest(category, &instrument.symbol), at).await,
            Action::Balances => self.rest.render(&self.wallet(), at).await,
            Action::Login => self.stream.signed_login().render(&self.stream.url, at).await,
            other => self.rendered_setting(other, at).await,
        }
    }

    /// What only contracts have.
    async fn rendered_setting(&self, action: &Action, at: Option<Timestamp>) -> Result<RenderedRequest, Error> {
        let unsupported = Error::new(ErrorKind::Unsupported, "this market has no such request");
        if self.perpetual.is_none() {
            return Err(unsupported);
        }
        match action {
            Action::Positions => {
                let of = PositionsOf::Settled(SettlePage::named(None)?);
                let all = Positions { of, read: |row| row.report() };
                self.rest.render(&all, at).await
            }
            Action::Leverage(instrument, None, leverage) => {
                let (symbol, leverage) = (&*instrument.symbol, *leverage);
                self.rest.render(&SetLeverage { symbol, buy: leverage, sell: leverage }, at).await
            }
            Action::PositionMode(instrument, mode) => {
                self.rest.render(&SwitchMode { symbol: &instrument.symbol, mode: *mode }, at).await
            }
            _ => Err(unsupported),
        }
    }

    fn wallet(&self) -> WalletBalance {
        WalletBalance { view: self.product.wallet_read }
    }
}

/// The wire that commands take.
fn command_wire(entry: OrderEntry, market: &Bybit, rest: &RestClient, session: &Session) -> Result<CommandWire, Error> {
    let OrderEntry::Socket = entry else { return Ok(CommandWire::rest(rest)) };
    let none = || Error::new(ErrorKind::Config, "this environment takes no commands over a socket");
    let url = market.addresses().commands.clone().ok_or_else(none)?;
    let dialect: Arc<dyn CallDialect> = Arc::new(Calls { url, session: session.clone() });
    CommandWire::socket(dialect, rest, session, market.socket_config())
}

/// Our id of an order, for errors about it.
fn id_of(target: &Target) -> ClientOrderId {
    target.client_order_id.clone().unwrap_or_else(|| ClientOrderId::from(""))
}

impl AccountSource for BybitAccount {
    fn market(&self) -> &Arc<dyn MarketSource> {
        &self.market
    }

    fn account(&self) -> &str {
        &self.name
    }

    fn default_fees(&self) -> FeeRates {
        BybitConfig::default_fees(self.product.category)
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
        self.batch_max
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

    fn open_orders<'a>(
        &'a self,
        instrument: Option<&'a Instrument>,
        page: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Page<ExecutionReport>, Error>> {
        let symbol = instrument.map(|instrument| &*instrument.symbol);
        async move { self.rest.send(&OpenOrders::of(self.product.category, symbol, page)?).await }.boxed()
    }

    fn orders<'a>(&'a self, of: &'a History<'a>) -> BoxFuture<'a, Result<Page<ExecutionReport>, Error>> {
        async move { self.rest.send(&OrderHistory::of(self.product.category, of)).await }.boxed()
    }

    fn fills<'a>(&'a self, of: &'a FillQuery<'a>) -> BoxFuture<'a, Result<Page<FillReport>, Error>> {
        async move { self.rest.send(&Executions::of(self.product.category, of)).await }.boxed()
    }

    fn balances(&self) -> BoxFuture<'_, Result<BalanceSnapshot, Error>> {
        async { self.rest.send(&self.wallet()).await }.boxed()
    }

    fn fees<'a>(&'a self, instrument: &'a Instrument) -> BoxFuture<'a, Result<FeeRates, Error>> {
        let fees = FeeRate { category: self.product.category, symbol: &instrument.symbol };
        async move { self.rest.send(&fees).await }.boxed()
    }

    fn perpetual(&self) -> Option<&dyn PerpetualSource> {
        self.perpetual.as_ref().map(|perpetual| perpetual as &dyn PerpetualSource)
    }

    fn private_stream(&self) -> Arc<dyn StreamDialect> {
        Arc::new(self.stream.clone())
    }

    fn private_topics(&self) -> Vec<Arc<str>> {
        self.product.private_topics.iter().copied().map(Arc::from).collect()
    }

    fn decode_private(&self, frame: &[u8]) -> Result<PrivateFrame, Error> {
        decode_private(self.product.category, self.product.wallet_stream, frame)
    }

    fn command_socket(&self) -> Option<CallWatch> {
        self.commands.watch()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.commands.close().boxed()
    }

    fn render<'a>(
        &'a self,
        action: &'a Action,
        at: Option<Timestamp>,
    ) -> BoxFuture<'a, Result<RenderedRequest, Error>> {
        self.rendered(action, at).boxed()
    }
}
