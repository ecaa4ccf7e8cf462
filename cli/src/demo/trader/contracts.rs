//! What only contracts have: funding, position modes and liquidation.

use tokio::time::{sleep, timeout};
use tradewire::{
    AccountChange, CommandError, ConnectorEvents, Decimal, ErrorKind, Event, FundingPayment, OrderRequest, Position,
    PositionMode, Side,
};

use super::{ACCOUNT, Desk, PAUSE, STEP, quantity};

impl Desk {
    /// A position is held over a funding; the payment comes once.
    pub(super) async fn hold_over_a_funding(&self) {
        let Some(position) = self.open_position().await else { return };
        let Ok(connector) = self.connector() else { return };
        let events = connector.events();
        self.tell(format!("a position of {} at {}: a funding comes", position.size, entry(&position)));
        if let Err(error) = self.simulator.run_funding(self.pair.as_str(), Some(Decimal::new(1, 4))) {
            return self.tell(format!("the exchange ran no funding: {error}"));
        }
        self.tell(match timeout(STEP, payment(events)).await {
            Ok(Some(paid)) => format!("funding: {} {} on a position of {}", paid.amount, paid.asset, position.size),
            _ => "the funding payment has not come yet".to_owned(),
        });
    }

    /// The position mode cannot be changed while a position is open.
    pub(super) async fn change_the_mode_with_a_position(&self) {
        if self.open_position().await.is_none() {
            return;
        }
        let Ok(connector) = self.connector() else { return };
        let other = match connector.position_mode(&self.pair) {
            Some(PositionMode::Hedge) => PositionMode::OneWay,
            _ => PositionMode::Hedge,
        };
        self.tell(match connector.set_position_mode(&self.pair, other).await {
            Err(CommandError::Rejected(error)) if error.kind() == ErrorKind::StateConflict => {
                format!("{other} mode was refused while a position is open, as it should be")
            }
            other => format!("a change of the position mode with an open position: {other:?}"),
        });
    }

    /// The exchange liquidates the position: nobody here placed that order, and it is told whose it was.
    pub(super) async fn be_liquidated(&self) {
        let Some(position) = self.open_position().await else { return };
        self.tell(format!("the exchange liquidates the position of {}", position.size));
        let theirs = self.simulator.positions(ACCOUNT).into_iter().find(|theirs| theirs.symbol == position.symbol);
        let Some(theirs) = theirs else { return self.tell("the exchange knows no such position") };
        if let Err(error) = self.simulator.liquidate(ACCOUNT, self.pair.as_str(), theirs.side) {
            return self.tell(format!("the exchange liquidated nothing: {error}"));
        }
        self.tell(match timeout(STEP, self.position_is(|position| position.size.is_zero())).await {
            Ok(Some(_)) => "the position is closed; the order is told as the exchange's",
            _ => "the position is not closed yet",
        });
    }

    /// The position, opened if there is none.
    async fn open_position(&self) -> Option<Position> {
        let connector = self.connector().ok()?;
        let known = connector.position(&self.pair, None).filter(|position| !position.size.is_zero());
        if known.is_some() {
            return known;
        }
        self.place(Some(OrderRequest::market(self.pair.clone(), Side::Buy, quantity()))).await?;
        timeout(STEP, self.position_is(|position| !position.size.is_zero())).await.ok().flatten()
    }

    async fn position_is(&self, as_wanted: impl Fn(&Position) -> bool) -> Option<Position> {
        loop {
            let position = self.connector().ok()?.position(&self.pair, None);
            if let Some(position) = position.filter(&as_wanted) {
                return Some(position);
            }
            sleep(PAUSE / 20).await;
        }
    }
}

/// The next funding payment.
async fn payment(mut events: ConnectorEvents) -> Option<FundingPayment> {
    loop {
        if let Event::Account(event) = events.next().await.ok()??
            && let AccountChange::FundingPayment(payment) = &event.change
        {
            return Some((**payment).clone());
        }
    }
}

fn entry(position: &Position) -> String {
    position.entry_price.map_or_else(|| "an unknown price".to_owned(), |price| price.to_string())
}
