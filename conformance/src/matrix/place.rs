use super::cell::{Line, by_wire, none, same, socket};
use super::trouble::Trouble;

/// What is expected where nothing tells that private events have ended.
pub(super) const UNTOLD_END: Line = Line(
    Trouble::EndSubscription,
    [
        same("Ok", "Pending → Open", "Open"),
        same("Ok", "Pending → Open", "Open"),
        same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
    ],
);

/// What is expected of the placing of an order.
pub(super) const LINES: &[Line] = &[
    Line(
        Trouble::LoseRequest,
        [
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Rejected(NotAccepted)", "Rejected"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Rejected(NotAccepted)", "Rejected"),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::LoseReply,
        [
            same("Unknown", "Pending → Open", "Open"),
            same("Unknown", "Pending → Open", "Open"),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Delay,
        [
            same("Unknown", "Pending → Open", "Open"),
            same("Unknown", "Pending → Open", "Open"),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Cut,
        [
            same("Unknown", "Pending → Open", "Open"),
            same("Unknown", "Pending → Open", "Open"),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Truncate,
        [
            same("Unknown", "Pending → Open", "Open"),
            same("Unknown", "Pending → Open", "Open"),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::NotJson,
        [
            same("Unknown", "Pending → Open", "Open"),
            same("Unknown", "Pending → Open", "Open"),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::BadGateway,
        [
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Rejected(NotAccepted)", "Rejected"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Rejected(NotAccepted)", "Rejected"),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::RetryAfter,
        [
            same("Rejected(RateLimited)", "Pending → Rejected(RateLimited)", "Rejected"),
            same("Rejected(RateLimited)", "Pending → Rejected(RateLimited)", "Rejected"),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Refused,
        [
            same("Rejected(InvalidRequest)", "Pending → Rejected(InvalidRequest)", "Rejected"),
            same("Rejected(InvalidRequest)", "Pending → Rejected(InvalidRequest)", "Rejected"),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::ClockRefused,
        [
            same("Rejected(Clock)", "Pending → Rejected(Clock)", "Rejected"),
            same("Ok", "Pending → Open", "Open"),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::NoAnswerKnown,
        [
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Rejected(NotAccepted)", "Rejected"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Rejected(NotAccepted)", "Rejected"),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Mute,
        [
            same("Ok", "Pending → Open", "Open"),
            same("Ok", "Pending → Open", "Open"),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Duplicate,
        [
            same("Ok", "Pending → Open", "Open"),
            same("Ok", "Pending → Open", "Open"),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Reorder,
        [
            same("Ok", "Pending → Open", "Open"),
            same("Ok", "Pending → Open", "Open"),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Hold,
        [
            same("Ok", "Pending → Open", "Open"),
            same("Ok", "Pending → Open", "Open"),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Garble,
        [
            same("Ok", "Pending → Open", "Open"),
            same("Ok", "Pending → Open", "Open"),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Novel,
        [
            same("Ok", "Pending → Open", "Open"),
            same("Ok", "Pending → Open", "Open"),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::EndSubscription,
        [
            same("NotSent(NotReady)", "—", "no order"),
            same("Ok", "Pending → Open", "Open"),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::DropStream,
        [
            same("NotSent(NotReady)", "—", "no order"),
            same("Ok", "Pending → Open", "Open"),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::FreezeStream,
        [
            same("Ok", "Pending → Open", "Open"),
            same("Ok", "Pending → Open", "Open"),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::DropOrderSocket,
        [
            socket("NotSent(Connection)", "Pending → Rejected(NotSent)", "Rejected"),
            socket("Unknown", "Pending → Open", "Open"),
            socket("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::FreezeOrderSocket,
        [
            socket("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Rejected(NotAccepted)", "Rejected"),
            socket("Unknown", "Pending → Open", "Open"),
            socket("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::ShutdownNotice,
        [
            same("Ok", "Pending → Open", "Open"),
            same("Ok", "Pending → Open", "Open"),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::DayCut,
        [
            same("NotSent(NotReady)", "—", "no order"),
            same("Ok", "Pending → Open", "Open"),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::RefuseConnect,
        [
            same("NotSent(NotReady)", "—", "no order"),
            by_wire(["Ok", "Pending → Open", "Open"], ["Unknown", "Pending → Open", "Open"]),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::LagQuery,
        [
            same("Ok", "Pending → Open", "Open"),
            none("nothing is asked"),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Skew,
        [
            same("Ok", "Pending → Open", "Open"),
            same("Ok", "Pending → Open", "Open"),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Maintenance,
        [
            same("NotSent(NotReady)", "—", "no order"),
            by_wire(["Ok", "Pending → Open", "Open"], ["Unknown", "Pending → Open", "Open"]),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(Trouble::PartialFill, [none("there is no order yet"), none("there is no order yet"), none("plain use")]),
    Line(Trouble::Fill, [none("there is no order yet"), none("there is no order yet"), none("plain use")]),
    Line(Trouble::ExchangeCancel, [none("there is no order yet"), none("there is no order yet"), none("plain use")]),
    Line(
        Trouble::RevokeKey,
        [
            same("NotSent(NotReady)", "—", "no order"),
            same("Ok", "Pending → Open", "Open"),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Halt,
        [
            same("Rejected(NotTradable)", "Pending → Rejected(NotTradable)", "Rejected"),
            same("Ok", "Pending → Open", "Open"),
            same("Ok", "Pending → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Understate,
        [none("the order does not end"), none("the order does not end"), none("the order does not end")],
    ),
    Line(
        Trouble::NoFee,
        [
            none("no fill is reported"),
            none("no fill is reported"),
            same("Ok", "Pending → Open → Fill → FeeCorrected", "PartiallyFilled"),
        ],
    ),
];
