use std::fmt::Debug;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tradewire_core::{
    Amendment, BalanceSnapshot, ClientOrderId, CommandError, Decimal, Error, ErrorKind, ExchangeOrderId,
    ExecutionReport, FeeRates, FillReport, FundingReport, Instrument, MarginTier, OrderRequest, PositionMode,
    PositionReport, PositionSide, PrivateMessage, Timestamp,
};
use tradewire_transport::{CallWatch, RenderedRequest, StreamDialect};

use crate::{MarketSource, Setting, SettingChange};

/// What an exchange supplies for trading: commands and reads, each sent once, and a pure decoder of its private stream.
///
/// No loops, retries, tasks or clocks in an implementation: the framework has them once for all exchanges. The transport
/// repeats reads, signs, and says of each command whether it is proved unsent, refused, or of unknown outcome.
pub trait AccountSource: Send + Sync + Debug + 'static {
    /// The public side of the same exchange; limits of the address, clock and connections are shared with it.
    fn market(&self) -> &Arc<dyn MarketSource>;
    /// Names the account without telling a secret: exchange, environment or address, and a digest of the key. A journal
    /// belongs to the accounts that it names.
    fn account(&self) -> &str;
    /// The commission until the account's own is known.
    fn default_fees(&self) -> FeeRates;

    /// Sends a new order. The report says `Received` where the reply means no more than that.
    fn place(&self, order: Arc<NewOrder>) -> BoxFuture<'static, Result<ExecutionReport, CommandError>>;
    /// Sends several new orders in one command: one outcome for each, in their order. None is conditional.
    fn place_batch(
        &self,
        orders: Vec<Arc<NewOrder>>,
    ) -> BoxFuture<'static, Vec<Result<ExecutionReport, CommandError>>> {
        Box::pin(ready(orders.iter().map(|_| Err(no_command("batch"))).collect()))
    }
    /// How many orders a command of [`Self::place_batch`] takes; 1 where there is none, as it is if this is left out.
    fn batch_max(&self) -> usize {
        1
    }
    /// Cancels one order.
    fn cancel(&self, order: Arc<Target>) -> BoxFuture<'static, Result<ExecutionReport, CommandError>>;
    /// Changes one order. `NotSent(Unsupported)` where the exchange has no such command, as it is if this is left out.
    fn amend(&self, _order: Arc<Target>, _by: Amendment) -> BoxFuture<'static, Result<ExecutionReport, CommandError>> {
        Box::pin(ready(Err(no_command("amend"))))
    }
    /// Cancels one order and places another in one command. `NotSent(Unsupported)` where the exchange has none, as it is if
    /// this is left out.
    fn replace(&self, _order: Arc<Target>, _by: Arc<NewOrder>) -> BoxFuture<'static, Replaced> {
        let none = || Err(no_command("cancel_replace"));
        Box::pin(ready(Replaced { cancelled: none(), placed: none() }))
    }
    /// Cancels every order of an instrument, also those of others. The reports are of the orders that it ended.
    /// `NotSent(Unsupported)` where the exchange has no such command, as it is if this is left out.
    fn cancel_all(
        &self,
        _instrument: Arc<Instrument>,
    ) -> BoxFuture<'static, Result<Vec<ExecutionReport>, CommandError>> {
        Box::pin(ready(Err(no_command("cancel_all"))))
    }

    /// Has the exchange cancel all orders of an instrument when it hears nothing for so long; no time switches that off.
    /// `NotSent(Unsupported)` where the exchange has no such switch, as it is if this is left out.
    fn dead_man_switch(
        &self,
        _instrument: Arc<Instrument>,
        _after: Option<Duration>,
    ) -> BoxFuture<'static, Result<(), CommandError>> {
        Box::pin(ready(Err(no_command("dead_man_switch"))))
    }

    /// Asks for one order; `None`: the exchange knows no such order.
    fn order<'a>(&'a self, order: &'a Target) -> BoxFuture<'a, Result<Option<ExecutionReport>, Error>>;
    /// Whether [`Self::order`] looks for an order without the exchange's id in lists of the account's orders: several of them are
    /// then looked for in the lists at once. Else each is asked for by itself, as it is if this is left out.
    fn looks_in_lists(&self) -> bool {
        false
    }
    /// One page of the open orders of an instrument, or of the account.
    fn open_orders<'a>(
        &'a self,
        instrument: Option<&'a Instrument>,
        page: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Page<ExecutionReport>, Error>>;
    /// One page of the orders of an instrument that were created in a window, oldest first. Older pages may follow.
    fn orders<'a>(&'a self, of: &'a History<'a>) -> BoxFuture<'a, Result<Page<ExecutionReport>, Error>>;
    /// One page of the account's fills, oldest first. Older pages may follow.
    fn fills<'a>(&'a self, of: &'a FillQuery<'a>) -> BoxFuture<'a, Result<Page<FillReport>, Error>>;
    /// The client order id under which an order was placed, where an amendment gives it another and lists show only the
    /// newest; `None` if it has had but one.
    fn placed_as<'a>(
        &'a self,
        _instrument: &'a Instrument,
        _order: &'a ExchangeOrderId,
    ) -> BoxFuture<'a, Result<Option<ClientOrderId>, Error>> {
        Box::pin(ready(Ok(None)))
    }
    /// All balances.
    fn balances(&self) -> BoxFuture<'_, Result<BalanceSnapshot, Error>>;
    /// The account's commission on an instrument.
    fn fees<'a>(&'a self, instrument: &'a Instrument) -> BoxFuture<'a, Result<FeeRates, Error>>;

    /// What the account has besides orders and balances where contracts are traded; `None` where assets are.
    fn perpetual(&self) -> Option<&dyn PerpetualSource> {
        None
    }

    /// Address, login and control frames of the private stream.
    fn private_stream(&self) -> Arc<dyn StreamDialect>;
    /// The topics of the private stream; empty where the login subscribes everything.
    fn private_topics(&self) -> Vec<Arc<str>> {
        Vec::new()
    }
    /// Decodes one frame of the private stream. Pure.
    ///
    /// # Errors
    /// Kind `Decode` with the frame, for one that is not as documented.
    fn decode_private(&self, frame: &[u8]) -> Result<PrivateFrame, Error>;

    /// Tells whether commands can leave, where they take a socket that the source keeps open; `None` where each is a request
    /// by itself. The account is not ready while they cannot.
    fn command_socket(&self) -> Option<CallWatch> {
        None
    }
    /// Ends what the source keeps open by itself, such as a socket for commands. Commands are `NotSent` afterwards.
    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(ready(()))
    }

    /// The exact signed request of an action, as it would be sent at `at`; our clock's time if absent. Sends nothing.
    fn render<'a>(&'a self, action: &'a Action, at: Option<Timestamp>)
    -> BoxFuture<'a, Result<RenderedRequest, Error>>;
}

fn no_command(command: &'static str) -> CommandError {
    CommandError::NotSent(Error::new(ErrorKind::Unsupported, "the exchange has no such command").with("field", command))
}

/// What an exchange supplies for perpetuals, each call sent once. Settings are read as they are, never assumed.
pub trait PerpetualSource: Send + Sync + Debug {
    /// All positions, or those of one instrument. Closed ones may be left out.
    fn positions<'a>(&'a self, instrument: Option<&'a Instrument>)
    -> BoxFuture<'a, Result<Vec<PositionReport>, Error>>;
    /// The settings that the exchange keeps for an instrument, or for what it belongs to; without one, those that it keeps for
    /// the account. Each is told in one of the two, so that every endpoint is asked once; what the exchange does not tell is left
    /// out. A leverage for both sides is one entry.
    fn settings<'a>(&'a self, of: Option<&'a Instrument>) -> BoxFuture<'a, Result<Vec<Setting>, Error>>;
    /// Changes a setting of an instrument, or of the scope that it belongs to. "Already so" is success.
    ///
    /// It does not wait until the change shows: [`Self::settings`] reads it back.
    fn change_setting(
        &self,
        instrument: Arc<Instrument>,
        to: SettingChange,
    ) -> BoxFuture<'static, Result<(), CommandError>>;
    /// One page of the funding payments of an instrument that were booked in a window, oldest first.
    fn funding_payments<'a>(&'a self, of: &'a History<'a>) -> BoxFuture<'a, Result<Page<FundingReport>, Error>>;
    /// The margin that positions of an instrument need, by their value, lowest first.
    fn margin_tiers<'a>(&'a self, instrument: &'a Instrument) -> BoxFuture<'a, Result<Vec<MarginTier>, Error>>;
}

/// The wire that order commands take, where an exchange has both. They mean the same on both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OrderEntry {
    /// A REST request each.
    #[default]
    Rest,
    /// Calls over one socket that is kept open.
    Socket,
}

/// A checked order on its way to the exchange.
#[derive(Clone, Debug)]
pub struct NewOrder {
    /// What is asked for; it fits the instrument's rules.
    pub request: OrderRequest,
    /// Its id, made by us or taken from the request.
    pub client_order_id: ClientOrderId,
    /// The instrument.
    pub instrument: Arc<Instrument>,
}

/// An order that a command or a question is about. At least one of its ids is known; exchanges differ in which they ask for.
#[derive(Clone, Debug)]
pub struct Target {
    /// The instrument.
    pub instrument: Arc<Instrument>,
    /// Our id.
    pub client_order_id: Option<ClientOrderId>,
    /// The exchange's id.
    pub exchange_order_id: Option<ExchangeOrderId>,
    /// Whether it is a conditional order, and not known to have been triggered: some exchanges keep those apart.
    pub conditional: bool,
}

/// What became of a command that cancels and places.
#[derive(Debug)]
pub struct Replaced {
    /// The cancel's outcome.
    pub cancelled: Result<ExecutionReport, CommandError>,
    /// The new order's outcome. `NotSent` where the failed cancel kept it back.
    pub placed: Result<ExecutionReport, CommandError>,
}

/// A window of an instrument's history. Times are by the exchange's clock, both ends included.
#[derive(Clone, Copy, Debug)]
pub struct History<'a> {
    /// The instrument.
    pub instrument: &'a Instrument,
    /// From when.
    pub from: Timestamp,
    /// Until when: no further from `from` than the exchange's longest window.
    pub until: Timestamp,
    /// The page, as the page before named it; `None` for the first.
    pub page: Option<&'a str>,
}

/// Which fills are asked for.
#[derive(Clone, Copy, Debug)]
pub enum FillQuery<'a> {
    /// Those of a window.
    Window(History<'a>),
    /// Those of one order.
    Order {
        /// The instrument.
        instrument: &'a Instrument,
        /// The order.
        order: &'a ExchangeOrderId,
        /// The page, as the page before named it; `None` for the first.
        page: Option<&'a str>,
    },
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// Its rows, oldest first.
    pub rows: Vec<T>,
    /// The name of the next page; `None` if this is the last.
    pub next: Option<String>,
    /// Whether the rows of the next page are older than these.
    pub goes_back: bool,
}

/// What a frame of the private stream is.
#[derive(Debug)]
#[non_exhaustive]
pub enum PrivateFrame {
    /// What it tells, in its order; and one error for each part of it that could not be read.
    Messages(Vec<PrivateMessage>, Vec<Error>),
    /// The answer to a login or a request to subscribe. An answer that refuses holds the reason.
    Reply {
        /// The request's id.
        id: u64,
        /// Why it was refused.
        refused: Option<Error>,
    },
    /// The answer to the exchange's own kind of ping.
    Pong,
    /// The exchange has ended the subscription; the socket is still open.
    SubscriptionEnded,
    /// The exchange will close this connection soon.
    ShutdownNotice,
    /// Valid, but of a kind that is not known, by its name.
    Unknown(String),
}

/// An action whose request can be shown without being sent.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Action {
    /// A new order.
    Place(NewOrder),
    /// A cancel.
    Cancel(Target),
    /// A question for one order.
    Query(Target),
    /// A question for open orders, of one instrument or of all.
    OpenOrders(Option<Arc<Instrument>>),
    /// A question for fills of an instrument.
    Fills(Arc<Instrument>),
    /// A question for balances.
    Balances,
    /// A question for positions.
    Positions,
    /// A change of the leverage.
    Leverage(Arc<Instrument>, Option<PositionSide>, Decimal),
    /// A change of the position mode.
    PositionMode(Arc<Instrument>, PositionMode),
    /// The login of a private socket.
    Login,
}
