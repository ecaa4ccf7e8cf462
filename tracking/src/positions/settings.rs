use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tradewire_core::{
    Instrument, LeverageReport, MarginMode, MarginModeReport, PositionMode, PositionModeReport, PositionSide, Scope,
};

/// One setting of an account, as read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// How positions of a scope are kept.
    PositionMode(PositionModeReport),
    /// What losses of positions of a scope can take.
    MarginMode(MarginModeReport),
    /// The leverage of an instrument, or of one side of it.
    Leverage(LeverageReport),
}

impl Setting {
    /// What names it among the settings of an account.
    pub fn key(&self) -> String {
        match self {
            Self::PositionMode(report) => format!("position-mode/{}", scope_key(&report.scope)),
            Self::MarginMode(report) => format!("margin-mode/{}", scope_key(&report.scope)),
            Self::Leverage(report) => leverage_key(&report.symbol, report.side),
        }
    }

    /// Whether it holds for an instrument.
    pub fn holds_for(&self, instrument: &Instrument) -> bool {
        match self {
            Self::PositionMode(report) => breadth(&report.scope, instrument).is_some(),
            Self::MarginMode(report) => breadth(&report.scope, instrument).is_some(),
            Self::Leverage(report) => *report.symbol == *instrument.symbol,
        }
    }

    /// What names the settings whose place it takes: a leverage for both sides and one a side exclude each other.
    pub fn replaces(&self) -> Vec<String> {
        let Self::Leverage(report) = self else { return Vec::new() };
        let sides: &[Option<PositionSide>] = match report.side {
            None => &[Some(PositionSide::Long), Some(PositionSide::Short)],
            Some(_) => &[None],
        };
        sides.iter().map(|side| leverage_key(&report.symbol, *side)).collect()
    }
}

/// What a setting is to become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingChange {
    /// The leverage of an instrument.
    Leverage {
        /// The side, where the exchange keeps one for each; `None` for both.
        side: Option<PositionSide>,
        /// Position value over margin; above zero.
        leverage: Decimal,
    },
    /// How positions are kept.
    PositionMode(PositionMode),
    /// What losses of positions can take.
    MarginMode(MarginMode),
}

impl SettingChange {
    /// Whether a setting of the same scope is as this makes it; `None` if it is another.
    pub(crate) fn is_made(&self, read: &Setting) -> Option<bool> {
        match (*self, read) {
            (Self::Leverage { side, leverage }, Setting::Leverage(read)) => {
                let concerned = side.is_none() || read.side.is_none() || read.side == side;
                concerned.then_some(read.leverage == leverage)
            }
            (Self::PositionMode(mode), Setting::PositionMode(read)) => Some(read.mode == mode),
            (Self::MarginMode(mode), Setting::MarginMode(read)) => Some(read.mode == mode),
            (Self::MarginMode(mode), Setting::Leverage(read)) => read.margin_mode.map(|read| read == mode),
            _ => None,
        }
    }
}

fn leverage_key(symbol: &str, side: Option<PositionSide>) -> String {
    format!("leverage/{symbol}/{}", side.map_or("", PositionSide::as_str))
}

fn scope_key(scope: &Scope) -> String {
    match scope {
        Scope::Account => "account".to_owned(),
        Scope::Instrument(symbol) => format!("instrument/{symbol}"),
    }
}

/// Position modes, margin modes and leverages of an account, as the exchange has told them last.
#[derive(Debug, Default)]
pub struct AccountSettings {
    position_modes: Vec<(Scope, PositionMode)>,
    margin_modes: Vec<(Scope, MarginMode)>,
    leverages: BTreeMap<(Arc<str>, Option<PositionSide>), Decimal>,
    changed: Vec<Setting>,
}

impl AccountSettings {
    /// As they were before a restart.
    pub fn restore(saved: Vec<Setting>) -> Self {
        let mut settings = Self::default();
        for setting in saved {
            settings.take(setting);
        }
        settings.changed.clear();
        settings
    }

    /// Takes one in. Told again, it changes nothing.
    pub fn take(&mut self, setting: Setting) {
        match setting {
            Setting::PositionMode(report) => self.position_mode_told(report),
            Setting::MarginMode(report) => self.margin_mode_told(report),
            Setting::Leverage(report) => self.leverage_told(report),
        }
    }

    /// The exchange tells a position mode.
    pub fn position_mode_told(&mut self, report: PositionModeReport) {
        if put(&mut self.position_modes, &report.scope, report.mode) {
            self.changed.push(Setting::PositionMode(report));
        }
    }

    /// The exchange tells a margin mode.
    pub fn margin_mode_told(&mut self, report: MarginModeReport) {
        if put(&mut self.margin_modes, &report.scope, report.mode) {
            self.changed.push(Setting::MarginMode(report));
        }
    }

    /// The exchange tells a leverage, and perhaps the margin mode of its instrument.
    pub fn leverage_told(&mut self, report: LeverageReport) {
        if let Some(mode) = report.margin_mode {
            self.margin_mode_told(MarginModeReport { scope: Scope::Instrument(report.symbol.clone()), mode });
        }
        let symbol: Arc<str> = report.symbol.as_str().into();
        // One for both sides takes the place of one a side, and the other way round.
        let both = report.side.is_none();
        self.leverages.retain(|(of, side), _| **of != *symbol || side.is_none() == both);
        if self.leverages.insert((symbol, report.side), report.leverage) != Some(report.leverage) {
            self.changed.push(Setting::Leverage(LeverageReport { margin_mode: None, ..report }));
        }
    }

    /// What has changed since it was last asked for, in its order.
    pub fn changes(&mut self) -> Vec<Setting> {
        std::mem::take(&mut self.changed)
    }

    /// The position mode that holds for an instrument.
    pub fn position_mode(&self, instrument: &Instrument) -> Option<PositionMode> {
        of_instrument(&self.position_modes, instrument)
    }

    /// The margin mode that holds for an instrument.
    pub fn margin_mode(&self, instrument: &Instrument) -> Option<MarginMode> {
        of_instrument(&self.margin_modes, instrument)
    }

    /// The leverage of an instrument, for a side of it where the two differ; the lower one where no side is named.
    pub fn leverage(&self, symbol: &str, side: Option<PositionSide>) -> Option<Decimal> {
        let of_symbol = self.leverages.iter().filter(|((of, _), _)| **of == *symbol);
        let fits = |of: Option<PositionSide>| of.is_none() || side.is_none() || of == side;
        of_symbol.filter(|((_, of), _)| fits(*of)).map(|(_, leverage)| *leverage).min()
    }
}

/// Whether that is new.
fn put<T: PartialEq>(modes: &mut Vec<(Scope, T)>, scope: &Scope, mode: T) -> bool {
    match modes.iter_mut().find(|(of, _)| of == scope) {
        Some((_, known)) if *known == mode => false,
        Some((_, known)) => {
            *known = mode;
            true
        }
        None => {
            modes.push((scope.clone(), mode));
            true
        }
    }
}

/// The word on the narrowest scope.
fn of_instrument<T: Copy>(modes: &[(Scope, T)], instrument: &Instrument) -> Option<T> {
    let fitting = modes.iter().filter_map(|(scope, mode)| Some((breadth(scope, instrument)?, *mode)));
    fitting.min_by_key(|(breadth, _)| *breadth).map(|(_, mode)| mode)
}

/// How much a scope holds besides an instrument; `None` if it does not hold that.
fn breadth(scope: &Scope, instrument: &Instrument) -> Option<u8> {
    match scope {
        Scope::Instrument(symbol) => (**symbol == *instrument.symbol).then_some(0),
        Scope::Account => Some(1),
    }
}
