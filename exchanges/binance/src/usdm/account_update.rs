use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{
    Asset, BalanceReport, BalanceUpdate, Decimal, Error, FundingReport, MarginMode, PositionReport, PrivateMessage,
    Timestamp,
};
use tradewire_tracking::PrivateFrame;

use super::words::{margin_mode, position_side};
use crate::market::mark_price::positive;
use crate::market::{Fault, Number, millis, object};
use crate::private::{optional, signed, unreadable};

/// Why balances change, where it is a deposit, a withdrawal or a transfer.
const TRANSFERS: &[&str] = &[
    "ADMIN_DEPOSIT",
    "ADMIN_WITHDRAW",
    "ASSET_TRANSFER",
    "COIN_SWAP_DEPOSIT",
    "COIN_SWAP_WITHDRAW",
    "DEPOSIT",
    "MARGIN_TRANSFER",
    "WITHDRAW",
    "WITHDRAW_REJECT",
];

/// Why balances change, where it is a funding payment.
const FUNDING: &str = "FUNDING_FEE";

/// Reads the event `ACCOUNT_UPDATE`: new values of some assets and positions. One that cannot be read stops none of the
/// others. Balances come without what of them is available.
pub(crate) fn read(raw: &str) -> Result<PrivateFrame, Fault> {
    let event: Event<'_> = object(raw)?;
    let time = millis(event.time)?;
    let mut parts = Parts::default();
    let balances = parts.take(event.change.balances, |raw| object::<BalanceWire<'_>>(raw)?.read());
    if TRANSFERS.contains(&&*event.change.reason) {
        for (balance, delta) in balances.iter().filter(|(_, delta)| !delta.is_zero()) {
            let moved = BalanceUpdate::Moved { asset: balance.asset.clone(), delta: *delta, time };
            parts.messages.push(PrivateMessage::Balance(moved));
        }
    }
    if let (FUNDING, Some(symbol)) = (&*event.change.reason, &event.change.symbol) {
        let paid = |(balance, delta): &(BalanceReport, Decimal)| funding(symbol, &balance.asset, *delta, time);
        parts.messages.extend(balances.iter().map(paid));
    }
    let balances: Vec<_> = balances.into_iter().map(|(balance, _)| balance).collect();
    if !balances.is_empty() {
        parts.messages.push(PrivateMessage::Balance(BalanceUpdate::Set { balances, time }));
    }
    let positions = parts.take(event.change.positions, |raw| object::<PositionWire<'_>>(raw)?.read(time));
    parts.messages.extend(positions.into_iter().map(|position| PrivateMessage::Position(Box::new(position))));
    Ok(parts.into_frame())
}

/// A payment without the id that a read of payments tells.
fn funding(symbol: &str, asset: &Asset, amount: Decimal, time: Timestamp) -> PrivateMessage {
    let (symbol, asset) = (symbol.to_owned(), asset.clone());
    let payment = FundingReport { symbol, side: None, id: None, asset, amount, rate: None, size: None, time };
    PrivateMessage::Funding(Box::new(payment))
}

/// Reads the event `MARGIN_CALL`; one that names no position is about the account.
pub(crate) fn margin_call(raw: &str) -> Result<PrivateFrame, Fault> {
    let event: CallWire<'_> = object(raw)?;
    let time = millis(event.time)?;
    let mut parts = Parts::default();
    let whole = event.positions.is_empty();
    let called = parts.take(event.positions, object::<CalledWire<'_>>);
    parts.messages.extend(called.into_iter().map(|called| PrivateMessage::MarginCall {
        symbol: Some(called.symbol),
        side: position_side(&called.side),
        time,
    }));
    if whole {
        parts.messages.push(PrivateMessage::MarginCall { symbol: None, side: None, time });
    }
    Ok(parts.into_frame())
}

/// What was read of an event, and what could not be.
#[derive(Default)]
struct Parts {
    messages: Vec<PrivateMessage>,
    errors: Vec<Error>,
}

impl Parts {
    fn take<'a, T>(&mut self, list: Vec<&'a RawValue>, read: impl Fn(&'a str) -> Result<T, Fault>) -> Vec<T> {
        let mut taken = Vec::new();
        for raw in list {
            match read(raw.get()) {
                Ok(part) => taken.push(part),
                Err(fault) => self.errors.push(unreadable(fault, raw.get().as_bytes())),
            }
        }
        taken
    }

    fn into_frame(self) -> PrivateFrame {
        PrivateFrame::Messages(self.messages, self.errors)
    }
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "T")]
    time: u64,
    #[serde(rename = "a", borrow)]
    change: Change<'a>,
}

#[derive(Deserialize)]
struct Change<'a> {
    #[serde(rename = "m", borrow)]
    reason: Cow<'a, str>,
    /// Of a funding payment.
    #[serde(rename = "S", borrow)]
    symbol: Option<Cow<'a, str>>,
    #[serde(rename = "B", borrow, default)]
    balances: Vec<&'a RawValue>,
    #[serde(rename = "P", borrow, default)]
    positions: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct BalanceWire<'a> {
    #[serde(rename = "a")]
    asset: Asset,
    #[serde(rename = "wb", borrow)]
    wallet: Number<'a>,
    /// By how much, but for profit and commission.
    #[serde(rename = "bc", borrow)]
    delta: Option<Number<'a>>,
}

impl BalanceWire<'_> {
    fn read(self) -> Result<(BalanceReport, Decimal), Fault> {
        let delta = optional(self.delta.as_ref(), signed)?.unwrap_or_default();
        Ok((BalanceReport { asset: self.asset, total: signed(&self.wallet)?, available: None }, delta))
    }
}

#[derive(Deserialize)]
struct PositionWire<'a> {
    #[serde(rename = "s")]
    symbol: String,
    #[serde(rename = "ps", borrow, default)]
    side: Cow<'a, str>,
    #[serde(rename = "pa", borrow)]
    size: Number<'a>,
    #[serde(rename = "ep", borrow)]
    entry: Number<'a>,
    #[serde(rename = "up", borrow)]
    profit: Option<Number<'a>>,
    #[serde(rename = "mt", borrow, default)]
    margin: Cow<'a, str>,
    #[serde(rename = "iw", borrow)]
    isolated: Option<Number<'a>>,
}

impl PositionWire<'_> {
    fn read(self, time: Timestamp) -> Result<PositionReport, Fault> {
        let margin_mode = margin_mode(&self.margin);
        let isolated = self.isolated.as_ref().filter(|_| margin_mode == Some(MarginMode::Isolated));
        Ok(PositionReport {
            side: position_side(&self.side),
            size: signed(&self.size)?,
            entry_price: positive(&self.entry)?,
            mark_price: None,
            unrealised_profit: optional(self.profit.as_ref(), signed)?,
            liquidation_price: None,
            isolated_margin: optional(isolated, signed)?,
            leverage: None,
            margin_mode,
            time,
            symbol: self.symbol,
        })
    }
}

#[derive(Deserialize)]
struct CallWire<'a> {
    #[serde(rename = "E")]
    time: u64,
    #[serde(rename = "p", borrow, default)]
    positions: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct CalledWire<'a> {
    #[serde(rename = "s")]
    symbol: String,
    #[serde(rename = "ps", borrow, default)]
    side: Cow<'a, str>,
}
