use super::cell::{Line, none, same};
use super::trouble::Trouble;

/// What is expected of the question after an order.
pub(super) const LINES: &[Line] = &[
    Line(
        Trouble::LoseRequest,
        [
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::LoseReply,
        [
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Delay,
        [
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Cut,
        [
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Truncate,
        [
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::NotJson,
        [
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::BadGateway,
        [
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::RetryAfter,
        [
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Refused,
        [
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::ClockRefused,
        [
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::NoAnswerKnown,
        [
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Mute,
        [
            none("no reports come in this scene"),
            none("no reports come in this scene"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Duplicate,
        [
            none("no reports come in this scene"),
            none("no reports come in this scene"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Reorder,
        [
            none("no reports come in this scene"),
            none("no reports come in this scene"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Hold,
        [
            none("no reports come in this scene"),
            none("no reports come in this scene"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Garble,
        [
            none("no reports come in this scene"),
            none("no reports come in this scene"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Novel,
        [
            none("no reports come in this scene"),
            none("no reports come in this scene"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::EndSubscription,
        [
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::DropStream,
        [
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::FreezeStream,
        [
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::DropOrderSocket,
        [none("questions go by REST"), none("questions go by REST"), none("questions go by REST")],
    ),
    Line(
        Trouble::FreezeOrderSocket,
        [none("questions go by REST"), none("questions go by REST"), none("questions go by REST")],
    ),
    Line(
        Trouble::ShutdownNotice,
        [
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::DayCut,
        [
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::RefuseConnect,
        [
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::LagQuery,
        [
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Skew,
        [
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Maintenance,
        [
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::PartialFill,
        [
            none("plain use"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
            none("plain use"),
        ],
    ),
    Line(
        Trouble::Fill,
        [
            none("plain use"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill → Completed", "Filled"),
            none("plain use"),
        ],
    ),
    Line(
        Trouble::ExchangeCancel,
        [
            none("plain use"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Cancelled(Exchange)", "Cancelled"),
            none("plain use"),
        ],
    ),
    Line(
        Trouble::RevokeKey,
        [
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Halt,
        [
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open", "Open"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill", "PartiallyFilled"),
        ],
    ),
    Line(
        Trouble::Understate,
        [none("the order does not end"), none("the order does not end"), none("the order does not end")],
    ),
    Line(
        Trouble::NoFee,
        [
            none("no reports come in this scene"),
            none("no reports come in this scene"),
            same("Unknown", "Pending → OutcomeUnknown → OutcomeKnown → Open → Fill → FeeCorrected", "PartiallyFilled"),
        ],
    ),
];
