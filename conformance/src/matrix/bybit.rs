//! What Bybit is particular in, on all its markets: nothing tells that a subscription or a connection is about to end; and over the
//! socket for commands a refusal for frequency does not tell for how long, so that nothing is asked for a minute.

use super::cell::{Cell, Line, by_wire, same};
use super::command::Command;
use super::place::UNTOLD_END;
use super::trouble::Trouble;

/// The lines that differ.
pub(super) const LINES: &[(Command, Line)] = &[
    (Command::Place, UNTOLD_END),
    (
        Command::Place,
        Line(
            Trouble::ShutdownNotice,
            [
                same("NotSent(NotReady)", "—", "no order"),
                same("Ok", "Pending → Open", "Open"),
                same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
            ],
        ),
    ),
    (
        Command::Cancel,
        Line(
            Trouble::RetryAfter,
            [UNASKED, UNASKED, same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled")],
        ),
    ),
];

/// The cancel was refused, and the order can be asked for only after the pause: by REST the answer tells a short one.
const UNASKED: Cell = by_wire(
    ["Rejected(RateLimited)", "Pending → Open → CancelRequested → CancelRefused", "Open"],
    ["Unknown", "Pending → Open → CancelRequested → CancelRefused", "Open"],
);
