use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use tradewire_core::{Error, ErrorKind};

/// A stage of building a connector, and the rows that belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Component {
    /// Signing and secrets.
    Auth,
    /// Configuration, limits, errors.
    Utils,
    /// The order book.
    OrderBook,
    /// Instruments and market streams.
    MarketStream,
    /// The private stream.
    UserStream,
    /// Orders, fills, balances, reconciliation, start and stop, capabilities.
    Connector,
    /// Positions, leverage, funding.
    Perpetual,
    /// Balances without a stream of them.
    NoBalanceStream,
}

impl Component {
    /// All of them, in the order in which a connector is built.
    pub const ALL: [Self; 8] = [
        Self::Auth,
        Self::Utils,
        Self::OrderBook,
        Self::MarketStream,
        Self::UserStream,
        Self::Connector,
        Self::Perpetual,
        Self::NoBalanceStream,
    ];

    /// Its place in [`Component::ALL`], from one.
    pub const fn place(self) -> usize {
        self as usize + 1
    }

    /// The files of a connector in which it is written, as the fictional exchange has them.
    pub const fn files(self) -> &'static [&'static str] {
        match self {
            Self::Auth => &["src/auth.rs"],
            Self::Utils => &[
                "src/config.rs",
                "src/capabilities.rs",
                "src/limits.rs",
                "src/error_codes.rs",
                "src/symbols.rs",
                "src/rest.rs",
            ],
            Self::OrderBook => &["src/book.rs", "src/trades.rs", "src/frames.rs"],
            Self::MarketStream => &["src/control.rs", "src/market_stream.rs", "src/exchange.rs"],
            Self::UserStream => &["src/order_row.rs", "src/fill_row.rs", "src/user_stream.rs"],
            Self::Connector => &["src/order_commands.rs", "src/account_reads.rs", "src/account.rs"],
            Self::Perpetual => &["src/perpetual.rs", "src/settings.rs", "src/position_row.rs", "src/funding.rs"],
            Self::NoBalanceStream => &["src/capabilities.rs"],
        }
    }

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Utils => "utils",
            Self::OrderBook => "order-book",
            Self::MarketStream => "market-stream",
            Self::UserStream => "user-stream",
            Self::Connector => "connector",
            Self::Perpetual => "perpetual",
            Self::NoBalanceStream => "no-balance-stream",
        }
    }
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Component {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|component| component.name() == text).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            Error::new(ErrorKind::InvalidRequest, format!("'{text}' is not a component; one of {known}"))
        })
    }
}
