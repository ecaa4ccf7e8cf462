//! The account: what the framework asks of it.

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use tradewire_core::{
    Amendment, BalanceSnapshot, ClientOrderId, CommandError, Error, ErrorKind, ExchangeOrderId, ExecutionReport,
    FeeRates, FillReport, Instrument, Timestamp,
};
use tradewire_tracking::{
    AccountSource, Action, FillQuery, History, MarketSource, NewOrder, Page, PrivateFrame, Target, session,
};
use tradewire_transport::{
    CommandFailure, Credentials, RECV_WINDOW, RenderedRequest, RestClient, StreamDialect, StreamToken,
};

use crate::Kraken;
use crate::account_reads::{
    Balances, ClosedOf, ClosedOrders, OpenOrders, QueryOrders, QueryTrades, StreamTokens, TRADES_NAMED, TradeVolume,
    TradesHistory,
};
use crate::auth::RestSigning;
use crate::capabilities::CAPABILITIES;
use crate::config::DEFAULT_FEES;
use crate::order_commands::{AddOrder, AmendOrder, CancelOrder};
use crate::symbols::Names;
use crate::user_stream::{AccountStream, TOPICS, decode_private};

/// An account on the exchange. Clones are the same one.
#[derive(Clone, Debug)]
pub struct KrakenAccount {
    name: String,
    market: Arc<dyn MarketSource>,
    names: Names,
    rest: RestClient,
    stream: AccountStream,
}

impl KrakenAccount {
    /// The account of a key. Nothing is sent before it is asked for something.
    ///
    /// # Errors
    /// `Config` for a secret that is no base64, for a key of another kind, or for addresses without that of the private socket.
    pub fn new(market: Arc<Kraken>, credentials: Credentials) -> Result<Self, Error> {
        let credentials = credentials.with_hmac_sha512()?;
        let no_socket = || Error::new(ErrorKind::Config, "the address of the private socket is missing");
        let url = market.servers().account.clone().ok_or_else(no_socket)?;
        let name = credentials.account_name(CAPABILITIES.exchange, &market.servers().label);
        let session = session(credentials, RECV_WINDOW, &market);
        let rest = market.rest().signed(session, market.limits().account(&name), RestSigning);
        let asking = rest.clone();
        let token = StreamToken::new(url, move || {
            let rest = asking.clone();
            async move { rest.send(&StreamTokens).await }.boxed()
        });
        let names = market.names().clone();
        Ok(Self { name, market, names, rest, stream: AccountStream { token } })
    }

    /// The exchange's time, for answers that do not tell it.
    fn now(&self) -> Timestamp {
        self.market.server_clock().now()
    }

    async fn place_order(&self, order: &NewOrder) -> Result<ExecutionReport, CommandError> {
        let add = AddOrder::of(order, self.now()).map_err(CommandError::NotSent)?;
        self.rest.command(&add).await.map_err(|failure| failure.about(&order.client_order_id))
    }

    async fn cancel_order(&self, target: &Target) -> Result<ExecutionReport, CommandError> {
        let cancelled = self.rest.command(&CancelOrder { target, at: self.now() }).await;
        cancelled.map_err(|failure| about(target, failure))
    }

    async fn amend_order(&self, target: &Target, amendment: &Amendment) -> Result<ExecutionReport, CommandError> {
        let amended = self.rest.command(&AmendOrder { target, amendment, at: self.now() }).await;
        amended.map_err(|failure| about(target, failure))
    }

    /// By the exchange's id in one question. By ours among the open orders first, so that one that ends meanwhile is found
    /// among the closed ones.
    async fn query_order(&self, target: &Target) -> Result<Option<ExecutionReport>, Error> {
        let symbol = &*target.instrument.symbol;
        if let Some(id) = &target.exchange_order_id {
            return Ok(self.order_by_id(id, symbol).await?.map(|(report, _)| report));
        }
        let Some(id) = &target.client_order_id else { return Ok(None) };
        let open = OpenOrders { symbol: Some(symbol), client_order_id: Some(id), names: &self.names, at: self.now() };
        if let Some(report) = self.rest.send(&open).await?.rows.pop() {
            return Ok(Some(report));
        }
        let closed = ClosedOrders { symbol, of: ClosedOf::Id(id), names: &self.names, at: self.now() };
        Ok(self.rest.send(&closed).await?.rows.pop())
    }

    async fn order_by_id(
        &self,
        id: &ExchangeOrderId,
        symbol: &str,
    ) -> Result<Option<(ExecutionReport, Vec<String>)>, Error> {
        match self.rest.send(&QueryOrders { id: id.as_str(), symbol, at: self.now() }).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            answer => answer,
        }
    }

    /// The fills of one order: the order names them, and so many of them are asked for at once.
    async fn fills_of(
        &self,
        order: &ExchangeOrderId,
        symbol: &str,
        page: Option<&str>,
    ) -> Result<Page<FillReport>, Error> {
        let unreadable = |_| Error::new(ErrorKind::InvalidRequest, "a page that is no offset");
        let offset: usize = page.unwrap_or("0").parse().map_err(unreadable)?;
        let ids = self.order_by_id(order, symbol).await?.map(|(_, ids)| ids).unwrap_or_default();
        let end = ids.len().min(offset.saturating_add(TRADES_NAMED));
        let named = ids.get(offset..end).unwrap_or_default();
        let rows = match named {
            [] => Vec::new(),
            ids => self.rest.send(&QueryTrades { ids, symbol, names: &self.names }).await?,
        };
        Ok(Page { rows, next: (end < ids.len()).then(|| end.to_string()), goes_back: false })
    }

    async fn rendered(&self, action: &Action, at: Option<Timestamp>) -> Result<RenderedRequest, Error> {
        let (now, names) = (self.now(), &self.names);
        match action {
            Action::Place(order) => self.rest.render(&AddOrder::of(order, now)?, at).await,
            Action::Cancel(target) => self.rest.render(&CancelOrder { target, at: now }, at).await,
            Action::Query(target) => {
                let symbol = &*target.instrument.symbol;
                match (&target.exchange_order_id, &target.client_order_id) {
                    (Some(id), _) => self.rest.render(&QueryOrders { id: id.as_str(), symbol, at: now }, at).await,
                    (None, client_order_id) => {
                        let client_order_id = client_order_id.as_ref();
                        self.rest
                            .render(&OpenOrders { symbol: Some(symbol), client_order_id, names, at: now }, at)
                            .await
                    }
                }
            }
            Action::OpenOrders(_) => {
                self.rest.render(&OpenOrders { symbol: None, client_order_id: None, names, at: now }, at).await
            }
            Action::Fills(instrument) => {
                self.rest.render(&TradesHistory { of: None, symbol: &instrument.symbol, names }, at).await
            }
            Action::Balances => self.rest.render(&Balances { names }, at).await,
            Action::Login => self.rest.render(&StreamTokens, at).await,
            _ => Err(Error::new(ErrorKind::Unsupported, "this exchange has no such command").with("field", "action")),
        }
    }
}

fn about(target: &Target, failure: CommandFailure) -> CommandError {
    let unnamed = || ClientOrderId::from("");
    failure.about(&target.client_order_id.clone().unwrap_or_else(unnamed))
}

impl AccountSource for KrakenAccount {
    fn market(&self) -> &Arc<dyn MarketSource> {
        &self.market
    }

    fn account(&self) -> &str {
        &self.name
    }

    fn default_fees(&self) -> FeeRates {
        DEFAULT_FEES
    }

    fn place(&self, order: Arc<NewOrder>) -> BoxFuture<'static, Result<ExecutionReport, CommandError>> {
        let account = self.clone();
        async move { account.place_order(&order).await }.boxed()
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
        async move { account.amend_order(&order, &amendment).await }.boxed()
    }

    fn order<'a>(&'a self, order: &'a Target) -> BoxFuture<'a, Result<Option<ExecutionReport>, Error>> {
        self.query_order(order).boxed()
    }

    fn looks_in_lists(&self) -> bool {
        true
    }

    fn open_orders<'a>(
        &'a self,
        instrument: Option<&'a Instrument>,
        _: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Page<ExecutionReport>, Error>> {
        let symbol = instrument.map(|instrument| &*instrument.symbol);
        async move {
            self.rest.send(&OpenOrders { symbol, client_order_id: None, names: &self.names, at: self.now() }).await
        }
        .boxed()
    }

    fn orders<'a>(&'a self, of: &'a History<'a>) -> BoxFuture<'a, Result<Page<ExecutionReport>, Error>> {
        let symbol = &*of.instrument.symbol;
        async move {
            self.rest.send(&ClosedOrders { symbol, of: ClosedOf::Window(of), names: &self.names, at: self.now() }).await
        }
        .boxed()
    }

    fn fills<'a>(&'a self, of: &'a FillQuery<'a>) -> BoxFuture<'a, Result<Page<FillReport>, Error>> {
        async move {
            match of {
                FillQuery::Window(of) => {
                    let symbol = &*of.instrument.symbol;
                    self.rest.send(&TradesHistory { of: Some(of), symbol, names: &self.names }).await
                }
                FillQuery::Order { instrument, order, page } => self.fills_of(order, &instrument.symbol, *page).await,
            }
        }
        .boxed()
    }

    fn balances(&self) -> BoxFuture<'_, Result<BalanceSnapshot, Error>> {
        async { self.rest.send(&Balances { names: &self.names }).await }.boxed()
    }

    fn fees<'a>(&'a self, instrument: &'a Instrument) -> BoxFuture<'a, Result<FeeRates, Error>> {
        async move { self.rest.send(&TradeVolume { symbol: &instrument.symbol }).await }.boxed()
    }

    fn private_stream(&self) -> Arc<dyn StreamDialect> {
        Arc::new(self.stream.clone())
    }

    fn private_topics(&self) -> Vec<Arc<str>> {
        TOPICS.map(Arc::from).into()
    }

    fn decode_private(&self, frame: &[u8]) -> Result<PrivateFrame, Error> {
        decode_private(frame)
    }

    fn render<'a>(
        &'a self,
        action: &'a Action,
        at: Option<Timestamp>,
    ) -> BoxFuture<'a, Result<RenderedRequest, Error>> {
        self.rendered(action, at).boxed()
    }
}
