use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use tradewire_core::{
    Amendment, BalanceSnapshot, ClientOrderId, CommandError, Error, ErrorKind, ExchangeOrderId, ExecutionReport,
    FeeRates, FillReport, Instrument, Timestamp,
};
use tradewire_tracking::{
    AccountSource, Action, FillQuery, History, MarketSource, NewOrder, OrderEntry, Page, PrivateFrame, Replaced, Target,
};
use tradewire_transport::{CallWatch, CommandFailure, Credentials, Login, RenderedRequest, StreamDialect};

use super::account_reads::{Account, Commission, MyTrades};
use super::cancel_replace::{CancelReplace, not_sent, replaced};
use super::order_arguments::OrderArguments;
use super::order_commands::{AmendOrder, CancelAllOrders, CancelOrder, PlaceOrder};
use super::order_reads::{AllOrders, Amendments, OpenOrders, QueryOrder};
use super::user_stream::decode_private;
use super::{BinanceSpot, Spot};
use crate::account::Base;
use crate::account_endpoints::id_of;
use crate::auth::SignedLogin;
use crate::private_stream::PrivateStream;
use crate::product::Product;

/// The call that brings the events of the account that signs it; all types of keys can.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/websocket-api/user-data-stream-requests>
const SUBSCRIBE: &str = "userDataStream.subscribe.signature";

/// An account on Binance spot. Clones are the same one.
#[derive(Clone, Debug)]
pub struct SpotAccount {
    base: Base,
    stream: PrivateStream,
}

impl SpotAccount {
    /// The account of a key. Nothing is sent before it is asked for something, but a socket for commands connects at once:
    /// with [`OrderEntry::Socket`] this must be called within a runtime.
    ///
    /// # Errors
    /// `Config` for a receive window that the exchange does not take, or an address that cannot be one.
    pub fn new(spot: Arc<BinanceSpot>, credentials: Credentials, entry: OrderEntry) -> Result<Self, Error> {
        let base = Base::open(spot.clone(), credentials, entry)?;
        let login = Login::new(base.session.clone(), Arc::new(SignedLogin { method: SUBSCRIBE }));
        let url = spot.addresses().calls.clone();
        let stream = PrivateStream { url, login: Some(login), key: None, decode: decode_private };
        Ok(Self { base, stream })
    }

    /// Waits until commands can leave: at once with REST, else until the socket for them is connected.
    ///
    /// # Errors
    /// `NotReady` if the account was closed.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn connected(&self) -> Result<(), Error> {
        self.base.commands.connected().await
    }

    async fn place_order(&self, order: &NewOrder) -> Result<ExecutionReport, CommandError> {
        let arguments = OrderArguments::of(order).map_err(CommandError::NotSent)?;
        let placed = self.base.commands.send(&PlaceOrder(arguments)).await;
        placed.map_err(|failure| failure.about(&order.client_order_id))
    }

    async fn cancel_order(&self, target: &Target) -> Result<ExecutionReport, CommandError> {
        let cancelled = self.base.commands.send(&CancelOrder(target)).await;
        cancelled.map_err(|failure| failure.about(&id_of(target)))
    }

    async fn amend_order(&self, target: &Target, amendment: Amendment) -> Result<ExecutionReport, CommandError> {
        let refused = |kind, text, field| Err(CommandError::NotSent(Error::new(kind, text).with("field", field)));
        let quantity = match amendment {
            Amendment { price: Some(_), .. } => {
                return refused(ErrorKind::Unsupported, "Binance spot does not amend prices", "price");
            }
            Amendment { quantity: None, .. } => {
                return refused(ErrorKind::InvalidRequest, "nothing is to be amended", "quantity");
            }
            Amendment { quantity: Some(quantity), .. } => quantity,
        };
        let amended = self.base.commands.send(&AmendOrder { target, quantity }).await;
        amended.map_err(|failure| failure.about(&id_of(target)))
    }

    async fn replace_order(&self, target: &Target, order: &NewOrder) -> Replaced {
        match OrderArguments::of(order) {
            Ok(order_arguments) => {
                let answer = self.base.commands.send(&CancelReplace { target, order: order_arguments }).await;
                replaced(answer, target, order)
            }
            Err(error) => not_sent(error),
        }
    }

    /// "No such order" is the answer where nothing is open, and then nothing was to be cancelled.
    async fn cancel_all_orders(&self, symbol: &str) -> Result<Vec<ExecutionReport>, CommandError> {
        match self.base.commands.send(&CancelAllOrders { symbol }).await {
            Err(failure) if failure.error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            ended => ended.map_err(|failure: CommandFailure| failure.about(&ClientOrderId::from(""))),
        }
    }

    async fn query_order(&self, target: &Target) -> Result<Option<ExecutionReport>, Error> {
        match self.base.rest.send(&QueryOrder(target)).await {
            Ok(report) => Ok(Some(report)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn rendered(&self, action: &Action, at: Option<Timestamp>) -> Result<RenderedRequest, Error> {
        match action {
            Action::Place(order) => self.base.commands.render(&PlaceOrder(OrderArguments::of(order)?), at).await,
            Action::Cancel(target) => self.base.commands.render(&CancelOrder(target), at).await,
            Action::Query(target) => self.base.rest.render(&QueryOrder(target), at).await,
            Action::OpenOrders(instrument) => {
                let symbol = instrument.as_ref().map(|instrument| &*instrument.symbol);
                self.base.rest.render(&OpenOrders { symbol }, at).await
            }
            Action::Fills(instrument) => self.base.rest.render(&MyTrades::newest(&instrument.symbol), at).await,
            Action::Balances => self.base.rest.render(&Account, at).await,
            Action::Login => match &self.stream.login {
                Some(login) => login.render(&self.stream.url, at).await,
                None => Err(Error::new(ErrorKind::Unsupported, "there is no login")),
            },
            _ => Err(Error::new(ErrorKind::Unsupported, "Binance spot has no such request")),
        }
    }
}

impl AccountSource for SpotAccount {
    fn market(&self) -> &Arc<dyn MarketSource> {
        &self.base.market
    }

    fn account(&self) -> &str {
        &self.base.name
    }

    fn default_fees(&self) -> FeeRates {
        Spot::DEFAULT_FEES
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
        async move { account.amend_order(&order, amendment).await }.boxed()
    }

    fn replace(&self, order: Arc<Target>, by: Arc<NewOrder>) -> BoxFuture<'static, Replaced> {
        let account = self.clone();
        async move { account.replace_order(&order, &by).await }.boxed()
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
        _: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Page<ExecutionReport>, Error>> {
        let symbol = instrument.map(|instrument| &*instrument.symbol);
        async move {
            let rows = self.base.rest.send(&OpenOrders { symbol }).await?;
            Ok(Page { rows, next: None, goes_back: false })
        }
        .boxed()
    }

    fn orders<'a>(&'a self, of: &'a History<'a>) -> BoxFuture<'a, Result<Page<ExecutionReport>, Error>> {
        async { self.base.rest.send(&AllOrders::of(of)?).await }.boxed()
    }

    fn fills<'a>(&'a self, of: &'a FillQuery<'a>) -> BoxFuture<'a, Result<Page<FillReport>, Error>> {
        async { self.base.rest.send(&MyTrades::of(of)?).await }.boxed()
    }

    fn placed_as<'a>(
        &'a self,
        instrument: &'a Instrument,
        order: &'a ExchangeOrderId,
    ) -> BoxFuture<'a, Result<Option<ClientOrderId>, Error>> {
        async move { self.base.rest.send(&Amendments { symbol: &instrument.symbol, order }).await }.boxed()
    }

    fn balances(&self) -> BoxFuture<'_, Result<BalanceSnapshot, Error>> {
        async { self.base.rest.send(&Account).await }.boxed()
    }

    fn fees<'a>(&'a self, instrument: &'a Instrument) -> BoxFuture<'a, Result<FeeRates, Error>> {
        async { self.base.rest.send(&Commission { symbol: &instrument.symbol }).await }.boxed()
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
    use super::super::order_arguments::tests::{instrument, order, target};
    use super::*;
    use crate::BinanceConfig;
    use tradewire_core::{OrderRequest, Side};
    use tradewire_transport::{Clock, Secret, SigningKey};

    const SECRET: &str = "s3cret-of-a-test";

    fn account(config: &BinanceConfig) -> SpotAccount {
        let spot = Arc::new(BinanceSpot::new(config, Clock::start()).expect("a configuration"));
        let key = SigningKey::hmac_sha256(&Secret::new(SECRET)).expect("a key");
        let credentials = Credentials::new(Secret::new("k3y-of-a-test"), key).expect("credentials");
        SpotAccount::new(spot, credentials, OrderEntry::Rest).expect("an account")
    }

    fn rendered(action: &Action) -> String {
        let at = Some(Timestamp::from_millis(1_780_000_000_123));
        let account = account(&BinanceConfig::of("testnet"));
        let rendered = account.render(action, at).now_or_never().expect("ready at once").expect("rendered");
        match rendered {
            RenderedRequest::Rest { method, url, headers, body } => {
                assert_eq!((headers.len(), headers[0].1.as_str(), body.as_str()), (1, "k3y-of-a-test", ""));
                format!("{method} {}", url.split_once("&signature=").expect("signed").0)
            }
            RenderedRequest::Frame { url, text } => {
                format!("{url} {}", text.split_once(",\"signature\"").expect("signed").0)
            }
            _ => panic!("another form"),
        }
    }

    #[test]
    fn every_action_can_be_shown() {
        const STAMP: &str = "recvWindow=5000&timestamp=1780000000123";
        let (quantity, price) = ("0.5".parse().expect("a number"), "61000.5".parse().expect("a number"));
        let limit = OrderRequest::limit("BTC-USDT".parse().expect("a pair"), Side::Buy, quantity, price);
        for (action, method, path) in [
            (
                Action::Place(order(limit)),
                "POST",
                "order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.5&price=61000.5\
                 &newClientOrderId=tw-1&newOrderRespType=FULL&",
            ),
            (Action::Cancel(target(Some("a"), Some("7"))), "DELETE", "order?symbol=BTCUSDT&orderId=7&"),
            (Action::Query(target(Some("a"), None)), "GET", "order?symbol=BTCUSDT&origClientOrderId=a&"),
            (Action::OpenOrders(Some(instrument("BTCUSDT"))), "GET", "openOrders?symbol=BTCUSDT&"),
            (Action::OpenOrders(None), "GET", "openOrders?"),
            (Action::Fills(instrument("BTCUSDT")), "GET", "myTrades?symbol=BTCUSDT&limit=1000&"),
            (Action::Balances, "GET", "account?omitZeroBalances=true&"),
        ] {
            assert_eq!(rendered(&action), format!("{method} https://testnet.binance.vision/api/v3/{path}{STAMP}"));
        }
        assert_eq!(
            rendered(&Action::Login),
            "wss://ws-api.testnet.binance.vision/ws-api/v3 {\"id\":0,\"method\":\"userDataStream.subscribe.signature\",\
             \"params\":{\"apiKey\":\"k3y-of-a-test\",\"recvWindow\":5000,\"timestamp\":1780000000123"
        );
    }

    #[test]
    fn an_account_is_named_without_telling_a_secret() {
        let testnet = account(&BinanceConfig::of("testnet"));
        let (name, digest) = testnet.account().rsplit_once(' ').expect("a digest");
        assert_eq!((name, digest.len()), ("binance-spot testnet", 12));
        assert_ne!(account(&BinanceConfig::default()).account(), testnet.account());
        for shown in [testnet.account().to_owned(), format!("{testnet:?}")] {
            assert!(!shown.contains("k3y") && !shown.contains("s3cret"), "{shown}");
        }
    }

    #[test]
    fn what_spot_cannot_do_is_not_sent() {
        let account = account(&BinanceConfig::default());
        let target = Arc::new(target(Some("a"), None));
        let amend = |amendment| account.amend(target.clone(), amendment).now_or_never().expect("refused at once");
        let price = Amendment { price: Some("1".parse().expect("a number")), quantity: None };
        assert!(matches!(amend(price), Err(CommandError::NotSent(error)) if error.kind() == ErrorKind::Unsupported));
        let nothing = amend(Amendment::default());
        assert!(matches!(nothing, Err(CommandError::NotSent(error)) if error.kind() == ErrorKind::InvalidRequest));
        assert!(account.private_topics().is_empty());
    }

    #[test]
    fn a_wrong_receive_window_is_refused_at_start() {
        let config = BinanceConfig { recv_window: std::time::Duration::ZERO, ..BinanceConfig::default() };
        let spot = Arc::new(BinanceSpot::new(&config, Clock::start()).expect("addresses"));
        let key = SigningKey::hmac_sha256(&Secret::new(SECRET)).expect("a key");
        let credentials = Credentials::new(Secret::new("k"), key).expect("credentials");
        let refused = SpotAccount::new(spot, credentials, OrderEntry::Rest).expect_err("no window");
        assert_eq!(refused.kind(), ErrorKind::Config);
    }
}
