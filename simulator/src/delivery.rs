//! Private events and replies on their way to a socket, with the faults that strike them.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::faults::{FaultKind, Novelty};
use crate::late::Late;
use crate::parked::Parked;
use crate::sockets::Socket;
use crate::spoil::{WEB_PAGE, add_enum_value, add_field, halved};

/// What faults hold back.
#[derive(Debug, Default)]
pub(crate) struct Delivery {
    /// Until a time.
    late: Late,
    /// Events, until the next one of their type.
    parked: Parked,
}

impl Delivery {
    /// Sends an event of the type `name`, or holds it back as the faults order.
    pub(crate) fn event(
        &self,
        exchange: &Exchange,
        (socket, name): (&Arc<Socket>, &'static str),
        text: &str,
        faults: &[FaultKind],
    ) {
        let hold = faults.iter().find_map(|fault| match fault {
            FaultKind::Hold { ms } => Some(Duration::from_millis(*ms)),
            _ => None,
        });
        if let Some(hold) = hold {
            self.late.hold(exchange.clock.now().plus(hold), socket, text.into());
            return exchange.wake.notify_one();
        }
        if faults.contains(&FaultKind::Reorder) && self.parked.park(socket.id, name, text) {
            return;
        }
        socket.send(text.into());
        if let Some(earlier) = self.parked.take(socket.id, name) {
            socket.send(earlier.into());
        }
    }

    /// Sends the reply to a request, spoilt as the faults order.
    pub(crate) fn reply(&self, exchange: &Exchange, socket: &Arc<Socket>, mut text: String, faults: &[FaultKind]) {
        let mut late = Duration::ZERO;
        for kind in faults {
            match kind {
                FaultKind::Delay { ms } => late += Duration::from_millis(*ms),
                FaultKind::Cut => return socket.cut.cancel(),
                FaultKind::Truncate => text = halved(&text),
                FaultKind::NotJson => text = WEB_PAGE.to_owned(),
                FaultKind::Novel { what: Novelty::Field } => add_field(&mut text),
                FaultKind::Novel { what: Novelty::Enum } => add_enum_value(&mut text),
                _ => {}
            }
        }
        if late.is_zero() {
            return socket.send(text.into());
        }
        self.late.hold(exchange.clock.now().plus(late), socket, text.into());
        exchange.wake.notify_one();
    }

    /// Sends what is due.
    pub(crate) fn release(&self, now: Timestamp) {
        self.late.release(now);
    }

    /// Whether something waits for a time.
    pub(crate) fn waits(&self) -> bool {
        self.late.any()
    }

    /// Forgets what waits for a socket.
    pub(crate) fn forget(&self, socket: u64) {
        self.late.forget(socket);
        self.parked.forget(socket);
    }
}
