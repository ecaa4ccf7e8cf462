use std::time::Duration;

use tradewire_core::ErrorKind;
use tradewire_simulator::{Fault, FaultKind, Novelty, TradingStatus};
use tradewire_transport::AUTH_RETRY;

use crate::bench::desk::MAIN;
use crate::bench::{Bench, Desk};
use crate::row::Failed;
use crate::{AccountSocket, WireOrderError};

/// How long a fault lasts that is not over at once.
pub(super) const LASTS: Duration = Duration::from_secs(10);
/// How long it takes at most until a frozen socket is found.
const NOTICED: Duration = Duration::from_secs(31);

/// A fault of the private side of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    LoseRequest,
    LoseReply,
    Delay,
    Cut,
    Truncate,
    NotJson,
    BadGateway,
    RetryAfter,
    Refused,
    ClockRefused,
    NoAnswerKnown,
    Mute,
    Duplicate,
    Reorder,
    Hold,
    Garble,
    Novel,
    EndSubscription,
    DropStream,
    FreezeStream,
    DropOrderSocket,
    FreezeOrderSocket,
    ShutdownNotice,
    DayCut,
    RefuseConnect,
    LagQuery,
    Skew,
    Maintenance,
    PartialFill,
    Fill,
    ExchangeCancel,
    RevokeKey,
    Halt,
    Understate,
    NoFee,
}

/// What a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strikes {
    /// Requests: the command's own, or all for [`LASTS`].
    Requests,
    /// Reports of orders: one, or all for [`LASTS`].
    Reports,
    /// The socket of the private stream.
    Stream,
    /// The socket for order commands.
    OrderSocket,
    /// Everything, for [`LASTS`].
    Exchange,
    /// The account, once.
    Account,
}

impl Trouble {
    pub(super) const ALL: [Self; 35] = [
        Self::LoseRequest,
        Self::LoseReply,
        Self::Delay,
        Self::Cut,
        Self::Truncate,
        Self::NotJson,
        Self::BadGateway,
        Self::RetryAfter,
        Self::Refused,
        Self::ClockRefused,
        Self::NoAnswerKnown,
        Self::Mute,
        Self::Duplicate,
        Self::Reorder,
        Self::Hold,
        Self::Garble,
        Self::Novel,
        Self::EndSubscription,
        Self::DropStream,
        Self::FreezeStream,
        Self::DropOrderSocket,
        Self::FreezeOrderSocket,
        Self::ShutdownNotice,
        Self::DayCut,
        Self::RefuseConnect,
        Self::LagQuery,
        Self::Skew,
        Self::Maintenance,
        Self::PartialFill,
        Self::Fill,
        Self::ExchangeCancel,
        Self::RevokeKey,
        Self::Halt,
        Self::Understate,
        Self::NoFee,
    ];

    /// Its name, and what it is.
    pub(super) const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::LoseRequest => ("lose-request", "requests get lost"),
            Self::LoseReply => ("lose-reply", "requests take effect and get no answer"),
            Self::Delay => ("delay", "answers come 7 s late"),
            Self::Cut => ("cut", "the connection closes after the first byte of the answer"),
            Self::Truncate => ("truncate", "half of an answer comes"),
            Self::NotJson => ("not-json", "a web page comes instead of the answer"),
            Self::BadGateway => ("status 502", "status 502; no effect"),
            Self::RetryAfter => ("retry-after", "refused with 429, to come again after 3 s"),
            Self::Refused => ("code: refused", "an error that is a definite refusal"),
            Self::ClockRefused => ("code: time", "refused because of the request's time"),
            Self::NoAnswerKnown => ("code: unknown", "an error that says that the outcome is not known; no effect"),
            Self::Mute => ("mute", "reports of orders do not come"),
            Self::Duplicate => ("duplicate", "reports come twice"),
            Self::Reorder => ("reorder", "a report comes after the next one"),
            Self::Hold => ("hold", "reports come 8 s late"),
            Self::Garble => ("garble", "reports cannot be read"),
            Self::Novel => ("novel", "reports have a value never seen"),
            Self::EndSubscription => ("end-subscription", "private events end, the socket stays"),
            Self::DropStream => ("drop, private", "the private socket is cut"),
            Self::FreezeStream => ("freeze, private", "nothing comes from the private socket any more"),
            Self::DropOrderSocket => ("drop, orders", "the socket for commands is cut"),
            Self::FreezeOrderSocket => ("freeze, orders", "nothing comes from the socket for commands any more"),
            Self::ShutdownNotice => ("shutdown-notice", "the exchange announces that it will close the private socket"),
            Self::DayCut => ("day-cut", "the exchange closes the private socket"),
            Self::RefuseConnect => ("refuse-connect", "new connections are refused, all sockets are cut"),
            Self::LagQuery => ("lag-query", "queries do not see an order before it is 10 s old"),
            Self::Skew => ("skew", "the exchange's clock is 10 s ahead"),
            Self::Maintenance => ("maintenance", "503 to all requests, all sockets are cut"),
            Self::PartialFill => ("partial-fill", "a part of the order is filled just before the command arrives"),
            Self::Fill => ("fill", "the order is filled just before the command arrives"),
            Self::ExchangeCancel => {
                ("exchange-cancel-all", "the exchange ends the order just before the command arrives")
            }
            Self::RevokeKey => ("revoke-key", "the key is refused, and the private stream of that key is ended"),
            Self::Halt => ("halt", "trading in the pair stops"),
            Self::Understate => {
                ("understate", "a part of the order is filled, and the report of its end says that less of it was")
            }
            Self::NoFee => ("no-fee", "the report of a fill does not tell the fee"),
        }
    }

    pub(super) const fn strikes(self) -> Strikes {
        match self {
            Self::LoseRequest
            | Self::LoseReply
            | Self::Delay
            | Self::Cut
            | Self::Truncate
            | Self::NotJson
            | Self::BadGateway
            | Self::RetryAfter
            | Self::Refused
            | Self::ClockRefused
            | Self::NoAnswerKnown => Strikes::Requests,
            Self::Mute
            | Self::Duplicate
            | Self::Reorder
            | Self::Hold
            | Self::Garble
            | Self::Novel
            | Self::Understate
            | Self::NoFee => Strikes::Reports,
            Self::EndSubscription | Self::DropStream | Self::FreezeStream | Self::ShutdownNotice | Self::DayCut => {
                Strikes::Stream
            }
            Self::DropOrderSocket | Self::FreezeOrderSocket => Strikes::OrderSocket,
            Self::RefuseConnect | Self::LagQuery | Self::Skew | Self::Maintenance | Self::RevokeKey | Self::Halt => {
                Strikes::Exchange
            }
            Self::PartialFill | Self::Fill | Self::ExchangeCancel => Strikes::Account,
        }
    }

    /// The fault itself, aimed at nothing.
    pub(super) fn fault(self, bench: &Bench) -> Result<Fault, Failed> {
        Ok(Fault::new(match self {
            Self::LoseRequest => FaultKind::LoseRequest,
            Self::LoseReply => FaultKind::LoseReply,
            Self::Delay => FaultKind::Delay { ms: 7_000 },
            Self::Cut => FaultKind::Cut,
            Self::Truncate => FaultKind::Truncate,
            Self::NotJson => FaultKind::NotJson,
            Self::BadGateway => FaultKind::Status { status: 502 },
            Self::RetryAfter => FaultKind::RetryAfter { seconds: 3, status: 429 },
            Self::Refused => code_like(bench, |known| known.refuses && known.kind == ErrorKind::InvalidRequest)?,
            Self::ClockRefused => code(bench, bench.account_wire()?.clock_error()),
            Self::NoAnswerKnown => code_like(bench, |known| !known.refuses && known.kind == ErrorKind::Timeout)?,
            Self::Mute => FaultKind::Mute,
            Self::Duplicate => FaultKind::Duplicate,
            Self::Reorder => FaultKind::Reorder,
            Self::Hold => FaultKind::Hold { ms: 8_000 },
            Self::Garble => FaultKind::Garble,
            Self::Novel => FaultKind::Novel { what: Novelty::Enum },
            Self::EndSubscription => FaultKind::EndSubscription,
            Self::DropStream | Self::DropOrderSocket | Self::RefuseConnect => FaultKind::Drop,
            Self::FreezeStream | Self::FreezeOrderSocket => FaultKind::Freeze,
            Self::ShutdownNotice => FaultKind::ShutdownNotice,
            Self::DayCut => FaultKind::DayCut,
            Self::LagQuery => FaultKind::LagQuery { ms: 10_000 },
            Self::Skew => FaultKind::Skew { ms: 10_000 },
            Self::Maintenance => FaultKind::Maintenance,
            Self::PartialFill => FaultKind::PartialFill { quantity: None },
            Self::Fill => FaultKind::FillWhileDown { count: None, quantity: None },
            Self::ExchangeCancel => FaultKind::ExchangeCancelAll,
            Self::RevokeKey => FaultKind::RevokeKey { key: None },
            Self::Halt => FaultKind::Halt { status: TradingStatus::Halt },
            Self::Understate => FaultKind::Understate { quantity: None },
            Self::NoFee => FaultKind::NoFee,
        }))
    }

    /// Puts it in force, for whatever comes.
    pub(super) fn begin(self, bench: &Bench, desk: &Desk) -> Result<(), Failed> {
        let fault = self.fault(bench)?;
        let strike = |socket| {
            let open = sockets(bench, desk, socket)?;
            open.into_iter().try_for_each(|id| desk.inject(fault.clone().connection(id)).map(drop))
        };
        match self.strikes() {
            Strikes::Requests => desk.inject(fault.lasting(LASTS)).map(drop),
            Strikes::Reports => {
                desk.inject(self.of_reports(bench)?.lasting(LASTS))?;
                self.with_a_fill(desk)
            }
            Strikes::Stream if self == Self::EndSubscription => desk.inject(fault).map(drop),
            Strikes::Stream => strike(AccountSocket::Private),
            Strikes::OrderSocket => strike(AccountSocket::Orders),
            Strikes::Exchange if self == Self::RefuseConnect => {
                desk.inject(Fault::new(FaultKind::RefuseConnect).lasting(LASTS))?;
                desk.inject(fault).map(drop)
            }
            Strikes::Exchange if self == Self::RevokeKey => desk.inject(fault).map(drop),
            Strikes::Exchange => desk.inject(fault.lasting(LASTS)).map(drop),
            Strikes::Account => desk.inject(fault).map(drop),
        }
    }

    /// Ends whatever is left of it.
    pub(super) async fn end(self, desk: &Desk) -> Result<(), Failed> {
        desk.simulator.clear_faults();
        if self == Self::RevokeKey {
            desk.simulator.credentials(MAIN).iter().all(|key| desk.simulator.restore_key(&key.api_key));
            desk.pass(AUTH_RETRY).await;
        }
        if matches!(self, Self::FreezeStream | Self::FreezeOrderSocket) {
            // An exchange never notices that a socket of its own is frozen.
            desk.pass(NOTICED).await;
            desk.inject(Fault::new(FaultKind::Drop))?;
        }
        Ok(())
    }

    /// The fault for reports, or for those that it can strike.
    fn of_reports(self, bench: &Bench) -> Result<Fault, Failed> {
        let reports = bench.account_wire()?.reports();
        Ok(self.fault(bench)?.event(if self == Self::NoFee { reports.fill } else { reports.any }))
    }

    /// Strikes one report.
    pub(super) fn strike_one_report(self, bench: &Bench, desk: &Desk) -> Result<(), Failed> {
        desk.inject(self.of_reports(bench)?.times(1))?;
        self.with_a_fill(desk)
    }

    /// An end says too little only of an order of which a part was filled.
    fn with_a_fill(self, desk: &Desk) -> Result<(), Failed> {
        match self {
            Self::Understate => desk.inject(Fault::new(FaultKind::PartialFill { quantity: None })).map(drop),
            _ => Ok(()),
        }
    }
}

/// Keeps reports of orders back until it is cleared.
pub(super) fn silence(bench: &Bench) -> Result<Fault, Failed> {
    bench.told(|reports| reports.any, FaultKind::Mute)
}

/// The account's sockets of a kind.
fn sockets(bench: &Bench, desk: &Desk, wanted: AccountSocket) -> Result<Vec<u64>, Failed> {
    let wire = bench.account_wire()?;
    let open = desk.simulator.connections().into_iter().filter(|socket| wire.socket(socket) == Some(wanted));
    Ok(open.map(|socket| socket.id).collect())
}

fn code_like(bench: &Bench, wanted: impl Fn(&WireOrderError) -> bool) -> Result<FaultKind, Failed> {
    let known = bench.account_wire()?.order_errors().iter().find(|known| wanted(known));
    known.map(|known| code(bench, *known)).ok_or_else(|| Failed::new("a documented error of this kind", "none"))
}

fn code(bench: &Bench, known: WireOrderError) -> FaultKind {
    bench.code(known.code, None, known.status)
}
