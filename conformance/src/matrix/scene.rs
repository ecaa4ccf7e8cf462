use std::time::Duration;

use tokio::time::sleep;
use tradewire_core::{
    Amendment, ClientOrderId, CommandError, EndReason, Order, OrderChange, OrderState, Quantity, Side,
};
use tradewire_simulator::{Fault, FaultKind, OrderCommand, OrderRef};

use super::cell::Seen;
use super::command::Command;
use super::moment::Moment;
use super::trouble::{LASTS, Strikes, Trouble, silence};
use crate::bench::desk::MAIN;
use crate::bench::world::decimal;
use crate::bench::{Bench, Desk, DeskSetup};
use crate::row::Failed;

/// What the order is for, what it is amended to, and what of it is filled by reports that follow.
const QUANTITY: &str = "0.01";
const AMENDED: &str = "0.006";
const FILLED: &str = "0.003";
/// From a fault that is in force before the command to the command.
const LEAD: Duration = Duration::from_millis(100);
/// How long a command is on its way that meets a fault there; the fault comes in the middle.
const ON_ITS_WAY: Duration = Duration::from_secs(2);
/// From the placing of an order without a reply to the first question after it.
const UNTIL_ASKED: Duration = Duration::from_secs(5);

/// One fault, at one moment, on a desk.
struct Scene<'a> {
    bench: &'a Bench,
    desk: &'a Desk,
    trouble: Trouble,
    moment: Moment,
}

/// What the caller was given, and the order's id if it got one.
type Outcome = (Option<ClientOrderId>, String);

/// Plays a command that meets a fault, and sees what becomes of the order.
pub(super) async fn play(
    bench: &Bench,
    command: Command,
    trouble: Trouble,
    moment: Moment,
) -> Result<Seen<String>, Failed> {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let scene = Scene { bench, desk: &desk, trouble, moment };
    let (id, outcome) = match command {
        Command::Place => scene.place().await?,
        Command::Cancel => scene.cancel().await?,
        Command::Amend => scene.amend().await?,
        Command::Query => scene.query().await?,
    };
    desk.pass(LASTS + ON_ITS_WAY).await;
    trouble.end(&desk).await?;
    desk.settled().await?;
    let seen = match id {
        Some(id) if desk.connector.order(&id).await?.is_some() => seen(&desk, &id, outcome).await?,
        _ => Seen { outcome, events: "—".to_owned(), end: "no order".to_owned() },
    };
    desk.ready().await?;
    desk.end(bench).await?;
    Ok(seen)
}

async fn seen(desk: &Desk, id: &ClientOrderId, outcome: String) -> Result<Seen<String>, Failed> {
    let end = desk.order(id).await?.state;
    let words: Vec<_> = desk.story.order_events(id).iter().map(|event| word(&event.change)).collect();
    Ok(Seen { outcome, events: words.join(" → "), end: format!("{end:?}") })
}

impl Scene<'_> {
    async fn place(&self) -> Result<Outcome, Failed> {
        // What is read at the start is read by then.
        sleep(LEAD).await;
        let placing = self.desk.resting(Side::Buy, QUANTITY)?;
        self.before(LEAD).await?;
        let placing = self.desk.connector.place(placing);
        let id = placing.client_order_id().cloned();
        let outcome = self.meeting(OrderCommand::Place, placing).await?;
        if let Some(id) = &id {
            self.after(id).await?;
        }
        Ok((id, outcome))
    }

    async fn cancel(&self) -> Result<Outcome, Failed> {
        let order = self.open_order().await?;
        self.before(LEAD).await?;
        let cancelling = self.desk.connector.cancel(&order.client_order_id);
        let outcome = self.meeting(OrderCommand::Cancel, cancelling).await?;
        self.after(&order.client_order_id).await?;
        Ok((Some(order.client_order_id), outcome))
    }

    async fn amend(&self) -> Result<Outcome, Failed> {
        let order = self.open_order().await?;
        self.before(LEAD).await?;
        let amendment = Amendment { quantity: Some(AMENDED.parse::<Quantity>()?), price: None };
        let amending = self.desk.connector.amend(&order.client_order_id, amendment);
        let outcome = self.meeting(OrderCommand::Amend, amending).await?;
        self.after(&order.client_order_id).await?;
        Ok((Some(order.client_order_id), outcome))
    }

    /// An order that is open, and not of this very moment.
    async fn open_order(&self) -> Result<Order, Failed> {
        let order = self.desk.open_order(Side::Buy, QUANTITY).await?;
        sleep(LEAD).await;
        Ok(order)
    }

    async fn query(&self) -> Result<Outcome, Failed> {
        let silence = self.desk.inject(silence(self.bench)?)?;
        self.desk.inject(self.bench.struck(OrderCommand::Place, FaultKind::LoseReply)?)?;
        let placing = self.desk.connector.place(self.desk.resting(Side::Buy, QUANTITY)?);
        let id = placing.client_order_id().cloned().ok_or_else(|| Failed::new("an id of the order", "none"))?;
        let (placed, met) = tokio::join!(placing, self.meeting_the_question());
        met?;
        let outcome = outcome(&placed);
        if self.moment == Moment::After {
            self.desk.order_is(&id, OrderState::Open).await?;
            self.desk.simulator.clear_fault(silence);
            self.after(&id).await?;
        }
        Ok((Some(id), outcome))
    }

    async fn meeting_the_question(&self) -> Result<(), Failed> {
        match self.moment {
            Moment::Before => self.before_by(UNTIL_ASKED - LEAD).await,
            Moment::During => self.during(|fault| self.aimed_at_question(fault), UNTIL_ASKED).await,
            Moment::After => Ok(()),
        }
    }

    fn aimed_at_question(&self, fault: Fault) -> Result<Fault, Failed> {
        let wire = self.bench.account_wire()?;
        Ok(fault.method(wire.read_method()).path(wire.paths().order_by_client_id))
    }

    /// Puts the fault in force before the command.
    async fn before(&self, lead: Duration) -> Result<(), Failed> {
        if self.moment == Moment::Before {
            self.trouble.begin(self.bench, self.desk)?;
            sleep(lead).await;
        }
        Ok(())
    }

    async fn before_by(&self, wait: Duration) -> Result<(), Failed> {
        sleep(wait).await;
        self.before(LEAD).await
    }

    /// Runs a command, with the fault meeting it on its way if that is the moment.
    async fn meeting(
        &self,
        command: OrderCommand,
        running: impl Future<Output = Result<Order, CommandError>>,
    ) -> Result<String, Failed> {
        if self.moment != Moment::During {
            return Ok(outcome(&running.await));
        }
        let aim = |fault| Ok(self.bench.account_wire()?.aim(fault, command, self.bench.order_entry()));
        let (met, done) = tokio::join!(biased; self.during(aim, Duration::ZERO), running);
        met?;
        Ok(outcome(&done))
    }

    /// Strikes a command itself, or begins while its answer is on the way.
    async fn during(&self, aim: impl Fn(Fault) -> Result<Fault, Failed>, until_sent: Duration) -> Result<(), Failed> {
        let inject = |fault| self.desk.inject(fault).map(drop);
        match self.trouble.strikes() {
            Strikes::Requests | Strikes::Account => inject(aim(self.trouble.fault(self.bench)?)?),
            Strikes::Reports => self.trouble.strike_one_report(self.bench, self.desk),
            Strikes::Stream | Strikes::OrderSocket | Strikes::Exchange => {
                let ms = u64::try_from(ON_ITS_WAY.as_millis()).unwrap_or(u64::MAX);
                inject(aim(Fault::new(FaultKind::Delay { ms }))?)?;
                sleep(until_sent + ON_ITS_WAY / 2).await;
                self.trouble.begin(self.bench, self.desk)
            }
        }
    }

    /// Begins right after the reply; then a part of the order is filled, if it is live.
    async fn after(&self, id: &ClientOrderId) -> Result<(), Failed> {
        if self.moment != Moment::After {
            return Ok(());
        }
        self.trouble.begin(self.bench, self.desk)?;
        let orders = self.desk.simulator.orders(MAIN);
        let Some(order) = orders.iter().find(|order| order.client_id == id.as_str() && order.is_live()) else {
            return Ok(());
        };
        let named = OrderRef::Client(id.as_str().to_owned());
        let filled = self.desk.simulator.fill_order(MAIN, &order.symbol, &named, Some(decimal(FILLED)?));
        filled.map(drop).map_err(|error| Failed::new("a fill", error))
    }
}

/// What the caller of a command is given, in a word.
fn outcome(done: &Result<Order, CommandError>) -> String {
    match done {
        Ok(_) => "Ok".to_owned(),
        Err(CommandError::NotSent(error)) => format!("NotSent({:?})", error.kind()),
        Err(CommandError::Rejected(error)) => format!("Rejected({:?})", error.kind()),
        Err(CommandError::Unknown { .. }) => "Unknown".to_owned(),
    }
}

/// An event of an order in a word; ends with their reason.
fn word(change: &OrderChange) -> String {
    let ended = |end: &str, reason: &EndReason| match reason {
        EndReason::Requested => end.to_owned(),
        EndReason::Refused(kind) => format!("{end}({kind:?})"),
        reason => format!("{end}({reason:?})"),
    };
    match change {
        OrderChange::Cancelled(reason) => ended("Cancelled", reason),
        OrderChange::Rejected(reason) => ended("Rejected", reason),
        OrderChange::Expired(reason) => ended("Expired", reason),
        other => crate::bench::story::word_of_order(other),
    }
}
