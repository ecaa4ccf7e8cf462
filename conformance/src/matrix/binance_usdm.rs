//! What Binance USD-M perpetuals are particular in: an amendment names price and quantity, which are read first; and nothing
//! tells that a listen key has ended.

use super::cell::{Cell, Line, by_wire, none, same};
use super::command::Command;
use super::place::UNTOLD_END;
use super::trouble::Trouble;

/// The lines that differ.
pub(super) const LINES: &[(Command, Line)] = &[
    (Command::Place, UNTOLD_END),
    (Command::Amend, unread(Trouble::LoseRequest, LATE, UNDONE)),
    (Command::Amend, unread(Trouble::LoseReply, LATE, DONE)),
    (Command::Amend, unread(Trouble::Delay, LATE, DONE)),
    (Command::Amend, unread(Trouble::Cut, unsent("NotSent(Connection)"), DONE)),
    (Command::Amend, unread(Trouble::Truncate, unsent("NotSent(Connection)"), DONE)),
    (Command::Amend, unread(Trouble::NotJson, unsent("NotSent(Decode)"), DONE)),
    (Command::Amend, unread(Trouble::BadGateway, unsent("NotSent(Unavailable)"), UNDONE)),
    (
        Command::Amend,
        unread(
            Trouble::RetryAfter,
            unsent("NotSent(RateLimited)"),
            same("Rejected(RateLimited)", "Pending → Open", "Open"),
        ),
    ),
    (
        Command::Amend,
        unread(
            Trouble::Refused,
            unsent("NotSent(InvalidRequest)"),
            same("Rejected(InvalidRequest)", "Pending → Open", "Open"),
        ),
    ),
    (
        Command::Amend,
        unread(Trouble::ClockRefused, unsent("NotSent(Clock)"), same("Ok", "Pending → Open → Amended", "Open")),
    ),
    (Command::Amend, unread(Trouble::NoAnswerKnown, unsent("NotSent(Timeout)"), UNDONE)),
    (Command::Amend, unread(Trouble::LagQuery, unsent("NotSent(NotFound)"), none("nothing is asked"))),
    (
        Command::Amend,
        unread(
            Trouble::Maintenance,
            unsent("NotSent(Unavailable)"),
            by_wire(["Ok", "Pending → Open → Amended", "Open"], ["Unknown", "Pending → Open → Amended", "Open"]),
        ),
    ),
    (
        Command::Amend,
        unread(Trouble::RevokeKey, unsent("NotSent(Auth)"), same("Ok", "Pending → Open → Amended", "Open")),
    ),
];

/// The order was read late, and amended then.
const LATE: Cell = same("Unknown", "Pending → Open → OutcomeUnknown → Amended → OutcomeKnown", "Open");
/// The amendment took effect, without a reply.
const DONE: Cell = same("Unknown", "Pending → Open → Amended", "Open");
/// The amendment took no effect, and nobody said so.
const UNDONE: Cell = same("Unknown", "Pending → Open → OutcomeUnknown → OutcomeKnown", "Open");

/// An amendment of an order that could not be read.
const fn unsent(outcome: &'static str) -> Cell {
    same(outcome, "Pending → Open", "Open")
}

/// A fault that the reading meets if it is in force before, and the amendment itself if it strikes only that.
const fn unread(fault: Trouble, before: Cell, during: Cell) -> Line {
    Line(fault, [before, during, same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled")])
}
