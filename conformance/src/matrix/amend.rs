use super::cell::{Line, by_wire, none, same, socket};
use super::trouble::Trouble;

/// What is expected of an amendment.
pub(super) const LINES: &[Line] = &[
    Line(
        Trouble::LoseRequest,
        [
            same("Unknown", "Pending → Open → OutcomeUnknown → OutcomeKnown", "Open"),
            same("Unknown", "Pending → Open → OutcomeUnknown → OutcomeKnown", "Open"),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::LoseReply,
        [
            same("Unknown", "Pending → Open → Amended", "Open"),
            same("Unknown", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Delay,
        [
            same("Unknown", "Pending → Open → Amended", "Open"),
            same("Unknown", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Cut,
        [
            same("Unknown", "Pending → Open → Amended", "Open"),
            same("Unknown", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Truncate,
        [
            same("Unknown", "Pending → Open → Amended", "Open"),
            same("Unknown", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::NotJson,
        [
            same("Unknown", "Pending → Open → Amended", "Open"),
            same("Unknown", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::BadGateway,
        [
            same("Unknown", "Pending → Open → OutcomeUnknown → OutcomeKnown", "Open"),
            same("Unknown", "Pending → Open → OutcomeUnknown → OutcomeKnown", "Open"),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::RetryAfter,
        [
            same("Rejected(RateLimited)", "Pending → Open", "Open"),
            same("Rejected(RateLimited)", "Pending → Open", "Open"),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Refused,
        [
            same("Rejected(InvalidRequest)", "Pending → Open", "Open"),
            same("Rejected(InvalidRequest)", "Pending → Open", "Open"),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::ClockRefused,
        [
            same("Rejected(Clock)", "Pending → Open", "Open"),
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::NoAnswerKnown,
        [
            same("Unknown", "Pending → Open → OutcomeUnknown → OutcomeKnown", "Open"),
            same("Unknown", "Pending → Open → OutcomeUnknown → OutcomeKnown", "Open"),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Mute,
        [
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Duplicate,
        [
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Reorder,
        [
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Hold,
        [
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Garble,
        [
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Novel,
        [
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::EndSubscription,
        [
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::DropStream,
        [
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::FreezeStream,
        [
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::DropOrderSocket,
        [
            socket("NotSent(Connection)", "Pending → Open", "Open"),
            socket("Unknown", "Pending → Open → Amended", "Open"),
            socket("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::FreezeOrderSocket,
        [
            socket("Unknown", "Pending → Open → OutcomeUnknown → OutcomeKnown", "Open"),
            socket("Unknown", "Pending → Open → Amended", "Open"),
            socket("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::ShutdownNotice,
        [
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::DayCut,
        [
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::RefuseConnect,
        [
            by_wire(["Ok", "Pending → Open → Amended", "Open"], ["NotSent(Connection)", "Pending → Open", "Open"]),
            by_wire(["Ok", "Pending → Open → Amended", "Open"], ["Unknown", "Pending → Open → Amended", "Open"]),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::LagQuery,
        [
            same("Ok", "Pending → Open → Amended", "Open"),
            none("nothing is asked"),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Skew,
        [
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Maintenance,
        [
            by_wire(
                ["Unknown", "Pending → Open → OutcomeUnknown → OutcomeKnown", "Open"],
                ["NotSent(Connection)", "Pending → Open", "Open"],
            ),
            by_wire(["Ok", "Pending → Open → Amended", "Open"], ["Unknown", "Pending → Open → Amended", "Open"]),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::PartialFill,
        [none("plain use"), same("Ok", "Pending → Open → Fill → Amended", "PartiallyFilled"), none("plain use")],
    ),
    Line(
        Trouble::Fill,
        [
            none("plain use"),
            same("Rejected(NotFound)", "Pending → Open → Fill → Completed", "Filled"),
            none("plain use"),
        ],
    ),
    Line(
        Trouble::ExchangeCancel,
        [
            none("plain use"),
            same("Rejected(NotFound)", "Pending → Open → Cancelled(Exchange)", "Cancelled"),
            none("plain use"),
        ],
    ),
    Line(
        Trouble::RevokeKey,
        [
            same("Rejected(Auth)", "Pending → Open", "Open"),
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Halt,
        [
            same("Rejected(NotTradable)", "Pending → Open", "Open"),
            same("Ok", "Pending → Open → Amended", "Open"),
            same("Ok", "Pending → Open → Amended → Fill", "PartiallyFilled"),
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
            same("Ok", "Pending → Open → Amended → Fill → FeeCorrected", "PartiallyFilled"),
        ],
    ),
];
