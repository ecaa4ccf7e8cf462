//! What an account has chosen for a contract, and the margin that the exchange wants.

use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{Decimal, Error, MarginMode, MarginTier, PositionMode};
use tradewire_tracking::SettingChange;
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security};
use tradewire_wire::{Fault, Number, Text, decoded, object, unsigned};

use crate::account_reads::account_read;
use crate::rest::public_read;

/// The settings of a contract.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) leverage: Decimal,
    pub(crate) position_mode: PositionMode,
    pub(crate) margin_mode: MarginMode,
}

impl Settings {
    fn read(body: &[u8]) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Body<'a> {
            #[serde(borrow)]
            leverage: Number<'a>,
            #[serde(borrow)]
            position_mode: Text<'a>,
            #[serde(borrow)]
            margin_mode: Text<'a>,
        }
        decoded(body, |raw| {
            let row: Body<'_> = object(raw)?;
            Ok(Self {
                leverage: unsigned(&row.leverage)?,
                position_mode: position_mode(&row.position_mode)?,
                margin_mode: margin_mode(&row.margin_mode)?,
            })
        })
    }
}

/// `GET /1/settings`
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReadSettings<'a> {
    pub(crate) symbol: &'a str,
}

impl Endpoint for ReadSettings<'_> {
    account_read!("/1/settings", Settings);

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol);
    }

    fn decode(&self, body: &[u8]) -> Result<Settings, Error> {
        Settings::read(body)
    }
}

/// Changes one setting: `POST /1/settings`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change<'a> {
    pub(crate) symbol: &'a str,
    pub(crate) to: SettingChange,
}

impl Endpoint for Change<'_> {
    type Response = Settings;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/1/settings";
    const SECURITY: Security = Security::Signed;
    const EFFECT: Effect = Effect::Command;

    fn class(&self) -> Class {
        Class::Place
    }

    fn cost(&self) -> Cost {
        Cost::weight(1)
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol);
        match self.to {
            SettingChange::Leverage { leverage, .. } => query.add("leverage", leverage.normalize()),
            SettingChange::PositionMode(mode) => query.add("position_mode", position_mode_word(mode)),
            SettingChange::MarginMode(mode) => query.add("margin_mode", margin_mode_word(mode)),
        };
    }

    fn decode(&self, body: &[u8]) -> Result<Settings, Error> {
        Settings::read(body)
    }
}

/// The word for a position mode.
const fn position_mode_word(mode: PositionMode) -> &'static str {
    match mode {
        PositionMode::OneWay => "one_way",
        PositionMode::Hedge => "hedge",
    }
}

fn position_mode(word: &str) -> Result<PositionMode, Fault> {
    let known = [PositionMode::OneWay, PositionMode::Hedge].into_iter().find(|mode| position_mode_word(*mode) == word);
    known.ok_or_else(|| Fault::decode(format!("'{word}' is no position mode")))
}

/// The word for a margin mode. Those that are not declared have been refused before.
const fn margin_mode_word(mode: MarginMode) -> &'static str {
    match mode {
        MarginMode::Isolated => "isolated",
        _ => "cross",
    }
}

/// The margin mode that a word means.
pub(crate) fn margin_mode(word: &str) -> Result<MarginMode, Fault> {
    let known = [MarginMode::Cross, MarginMode::Isolated].into_iter().find(|mode| margin_mode_word(*mode) == word);
    known.ok_or_else(|| Fault::decode(format!("'{word}' is no margin mode")))
}

/// `GET /1/tiers`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tiers<'a> {
    pub(crate) symbol: &'a str,
}

impl Endpoint for Tiers<'_> {
    public_read!("/1/tiers", MarketRead, 1, Vec<MarginTier>);

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol);
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<MarginTier>, Error> {
        #[derive(Deserialize)]
        struct Body<'a> {
            #[serde(borrow)]
            tiers: Vec<&'a RawValue>,
        }
        decoded(body, |raw| {
            let mut tiers: Vec<MarginTier> = Vec::new();
            for row in object::<Body<'_>>(raw)?.tiers {
                // Each begins where the one below it ends.
                let floor = tiers.last().and_then(|below| below.cap).unwrap_or_default();
                tiers.push(object::<TierRow<'_>>(row.get())?.tier(floor)?);
            }
            Ok(tiers)
        })
    }
}

#[derive(Deserialize)]
struct TierRow<'a> {
    #[serde(borrow)]
    up_to: Number<'a>,
    #[serde(borrow)]
    leverage_max: Number<'a>,
    #[serde(borrow)]
    maintenance: Number<'a>,
    #[serde(borrow)]
    deduction: Number<'a>,
}

impl TierRow<'_> {
    fn tier(&self, floor: Decimal) -> Result<MarginTier, Fault> {
        Ok(MarginTier {
            floor,
            cap: Some(unsigned(&self.up_to)?),
            max_leverage: unsigned(&self.leverage_max)?,
            maintenance_rate: unsigned(&self.maintenance)?,
            deduction: unsigned(&self.deduction)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_follow_each_other_without_a_gap() {
        let body = br#"{"tiers":[{"up_to":"50000","leverage_max":"125","maintenance":"0.004","deduction":"0"},
            {"up_to":"600000","leverage_max":"100","maintenance":"0.005","deduction":"50"}]}"#;
        let tiers = Tiers { symbol: "BTC/USDT" }.decode(body).expect("tiers");
        let bounds: Vec<_> = tiers.iter().map(|tier| (tier.floor, tier.cap)).collect();
        let at = |cap| Some(Decimal::new(cap, 0));
        assert_eq!(bounds, [(Decimal::ZERO, at(50_000)), (Decimal::new(50_000, 0), at(600_000))]);
    }
}
