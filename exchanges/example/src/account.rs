//! The account: what the framework asks of it.

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use tradewire_core::{
    BalanceSnapshot, ClientOrderId, CommandError, Error, ErrorKind, ExecutionReport, FeeRates, FillReport, Instrument,
    Timestamp,
};
use tradewire_tracking::{
    AccountSource, Action, FillQuery, History, MarketSource, NewOrder, Page, PerpetualSource, PrivateFrame, Target,
    session,
};
use tradewire_transport::{Credentials, RECV_WINDOW, RenderedRequest, RestClient, SigningAlgorithm, StreamDialect};

use crate::Example;
use crate::account_reads::{Balances, Fees, Fills, OpenOrders, PastOrders, QueryOrder};
use crate::auth::RestSigning;
use crate::config::DEFAULT_FEES;
use crate::order_commands::{CancelOrder, PlaceOrder};
use crate::perpetual::Perpetual;
use crate::user_stream::{AccountStream, decode_private};

/// An account on the exchange. Clones are the same one.
#[derive(Clone, Debug)]
pub struct ExampleAccount {
    name: String,
    market: Arc<dyn MarketSource>,
    rest: RestClient,
    stream: AccountStream,
    /// What it has besides where contracts are traded.
    perpetual: Option<Perpetual>,
}

impl ExampleAccount {
    /// The account of a key. Nothing is sent before it is asked for something.
    ///
    /// # Errors
    /// `Config` for a key of another kind than HMAC-SHA256, or for addresses without that of the account socket.
    pub fn new(market: Arc<Example>, credentials: Credentials) -> Result<Self, Error> {
        if credentials.algorithm() != SigningAlgorithm::HmacSha256 {
            return Err(Error::new(ErrorKind::Config, "this exchange takes HMAC-SHA256 keys only"));
        }
        let no_socket = || Error::new(ErrorKind::Config, "the address of the account socket is missing");
        let url = market.servers().account.clone().ok_or_else(no_socket)?;
        let name = credentials.account_name(market.capabilities().exchange, &market.servers().label);
        let session = session(credentials, RECV_WINDOW, &market);
        let rest = market.rest().signed(session.clone(), market.limits().account(&name), RestSigning);
        let perpetual = market.capabilities().perpetual.is_some().then(|| Perpetual::new(rest.clone()));
        Ok(Self { name, market, rest, stream: AccountStream { url, session }, perpetual })
    }

    async fn place_order(&self, order: &NewOrder) -> Result<ExecutionReport, CommandError> {
        let place = PlaceOrder::of(order).map_err(CommandError::NotSent)?;
        self.rest.command(&place).await.map_err(|failure| failure.about(&order.client_order_id))
    }

    async fn cancel_order(&self, target: &Target) -> Result<ExecutionReport, CommandError> {
        let unnamed = || ClientOrderId::from("");
        let cancelled = self.rest.command(&CancelOrder { target }).await;
        cancelled.map_err(|failure| failure.about(&target.client_order_id.clone().unwrap_or_else(unnamed)))
    }

    async fn query_order(&self, target: &Target) -> Result<Option<ExecutionReport>, Error> {
        match self.rest.send(&QueryOrder { target }).await {
            Ok(report) => Ok(Some(report)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn rendered(&self, action: &Action, at: Option<Timestamp>) -> Result<RenderedRequest, Error> {
        match action {
            Action::Place(order) => self.rest.render(&PlaceOrder::of(order)?, at).await,
            Action::Cancel(target) => self.rest.render(&CancelOrder { target }, at).await,
            Action::Query(target) => self.rest.render(&QueryOrder { target }, at).await,
            Action::OpenOrders(instrument) => {
                let symbol = instrument.as_ref().map(|instrument| &*instrument.symbol);
                self.rest.render(&OpenOrders { symbol }, at).await
            }
            Action::Fills(instrument) => self.rest.render(&Fills::Newest { symbol: &instrument.symbol }, at).await,
            Action::Balances => self.rest.render(&Balances, at).await,
            Action::Login => self.stream.signed_login().render(&self.stream.url, at).await,
            _ => match &self.perpetual {
                Some(contracts) => contracts.rendered(action, at).await,
                None => {
                    Err(Error::new(ErrorKind::Unsupported, "this market has no such command").with("field", "action"))
                }
            },
        }
    }
}

impl AccountSource for ExampleAccount {
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

    fn order<'a>(&'a self, order: &'a Target) -> BoxFuture<'a, Result<Option<ExecutionReport>, Error>> {
        self.query_order(order).boxed()
    }

    fn open_orders<'a>(
        &'a self,
        instrument: Option<&'a Instrument>,
        _: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Page<ExecutionReport>, Error>> {
        let symbol = instrument.map(|instrument| &*instrument.symbol);
        async move { self.rest.send(&OpenOrders { symbol }).await }.boxed()
    }

    fn orders<'a>(&'a self, of: &'a History<'a>) -> BoxFuture<'a, Result<Page<ExecutionReport>, Error>> {
        async move { self.rest.send(&PastOrders { of }).await }.boxed()
    }

    fn fills<'a>(&'a self, of: &'a FillQuery<'a>) -> BoxFuture<'a, Result<Page<FillReport>, Error>> {
        async move { self.rest.send(&Fills::of(of)).await }.boxed()
    }

    fn balances(&self) -> BoxFuture<'_, Result<BalanceSnapshot, Error>> {
        async { self.rest.send(&Balances).await }.boxed()
    }

    fn fees<'a>(&'a self, instrument: &'a Instrument) -> BoxFuture<'a, Result<FeeRates, Error>> {
        async move { self.rest.send(&Fees { symbol: &instrument.symbol }).await }.boxed()
    }

    fn perpetual(&self) -> Option<&dyn PerpetualSource> {
        self.perpetual.as_ref().map(|contracts| contracts as &dyn PerpetualSource)
    }

    fn private_stream(&self) -> Arc<dyn StreamDialect> {
        Arc::new(self.stream.clone())
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
