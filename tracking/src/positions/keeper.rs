use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use rust_decimal::Decimal;
use tradewire_core::exact::nearest_sum;
use tradewire_core::{
    Fill, Instrument, MarketKind, Pair, Position, PositionReport, PositionSide, Price, Side, Timestamp,
};

use super::details::Details;
use super::holding::Holding;
use crate::ReadWindow;

/// FILL_WAIT: how long fills have to explain a size that the exchange tells, before positions are read.
const FILL_WAIT: Duration = Duration::from_secs(5);

/// What names a position.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PositionKey {
    /// The exchange's name of the instrument.
    pub symbol: Arc<str>,
    /// The side of it in hedge mode; `None` in one-way mode.
    pub side: Option<PositionSide>,
}

/// What a fill did to a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// What it earned, fees apart; `None` where it is not known at which price the position was opened.
    pub realised: Option<Decimal>,
    /// |size| × entry price before it, where known.
    pub before: Option<Decimal>,
    /// |size| × entry price after it, where known.
    pub after: Option<Decimal>,
}

/// How much a read of positions is to be believed where fills do not explain it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// All fills of before it are known: what it says is so.
    Whole,
    /// Fills may be on their way: it has to say so twice.
    Beside,
}

/// All positions of an account.
///
/// It is told what happens, in any order, and asked with [`Self::changes`] what follows from it. `now` is our clock; all other
/// times are by the exchange's.
#[derive(Debug, Default)]
pub struct Positions {
    all: BTreeMap<PositionKey, Kept>,
    pairs: BTreeMap<Arc<str>, (Pair, MarketKind)>,
    changed: BTreeSet<PositionKey>,
    /// Whether all positions have been read at some time, so that one that is not known is flat.
    whole: bool,
    /// When the newest read was sent.
    read_sent: Timestamp,
    read_due: Option<Timestamp>,
}

/// One position, and what is known of it.
#[derive(Clone, Debug)]
struct Kept {
    holding: Holding,
    realised: Decimal,
    details: Details,
    /// Fills up to here are in the size without having been counted.
    inside: Timestamp,
    /// The newest fill that was counted.
    filled: Timestamp,
    /// The exchange tells another size than the fills add up to.
    doubt: Option<Doubt>,
    /// As it was told last.
    told: Option<Position>,
}

#[derive(Clone, Debug)]
struct Doubt {
    report: PositionReport,
    /// Since when, by our clock, no fill has come.
    since: Timestamp,
}

impl Kept {
    fn flat() -> Self {
        Self {
            holding: Holding::FLAT,
            realised: Decimal::ZERO,
            details: Details::default(),
            inside: Timestamp::default(),
            filled: Timestamp::default(),
            doubt: None,
            told: None,
        }
    }

    fn restored(position: Position) -> Self {
        Self {
            holding: Holding::at(position.size, position.entry_price),
            realised: position.realised_profit,
            details: Details {
                mark_price: position.mark_price,
                unrealised_profit: position.unrealised_profit,
                liquidation_price: position.liquidation_price,
                isolated_margin: position.isolated_margin,
                leverage: position.leverage,
                margin_mode: position.margin_mode,
                time: Timestamp::default(),
            },
            filled: position.time,
            told: Some(position),
            ..Self::flat()
        }
    }
}

impl Positions {
    /// As they were before a restart. `whole`: all of them were known then.
    pub fn restore(saved: Vec<Position>, whole: bool) -> Self {
        let kept = |position: Position| {
            (PositionKey { symbol: Arc::clone(&position.symbol), side: position.side }, Kept::restored(position))
        };
        Self { all: saved.into_iter().map(kept).collect(), whole, ..Self::default() }
    }

    /// Takes what is known of an instrument: reports name it by symbol only.
    pub fn instrument(&mut self, instrument: &Instrument) {
        if instrument.contract.is_some() {
            self.pairs.insert(Arc::clone(&instrument.symbol), (instrument.pair.clone(), instrument.kind));
        }
    }

    /// A contract's order was filled. Each fill once. `None`: the exchange's word had it in already.
    pub fn fill(&mut self, now: Timestamp, fill: &Fill) -> Option<Settled> {
        let key = PositionKey { symbol: Arc::clone(&fill.symbol), side: fill.position_side };
        if !self.whole && !self.all.contains_key(&key) {
            return None;
        }
        let valued = self.pairs.get(&key.symbol).is_none_or(|(_, kind)| *kind != MarketKind::InversePerpetual);
        let kept = self.all.entry(key.clone()).or_insert_with(Kept::flat);
        if fill.time.as_millis() <= kept.inside.as_millis() {
            return None;
        }
        let before = kept.holding.value().filter(|_| valued);
        let realised = kept.take_fill(fill, valued);
        kept.filled = kept.filled.max(fill.time);
        kept.details.resized();
        if let Some(doubt) = &mut kept.doubt {
            doubt.since = now;
        }
        if let Some(doubt) = kept.doubt.take_if(|doubt| doubt.report.size == kept.holding.size()) {
            kept.agree(&doubt.report, false);
        }
        let after = kept.holding.value().filter(|_| valued);
        self.changed.insert(key);
        Some(Settled { realised, before, after })
    }

    /// The private stream tells a position.
    pub fn report(&mut self, now: Timestamp, report: PositionReport) {
        let key = PositionKey { symbol: report.symbol.as_str().into(), side: report.side };
        let kept = self.all.entry(key.clone()).or_insert_with(Kept::flat);
        if report.time < kept.filled || report.time < kept.details.time {
            return;
        }
        if report.size == kept.holding.size() {
            kept.agree(&report, false);
            self.changed.insert(key);
        } else {
            let since = kept.doubt.take().map_or(now, |doubt| doubt.since);
            kept.doubt = Some(Doubt { report, since });
        }
    }

    /// A read of all positions has come. One that it does not list is closed. A failed read is not told here.
    pub fn read(&mut self, now: Timestamp, reports: Vec<PositionReport>, window: ReadWindow, trust: Trust) {
        self.read_due = None;
        if window.sent < self.read_sent {
            return;
        }
        self.read_sent = window.sent;
        let mut listed = BTreeSet::new();
        for report in reports {
            let key = PositionKey { symbol: report.symbol.as_str().into(), side: report.side };
            self.take_read(now, &key, report, window.sent, trust);
            listed.insert(key);
        }
        let vanished: Vec<_> = self.all.keys().filter(|key| !listed.contains(*key)).cloned().collect();
        for key in vanished {
            let closed = closed(&key, window.sent);
            self.take_read(now, &key, closed, window.sent, trust);
        }
        self.whole = true;
    }

    fn take_read(&mut self, now: Timestamp, key: &PositionKey, report: PositionReport, sent: Timestamp, trust: Trust) {
        let kept = self.all.entry(key.clone()).or_insert_with(Kept::flat);
        if report.size == kept.holding.size() {
            if report.time.max(sent) >= kept.details.time {
                kept.agree(&report, true);
                self.changed.insert(key.clone());
            }
            return;
        }
        let known = kept.filled.max(kept.details.time);
        let lags = report.time < known && sent < known.after(FILL_WAIT);
        let waited = kept.doubt.as_ref().is_some_and(|doubt| now.since(doubt.since) >= FILL_WAIT);
        if !lags && (waited || trust == Trust::Whole || !self.whole) {
            kept.adopt(&report);
            self.changed.insert(key.clone());
        } else {
            let since = kept.doubt.as_ref().filter(|_| !waited).map_or(now, |doubt| doubt.since);
            kept.doubt = Some(Doubt { report, since });
        }
    }

    /// Positions have changed in a way that only a read shows.
    pub fn read_again(&mut self, now: Timestamp) {
        self.read_due = Some(now);
    }

    /// When positions have to be read next, besides the reads at regular times; by our clock.
    pub fn next_read_due(&self) -> Option<Timestamp> {
        let doubts = self.all.values().filter_map(|kept| kept.doubt.as_ref());
        doubts.map(|doubt| doubt.since.after(FILL_WAIT)).chain(self.read_due).min()
    }

    /// What has changed since it was last asked for, by key: once for every step of the account. `mark` gives the mark price
    /// of an instrument and its time, where the market tells it.
    pub fn changes(&mut self, mark: impl Fn(&Pair) -> Option<(Price, Timestamp)>) -> Vec<Position> {
        let changed = std::mem::take(&mut self.changed);
        let mut changes = Vec::new();
        for key in changed {
            let Some(position) = self.position(&key, &mark) else { continue };
            let Some(kept) = self.all.get_mut(&key) else { continue };
            if kept.told.as_ref().map_or(!position.size.is_zero(), |told| differs(told, &position)) {
                kept.told = Some(position.clone());
                changes.push(position);
            }
        }
        changes
    }

    /// A position as it is known now; `None` for one that nothing was ever told of.
    pub fn position(&self, key: &PositionKey, mark: impl Fn(&Pair) -> Option<(Price, Timestamp)>) -> Option<Position> {
        let kept = self.all.get(key)?;
        let known = self.pairs.get(&key.symbol);
        let pair = known.map(|(pair, _)| pair.clone()).or_else(|| kept.told.as_ref()?.pair.clone());
        let valued = known.is_none_or(|(_, kind)| *kind != MarketKind::InversePerpetual);
        let details = &kept.details;
        let newer = |(_, time): &(Price, Timestamp)| details.mark_price.is_none() || *time >= details.time;
        let market = pair.as_ref().and_then(&mark).filter(newer).map(|(price, _)| price);
        let mark_price = market.or(details.mark_price);
        let computed = mark_price.filter(|_| valued).and_then(|mark| kept.holding.profit_at(mark));
        let open = !kept.holding.size().is_zero();
        Some(Position {
            symbol: Arc::clone(&key.symbol),
            pair,
            side: key.side,
            size: kept.holding.size(),
            entry_price: kept.holding.entry(),
            mark_price,
            unrealised_profit: computed.or(details.unrealised_profit).filter(|_| open),
            realised_profit: kept.realised,
            liquidation_price: details.liquidation_price.filter(|_| open),
            isolated_margin: details.isolated_margin.filter(|_| open),
            leverage: details.leverage,
            margin_mode: details.margin_mode,
            time: details.time.max(kept.filled).max(kept.inside),
        })
    }

    /// What names the positions that are open.
    pub fn open(&self) -> impl Iterator<Item = &PositionKey> {
        self.all.iter().filter(|(_, kept)| !kept.holding.size().is_zero()).map(|(key, _)| key)
    }
}

impl Kept {
    /// What the fill earned.
    fn take_fill(&mut self, fill: &Fill, valued: bool) -> Option<Decimal> {
        let quantity = match fill.side {
            Side::Buy => fill.quantity.value(),
            Side::Sell => -fill.quantity.value(),
        };
        let realised = self.holding.trade(quantity, fill.price);
        if !valued {
            // Its worth does not follow the price: what it cost is the exchange's to tell.
            self.holding = Holding::at(self.holding.size(), None);
            return None;
        }
        let earned = realised?;
        self.realised = nearest_sum(self.realised, earned).unwrap_or(self.realised).normalize();
        Some(earned)
    }

    /// The exchange tells the size that is known.
    fn agree(&mut self, report: &PositionReport, whole: bool) {
        let time = self.details.time.max(report.time);
        self.details = if whole { Details::of(report) } else { self.details.changed_by(report) };
        self.details.time = time;
        self.holding.entered_at(report.entry_price);
        self.doubt = None;
    }

    /// The exchange's word takes the place of what the fills add up to.
    fn adopt(&mut self, report: &PositionReport) {
        self.holding = Holding::at(report.size, report.entry_price);
        self.details = Details::of(report);
        self.inside = report.time;
        self.doubt = None;
    }
}

/// What a read says of a position that it does not list.
fn closed(key: &PositionKey, time: Timestamp) -> PositionReport {
    PositionReport {
        symbol: key.symbol.to_string(),
        side: key.side,
        size: Decimal::ZERO,
        entry_price: None,
        mark_price: None,
        unrealised_profit: None,
        liquidation_price: None,
        isolated_margin: None,
        leverage: None,
        margin_mode: None,
        time,
    }
}

/// Whether there is something to tell. Prices that only move with the market are not.
fn differs(told: &Position, is: &Position) -> bool {
    let telling =
        |of: &Position| (of.size, of.entry_price, of.realised_profit, of.liquidation_price, of.isolated_margin);
    telling(told) != telling(is)
}
