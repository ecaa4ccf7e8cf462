use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tradewire::tracking::Durability;
use tradewire::{
    AccountChange, AccountEvent, ClientOrderId, CommandError, Connector, ConnectorEvents, Error, ErrorKind, Event,
    MarketConfig, Order, OrderChange, OrderRequest, Pair, TradingConfig,
};
use tradewire_journal::SqliteJournal;

use super::event_view::{self, EventView};
use super::order_view::OrderView;
use super::outcome::{self, About, OutcomeView};
use super::{account, recorded};
use crate::args::PlaceArgs;
use crate::connect::{self, Begin};
use crate::credentials::create_folder;
use crate::failure::Failure;
use crate::output;
use crate::stop::Stop;

/// How long the events of an answer that is known already may take to arrive.
const EVENTS_WAIT: Duration = Duration::from_secs(2);

/// `tradewire order place`: the order is recorded before it is sent, and what becomes of it is told as it happens.
pub(super) async fn run(args: &PlaceArgs, mut stop: Stop) -> Result<(), Failure> {
    let order = args.order.request()?;
    let id = order.client_order_id.clone();
    let nothing_sent =
        |failure| outcome::nothing_sent(failure, id.as_ref().map(ClientOrderId::as_str), args.account.json);
    let connector = start(args, order.pair.clone()).map_err(nothing_sent)?;
    let result = match prepare(&connector, &order, args, &mut stop).await {
        Ok(()) => place(&connector, order, args, &mut stop).await,
        Err(failure) => Err(nothing_sent(failure)),
    };
    connector.stop().await;
    result
}

/// The account, and the journal in which the order is recorded.
fn start(args: &PlaceArgs, pair: Pair) -> Result<Connector, Failure> {
    let source = account::required(&args.exchange, &args.account.who, &args.account.addresses)?;
    let path = recorded::path(&args.account)?;
    if let Some(folder) = path.parent() {
        let cannot = |cause| Failure::failed(format!("cannot create {}: {cause}", folder.display()));
        create_folder(folder).map_err(cannot)?;
    }
    let journal = Arc::new(SqliteJournal::open(&path, source.account(), Durability::default())?);
    Ok(Connector::start(source, MarketConfig::default(), TradingConfig::new(journal), [pair])?)
}

/// What comes before the order: the account must be ready, and the leverage set.
async fn prepare(
    connector: &Connector,
    order: &OrderRequest,
    args: &PlaceArgs,
    stop: &mut Stop,
) -> Result<(), Failure> {
    if matches!(connect::ready(connector.market(), args.account.wait(), stop).await?, Begin::Stopped) {
        return Err(Failure::failed("stopped before anything was sent"));
    }
    if let Some(leverage) = args.leverage {
        let set = connector.set_leverage(&order.pair, order.position_side, leverage).await;
        set.map_err(|error| About::Setting("the leverage").failure(&args.exchange, &error))?;
    }
    Ok(())
}

async fn place(connector: &Connector, order: OrderRequest, args: &PlaceArgs, stop: &mut Stop) -> Result<(), Failure> {
    let mut teller = Teller { events: connector.events(), args, id: None, known: Known::Nothing };
    let result = teller.follow(connector, order, stop).await;
    let id = teller.id.as_ref().map(ClientOrderId::as_str);
    match result.map_err(|failure| outcome::not_known(failure, id, args.account.json))? {
        Ok(order) => tell_accepted(&args.exchange, &order, args.account.json),
        Err(error) => {
            if args.account.json {
                output::even_if_closed(output::json(&OutcomeView::failed(id, &error)))?;
            }
            Err(About::Order(id).failure(&args.exchange, &error))
        }
    }
}

fn tell_accepted(exchange: &str, order: &Order, json: bool) -> Result<(), Failure> {
    let view = OrderView::of_order(exchange, None, order);
    if json { output::json(&OutcomeView::accepted(view)) } else { output::line(view.line()) }
}

/// What the events have told of the order so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Nothing,
    Accepted,
    Rejected,
    /// It is over, after it was accepted.
    Ended,
}

/// Tells what happens to one order.
struct Teller<'a> {
    events: ConnectorEvents,
    args: &'a PlaceArgs,
    id: Option<ClientOrderId>,
    known: Known,
}

impl Teller<'_> {
    /// Places the order and tells its events until there is an answer. An unknown outcome is waited for as long as the
    /// command waits.
    async fn follow(
        &mut self,
        connector: &Connector,
        order: OrderRequest,
        stop: &mut Stop,
    ) -> Result<Result<Order, CommandError>, Failure> {
        let mut placing = connector.place(order);
        self.id = placing.client_order_id().cloned();
        let result = loop {
            tokio::select! {
                result = &mut placing => break result,
                event = self.events.next() => self.tell(event?)?,
                () = stop.wait() => break Err(self.stopped()),
            }
        };
        match &result {
            Ok(order) if order.state.is_live() => self.until(|known| known != Known::Nothing, EVENTS_WAIT).await?,
            Ok(_) => self.until(|known| known == Known::Ended, EVENTS_WAIT).await?,
            Err(CommandError::Unknown { .. }) => {
                let wait = self.args.account.wait();
                tokio::select! {
                    told = self.until(|known| known != Known::Nothing, wait) => told?,
                    () = stop.wait() => {}
                }
                return self.by_now(connector, result).await;
            }
            Err(_) if self.id.is_some() => self.until(|known| known == Known::Rejected, EVENTS_WAIT).await?,
            Err(_) => {}
        }
        Ok(result)
    }

    /// The program is to stop while the order is on its way.
    fn stopped(&self) -> CommandError {
        let cause = Error::new(ErrorKind::Timeout, "stopped before the exchange had answered");
        match &self.id {
            Some(id) => CommandError::Unknown { client_order_id: id.clone(), cause },
            None => CommandError::NotSent(cause),
        }
    }

    /// What is known by now of an order whose outcome was unknown.
    async fn by_now(
        &self,
        connector: &Connector,
        unknown: Result<Order, CommandError>,
    ) -> Result<Result<Order, CommandError>, Failure> {
        let order = match &self.id {
            Some(id) => connector.order(id).await?,
            None => None,
        };
        Ok(match (self.known, order) {
            (Known::Accepted | Known::Ended, Some(order)) => Ok(order),
            (Known::Rejected, _) => {
                Err(CommandError::Rejected(Error::new(ErrorKind::NotFound, "the exchange has never accepted it")))
            }
            _ => unknown,
        })
    }

    /// Tells events until enough is known, or the time is over.
    async fn until(&mut self, enough: impl Fn(Known) -> bool, wait: Duration) -> Result<(), Failure> {
        let limit = Instant::now() + wait;
        while !enough(self.known) {
            match timeout_at(limit, self.events.next()).await {
                Ok(event) => self.tell(event?)?,
                Err(_) => return Ok(()),
            }
        }
        Ok(())
    }

    fn tell(&mut self, event: Option<Event>) -> Result<(), Failure> {
        let event = event.ok_or_else(|| Failure::failed("the connector has stopped"))?;
        match event {
            Event::Account(event) => self.tell_account(&event),
            _ => Ok(()),
        }
    }

    fn tell_account(&mut self, event: &AccountEvent) -> Result<(), Failure> {
        let AccountChange::Order(about) = &event.change else { return Ok(()) };
        if self.id.as_ref() != Some(&about.client_order_id) {
            return Ok(());
        }
        self.known = match &about.change {
            OrderChange::Rejected(_) => Known::Rejected,
            OrderChange::Completed | OrderChange::Cancelled(_) | OrderChange::Expired(_) => Known::Ended,
            OrderChange::Open | OrderChange::Fill(_) if self.known == Known::Nothing => Known::Accepted,
            _ => self.known,
        };
        // The order goes on, whether somebody reads of it or not.
        output::even_if_closed(if self.args.account.json {
            output::json(&EventView::of(&self.args.exchange, event, about))
        } else {
            output::line(event_view::text(about))
        })
    }
}
