use super::cell::Line;
use super::command::Command;

/// What is expected on one exchange, where it differs from what is expected on all.
#[derive(Debug)]
pub(super) struct Particular {
    /// The exchange.
    pub(super) exchange: &'static str,
    /// The lines that differ, each in place of the common one for its fault.
    pub(super) lines: &'static [(Command, Line)],
}

impl Particular {
    /// One line for each exchange with an account.
    pub(super) const ALL: &[Self] = &[
        Self { exchange: "binance-spot", lines: &[] },
        Self { exchange: "binance-usdm", lines: super::binance_usdm::LINES },
        Self { exchange: "bybit-spot", lines: super::bybit::LINES },
        Self { exchange: "bybit-linear", lines: super::bybit::LINES },
        Self { exchange: "kraken-spot", lines: super::kraken::LINES },
    ];

    /// What is expected of a command on an exchange.
    pub(super) fn lines_of(exchange: &str, command: Command) -> impl Iterator<Item = &'static Line> {
        let particular = Self::ALL.iter().find(|known| known.exchange == exchange);
        command.lines().iter().map(move |common| {
            let differing = particular.and_then(|particular| particular.line(command, common));
            differing.unwrap_or(common)
        })
    }

    /// The lines of a command that differ.
    pub(super) fn differing(&self, command: Command) -> impl Iterator<Item = &'static Line> {
        self.lines.iter().filter(move |(of, _)| *of == command).map(|(_, line)| line)
    }

    fn line(&self, command: Command, common: &Line) -> Option<&'static Line> {
        self.differing(command).find(|line| line.0 == common.0)
    }
}
