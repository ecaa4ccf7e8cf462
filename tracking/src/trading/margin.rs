use tradewire_core::{
    AccountChange, Contract, Decimal, Fill, FundingReport, Instrument, MarginModeReport, Order, Pair, Part, Position,
    PositionMode, PositionModeReport, PositionSide, Price, PrivateMessage, Source, Timestamp,
};

use super::keeper::{Keeper, State, Step};
use crate::{AccountSettings, LockFormula, Movement, PositionKey, Setting};

/// What the account has besides orders and balances where contracts are traded.
impl Keeper {
    /// Whether contracts are traded.
    pub(super) fn trades_contracts(&self) -> bool {
        self.source.market().capabilities().perpetual.is_some()
    }

    /// What an order is a contract about; `None` where assets are traded.
    pub(super) fn contract(&self, pair: Option<&Pair>) -> Option<Contract> {
        if !self.trades_contracts() {
            return None;
        }
        self.market.instruments.read().get(pair?)?.contract.clone()
    }

    /// The position mode that holds for an instrument.
    pub(super) fn position_mode(&self, instrument: &Instrument) -> Option<PositionMode> {
        self.look(|state| state.settings.position_mode(instrument))
    }

    /// How an order of a contract locks collateral. While its leverage is not known, it is taken to lock nothing.
    pub(super) fn margin_formula(&self, settings: &AccountSettings, contract: &Contract, order: &Order) -> LockFormula {
        let leverage = settings.leverage(&order.symbol, order.position_side);
        LockFormula::Margin {
            collateral: contract.collateral().clone(),
            leverage: leverage.unwrap_or(Decimal::ONE),
            reduce_only: leverage.is_none() || closes(order),
            market_price: self.market_price(order),
        }
    }

    /// Takes a new fill of a contract's order into its position, and what it realised into balances.
    pub(super) fn settle(&self, state: &mut State, contract: &Contract, number: u64, fill: &Fill, now: Timestamp) {
        let hedge = || {
            let instrument = fill.pair.as_ref().and_then(|pair| self.instrument(pair));
            instrument.is_some_and(|of| state.settings.position_mode(&of) == Some(PositionMode::Hedge))
        };
        let nameless = fill.position_side.is_none() && hedge();
        let settled = if nameless { None } else { state.positions.fill(now, fill) };
        if nameless {
            state.positions.read_again(now);
        }
        let leverage = state.settings.leverage(&fill.symbol, fill.position_side);
        let moved = Movement::of_contract(contract, fill, settled, leverage);
        state.balances.settled(now, number, fill, &moved);
    }

    /// What the private stream tells besides orders and balances.
    pub(super) fn contract_message(&self, state: &mut State, step: &mut Step, message: PrivateMessage, now: Timestamp) {
        match message {
            PrivateMessage::Position(report) => state.positions.report(now, *report),
            PrivateMessage::Leverage(report) => self.set(state, Setting::Leverage(report), now),
            PrivateMessage::PositionMode(report) => self.set(state, Setting::PositionMode(report), now),
            PrivateMessage::MarginMode(report) => self.set(state, Setting::MarginMode(report), now),
            PrivateMessage::Funding(report) => self.paid(state, step, *report, Source::Stream),
            PrivateMessage::MarginCall { symbol, side, time } => {
                let symbol = symbol.map(|symbol| symbol.as_str().into());
                step.tell(Some(time), AccountChange::MarginCall { symbol, side });
            }
            _ => {}
        }
    }

    /// The exchange tells a setting.
    pub(super) fn set(&self, state: &mut State, setting: Setting, now: Timestamp) {
        let symbol = match &setting {
            Setting::Leverage(report) => Some(report.symbol.clone()),
            _ => None,
        };
        let before = symbol.as_ref().map(|symbol| leverages(&state.settings, symbol));
        state.settings.take(setting);
        let Some(symbol) = symbol.filter(|symbol| before != Some(leverages(&state.settings, symbol))) else { return };
        self.relock(state, &symbol);
        // What positions tie up has changed too.
        state.balances.read_again(now);
    }

    /// Live orders of an instrument lock by its new leverage.
    fn relock(&self, state: &mut State, symbol: &str) {
        let State { orders, settings, balances, .. } = state;
        for record in orders.live().filter(|record| *record.order.symbol == *symbol) {
            if let Some(contract) = self.contract(record.order.pair.as_ref()) {
                balances.relock(record.number, self.margin_formula(settings, &contract, &record.order));
            }
        }
    }

    /// A funding payment is told.
    pub(super) fn paid(&self, state: &mut State, step: &mut Step, report: FundingReport, source: Source) {
        let pair = self.instrument_of(&report.symbol).map(|instrument| instrument.pair.clone());
        if let Some(payment) = state.payments.take(report, pair, source) {
            state.balances.paid(&payment);
            step.pay(payment);
        }
    }

    /// Has what changed of settings and positions recorded and told, in this order. Answers whether a position mode is another.
    pub(super) fn hand_in_contracts(&self, state: &mut State, step: &mut Step) -> bool {
        let mut other_mode = false;
        for setting in state.settings.changes() {
            other_mode |= matches!(setting, Setting::PositionMode(_));
            step.tell(None, self.told(&setting));
            step.record_setting(setting);
        }
        for mut position in state.positions.changes(|pair| self.mark(pair)) {
            self.complete(&state.settings, &mut position);
            step.tell(Some(position.time), AccountChange::Position(Box::new(position.clone())));
            step.record_position(position);
        }
        other_mode
    }

    fn told(&self, setting: &Setting) -> AccountChange {
        match setting.clone() {
            Setting::PositionMode(PositionModeReport { scope, mode }) => AccountChange::PositionMode { scope, mode },
            Setting::MarginMode(MarginModeReport { scope, mode }) => AccountChange::MarginMode { scope, mode },
            Setting::Leverage(report) => AccountChange::Leverage {
                pair: self.instrument_of(&report.symbol).map(|instrument| instrument.pair.clone()),
                symbol: report.symbol.as_str().into(),
                side: report.side,
                leverage: report.leverage,
            },
        }
    }

    /// A position as it is known now.
    pub(super) fn position(&self, key: &PositionKey) -> Option<Position> {
        self.look(|state| {
            let mut position = state.positions.position(key, |pair| self.mark(pair))?;
            self.complete(&state.settings, &mut position);
            Some(position)
        })
    }

    /// Adds what settings tell of a position.
    fn complete(&self, settings: &AccountSettings, position: &mut Position) {
        position.leverage = settings.leverage(&position.symbol, position.side).or(position.leverage);
        if position.margin_mode.is_none() {
            let instrument = position.pair.as_ref().and_then(|pair| self.instrument(pair));
            position.margin_mode = instrument.and_then(|instrument| settings.margin_mode(&instrument));
        }
    }

    /// The mark price that the market tells.
    fn mark(&self, pair: &Pair) -> Option<(Price, Timestamp)> {
        self.market.books.get(pair)?.funding().map(|funding| (funding.mark_price, funding.time))
    }

    /// The mark price that the market has told lately.
    pub(super) fn mark_price(&self, pair: &Pair) -> Option<Price> {
        let (price, time) = self.mark(pair)?;
        (time.after(self.market.config.stale_after) >= self.exchange_now()).then_some(price)
    }

    /// Judges whether the account's position mode is the one that the program expects.
    pub(super) fn judge_mode(&self) {
        if !self.trades_contracts() {
            return;
        }
        let followed: Vec<_> = self.market.books.all().iter().map(|book| book.instrument()).collect();
        let verdict = self.look(|state| {
            if state.restarted && followed.iter().all(|of| state.settings.position_mode(of).is_none()) {
                return Err("not read yet".to_owned());
            }
            followed.iter().filter(|of| of.contract.is_some()).try_for_each(|of| {
                match (state.settings.position_mode(of), state.expected_mode) {
                    (Some(is), Some(expected)) if is != expected => {
                        Err(format!("{} is in {is} mode, and {expected} is configured", of.pair))
                    }
                    (Some(_), _) => Ok(()),
                    (None, _) => Err(format!("the position mode of {} is not known yet", of.pair)),
                }
            })
        });
        match verdict {
            Ok(()) => self.market.readiness.ready(Part::Mode),
            Err(reason) => self.market.readiness.not_ready(Part::Mode, &reason),
        }
    }
}

/// Whether an order can only make a position smaller.
fn closes(order: &Order) -> bool {
    order.reduce_only || order.position_side.is_some_and(|position| position.is_closed_by(order.side))
}

fn leverages(settings: &AccountSettings, symbol: &str) -> [Option<Decimal>; 2] {
    [PositionSide::Long, PositionSide::Short].map(|side| settings.leverage(symbol, Some(side)))
}
