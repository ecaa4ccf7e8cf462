//! The exchanges that can be simulated: for each what it trades, its wire server, where that serves and what it is
//! started with by default.

use crate::binance;
use crate::bybit;
use crate::config::Limits;
use crate::example;
use crate::front::Front;
use crate::kraken;
use crate::listing::Listing;
use crate::policy::Policy;

/// One line for each exchange.
pub(crate) const SIMULATED: &[Simulated] = &[
    binance::spot::SIMULATED,
    binance::usdm::SIMULATED,
    bybit::SPOT,
    bybit::LINEAR,
    kraken::SPOT,
    example::SPOT,
    example::PERP,
];

/// The names of the exchanges that can be simulated.
pub const EXCHANGES: &[&str] = &names();

/// What is traded on an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Product {
    /// Assets against assets.
    Spot,
    /// Perpetual contracts with profit and loss in the quote asset.
    LinearPerpetual,
}

/// An exchange that can be simulated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Simulated {
    pub(crate) name: &'static str,
    pub(crate) product: Product,
    pub(crate) paths: Paths,
    /// What it does differently with the same order or setting.
    pub(crate) policy: Policy,
    /// Makes its wire server.
    pub(crate) front: fn() -> Box<dyn Front>,
    /// Limits that clients keep where the configuration does not say.
    pub(crate) limits: fn() -> Limits,
    /// What is listed where the configuration does not say.
    pub(crate) listings: fn() -> Vec<Listing>,
}

/// Where the sockets of an exchange are, as paths on its only port.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paths {
    /// Base of market sockets.
    pub(crate) ws: &'static str,
    /// The socket for calls, where there is one.
    pub(crate) ws_api: Option<&'static str>,
    /// The socket for private events, where they have one of their own.
    pub(crate) ws_private: Option<&'static str>,
}

impl Simulated {
    /// The exchange of this name.
    pub(crate) fn named(name: &str) -> Option<&'static Simulated> {
        SIMULATED.iter().find(|known| known.name == name)
    }
}

const fn names() -> [&'static str; SIMULATED.len()] {
    let mut names = [""; SIMULATED.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = SIMULATED[at].name;
        at += 1;
    }
    names
}
