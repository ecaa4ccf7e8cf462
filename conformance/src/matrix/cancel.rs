use super::cell::{Line, by_wire, none, same, socket};
use super::trouble::Trouble;

/// What is expected of the cancel of an order.
pub(super) const LINES: &[Line] = &[
    Line(
        Trouble::LoseRequest,
        [
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::LoseReply,
        [
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::Delay,
        [
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::Cut,
        [
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::Truncate,
        [
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::NotJson,
        [
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::BadGateway,
        [
            same("Unknown", "Pending → Open → CancelRequested → OutcomeUnknown → OutcomeKnown → CancelRefused", "Open"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::RetryAfter,
        [
            same("Rejected(RateLimited)", "Pending → Open → CancelRequested → CancelRefused", "Open"),
            same("Rejected(RateLimited)", "Pending → Open → CancelRequested → CancelRefused", "Open"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::Refused,
        [
            same("Rejected(InvalidRequest)", "Pending → Open → CancelRequested → CancelRefused", "Open"),
            same("Rejected(InvalidRequest)", "Pending → Open → CancelRequested → CancelRefused", "Open"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::ClockRefused,
        [
            same("Rejected(Clock)", "Pending → Open → CancelRequested → CancelRefused", "Open"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::NoAnswerKnown,
        [
            same("Unknown", "Pending → Open → CancelRequested → OutcomeUnknown → OutcomeKnown → CancelRefused", "Open"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::Mute,
        [
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::Duplicate,
        [
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::Reorder,
        [
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::Hold,
        [
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::Garble,
        [
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::Novel,
        [
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::EndSubscription,
        [
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::DropStream,
        [
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::FreezeStream,
        [
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::DropOrderSocket,
        [
            socket("NotSent(Connection)", "Pending → Open → CancelRequested → CancelRefused", "Open"),
            socket("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            socket("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::FreezeOrderSocket,
        [
            socket(
                "Unknown",
                "Pending → Open → CancelRequested → OutcomeUnknown → OutcomeKnown → CancelRefused",
                "Open",
            ),
            socket("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            socket("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::ShutdownNotice,
        [
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::DayCut,
        [
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::RefuseConnect,
        [
            by_wire(
                ["Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"],
                ["NotSent(Connection)", "Pending → Open → CancelRequested → CancelRefused", "Open"],
            ),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::LagQuery,
        [
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            none("nothing is asked"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::Skew,
        [
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::Maintenance,
        [
            by_wire(
                ["Unknown", "Pending → Open → CancelRequested → OutcomeUnknown → OutcomeKnown → CancelRefused", "Open"],
                ["NotSent(Connection)", "Pending → Open → CancelRequested → CancelRefused", "Open"],
            ),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::PartialFill,
        [
            none("plain use"),
            same("Ok", "Pending → Open → CancelRequested → Fill → Cancelled", "Cancelled"),
            none("plain use"),
        ],
    ),
    Line(
        Trouble::Fill,
        [
            none("plain use"),
            same("Rejected(AlreadyClosed)", "Pending → Open → CancelRequested → Fill → Completed", "Filled"),
            none("plain use"),
        ],
    ),
    Line(
        Trouble::ExchangeCancel,
        [
            none("plain use"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled(Exchange)", "Cancelled"),
            none("plain use"),
        ],
    ),
    Line(
        Trouble::RevokeKey,
        [
            same("Unknown", "Pending → Open → CancelRequested → CancelRefused", "Open"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::Halt,
        [
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Cancelled", "Cancelled"),
        ],
    ),
    Line(
        Trouble::Understate,
        [
            same("Ok", "Pending → Open → Fill → CancelRequested → Cancelled", "Cancelled"),
            same("Ok", "Pending → Open → CancelRequested → Fill → Cancelled", "Cancelled"),
            none("the order has ended"),
        ],
    ),
    Line(Trouble::NoFee, [none("no fill is reported"), none("no fill is reported"), none("the order has ended")]),
];
