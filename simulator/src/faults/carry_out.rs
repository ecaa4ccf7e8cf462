//! Faults put in force, carried out and ended at an exchange.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::{Class, Fault, FaultId, FaultKind, Occasion};
use crate::exchange::Exchange;
use crate::flow::Traders;
use crate::listing::{Listing, TradingStatus};
use crate::market::Market;
use crate::sockets::Socket;

impl Exchange {
    /// Puts a fault in force, or carries it out at once if it waits for nothing.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn inject(&self, fault: Fault) -> Result<FaultId, String> {
        fault.check()?;
        if let Some(pair) = &fault.pair
            && self.find(pair).is_none()
        {
            return Err(format!("field `pair`: `{pair}` is not listed"));
        }
        match fault.class() {
            Class::Now => self.carry_out(&fault)?,
            Class::Socket if fault.nth.is_none() && fault.probability.is_none() => {
                self.strike_sockets(&fault);
                return Ok(self.passing(fault));
            }
            _ => {}
        }
        if fault.class() == Class::Now && !fault.kind.lasts() {
            return Ok(self.passing(fault));
        }
        let id = self.faults.arm(fault, self.clock.now());
        self.update_refusing();
        self.wake.notify_one();
        Ok(id)
    }

    /// A number for a fault that is already over.
    fn passing(&self, fault: Fault) -> FaultId {
        let id = self.faults.arm(fault, self.clock.now());
        self.faults.disarm(id);
        id
    }

    /// Ends one fault; false if there is none with this number.
    pub(crate) fn clear(&self, id: FaultId) -> bool {
        let ended = self.faults.disarm(id);
        if let Some(fault) = &ended {
            self.undo(fault);
        }
        self.update_refusing();
        ended.is_some()
    }

    /// Ends all faults.
    pub(crate) fn clear_all(&self) {
        for (id, _, _) in self.faults.list() {
            self.clear(id);
        }
    }

    /// Ends the faults whose time is over.
    pub(crate) fn expire_faults(&self) {
        for fault in self.faults.expire(self.clock.now()) {
            self.undo(&fault);
        }
        self.update_refusing();
    }

    fn update_refusing(&self) {
        let closed = |fault: &Fault| {
            let scheduled = fault.nth.is_some() || fault.probability.is_some();
            fault.kind == FaultKind::RefuseConnect && !scheduled && fault.limit() == u64::MAX
        };
        let refusing = self.faults.any(self.clock.now(), closed);
        self.refusing.send_if_modified(|present| std::mem::replace(present, refusing) != refusing);
    }

    fn carry_out(&self, fault: &Fault) -> Result<(), String> {
        match &fault.kind {
            FaultKind::Skew { ms } => self.clock.set_skew(ms.saturating_mul(1000)),
            FaultKind::Advance { ms } => {
                self.clock.advance(Duration::from_millis(*ms));
                self.pass_time(false);
            }
            FaultKind::WideSymbol if self.find("币安人生-USDT").is_none() => self.list(Listing::wide()),
            FaultKind::Maintenance => self.sockets.all().iter().for_each(|socket| socket.cut.cancel()),
            FaultKind::Flow { seed } => self.each_market(fault, |market| {
                market.traders = Some(Traders::new(*seed, &market.listing, 1000));
            })?,
            FaultKind::TickChange { tick } => self.each_market(fault, |market| market.listing.tick = *tick)?,
            FaultKind::Halt { status } => self.each_market(fault, |market| market.listing.status = *status)?,
            FaultKind::Delist => {
                if fault.pair.is_none() {
                    return Err("field `pair` is needed for `delist`".to_owned());
                }
                for market in self.markets_of(fault) {
                    let mark = self.prices.marks.of(market.lock().id).map(|quote| quote.mark());
                    self.at_desk(&market, |desk| match mark {
                        Some(mark) => desk.settle_contract(mark),
                        None => desk.expire_everything(),
                    });
                }
                self.each_market(fault, |market| market.gone = true)?;
            }
            FaultKind::RevokeKey { key } => self.revoke(fault, key.as_deref())?,
            FaultKind::EndSubscription => {
                let account = fault.account.is_some().then(|| self.account_of(fault)).transpose()?;
                self.front.end_subscriptions(self, account, fault.connection);
            }
            FaultKind::ExpireKey | FaultKind::ExpireKeySilently => {
                let account = fault.account.is_some().then(|| self.account_of(fault)).transpose()?;
                self.front.expire_listen_keys(self, account, fault.kind == FaultKind::ExpireKey);
            }
            _ if fault.kind.acts_on_account() => self.act(fault)?,
            _ => {}
        }
        self.faults.count(&fault.kind);
        Ok(())
    }

    fn undo(&self, fault: &Fault) {
        match &fault.kind {
            FaultKind::Skew { .. } => self.clock.set_skew(0),
            FaultKind::Halt { .. } => self.markets_of(fault).iter().for_each(|market| {
                market.lock().listing.status = TradingStatus::Trading;
            }),
            FaultKind::Delist => self.markets_of(fault).iter().for_each(|market| market.lock().gone = false),
            _ => {}
        }
    }

    fn each_market(&self, fault: &Fault, change: impl Fn(&mut Market)) -> Result<(), String> {
        let markets = self.markets_of(fault);
        markets.iter().for_each(|market| change(&mut market.lock()));
        if markets.is_empty() { Err("no such pair is listed".to_owned()) } else { Ok(()) }
    }

    /// The market that a fault names, delisted or not; all of them if it names none.
    fn markets_of(&self, fault: &Fault) -> Vec<Arc<Mutex<Market>>> {
        let Some(name) = &fault.pair else { return self.markets() };
        self.market_ever(name).into_iter().collect()
    }

    fn strike_sockets(&self, fault: &Fault) {
        let symbol = fault.pair.as_ref().and_then(|pair| self.find(pair));
        let symbol = symbol.map(|market| market.lock().listing.symbol.to_lowercase());
        let matches = |socket: &&Arc<Socket>| {
            fault.connection.is_none_or(|id| id == socket.id)
                && fault.path.as_ref().is_none_or(|path| socket.path.starts_with(path.as_str()))
                && fault.stream.as_ref().is_none_or(|wanted| socket.subscribes(|name| name.contains(wanted.as_str())))
                && symbol.as_ref().is_none_or(|symbol| socket.subscribes(|name| name.to_lowercase().contains(symbol)))
        };
        let limit = usize::try_from(fault.times.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
        for socket in self.sockets.all().iter().filter(matches).take(limit) {
            self.strike_socket(&fault.kind, socket);
            self.faults.count(&fault.kind);
        }
    }

    /// Does to a socket what a fault orders.
    pub(crate) fn strike_socket(&self, kind: &FaultKind, socket: &Arc<Socket>) {
        match kind {
            FaultKind::Drop => socket.cut.cancel(),
            FaultKind::Freeze => socket.frozen.cancel(),
            FaultKind::DayCut => socket.close(1001, "connection has reached its maximum age"),
            FaultKind::ShutdownNotice => self.front.announce_shutdown(self, socket),
            _ => {}
        }
    }

    /// The faults that strike a request, in the order of injection; what is done to an account is done here.
    /// `method` is HTTP's, or `WS` for a call on a socket, whose name is then the path.
    pub(crate) fn faults_on_request(&self, occasion: Occasion<'_>, symbol: Option<&str>) -> Vec<FaultKind> {
        let market = symbol.and_then(|symbol| self.market(symbol));
        let pair = market.map(|market| market.lock().listing.pair());
        let occasion = Occasion { symbol: symbol.zip(pair.as_deref()), ..occasion };
        let classes = [Class::Request, Class::Message];
        let struck = self.faults.strike_whole(self.clock.now(), &classes, &occasion);
        let mut kinds = Vec::new();
        for fault in struck {
            if !fault.kind.acts_on_account() {
                kinds.push(fault.kind);
            } else if let Err(problem) = self.act(&fault) {
                tracing::warn!(problem, "a fault could not be carried out");
            }
        }
        kinds
    }

    /// Makes a key useless; without a text all keys of the account that the fault names.
    fn revoke(&self, fault: &Fault, key: Option<&str>) -> Result<(), String> {
        let account = self.account_of(fault)?;
        let keys: Vec<String> = match key {
            Some(key) => vec![key.to_owned()],
            None => {
                let accounts = self.accounts.lock();
                accounts.account(account).into_iter().flat_map(|a| &a.keys).map(|key| key.text.clone()).collect()
            }
        };
        let known = keys.iter().filter(|key| self.revoke_key(key)).count();
        if known > 0 { Ok(()) } else { Err("field `key`: there is no such key".to_owned()) }
    }

    /// Request weight that another client spends in each minute.
    pub(crate) fn other_load(&self) -> u64 {
        self.sum_of_faults(|kind| if let FaultKind::OtherLoad { weight, .. } = kind { *weight } else { 0 })
    }

    /// New orders that another client of the account places in each window in which orders are counted.
    pub(crate) fn other_orders(&self) -> u64 {
        self.sum_of_faults(|kind| if let FaultKind::OtherLoad { orders, .. } = kind { *orders } else { 0 })
    }

    /// How long queries do not see a new order.
    pub(crate) fn query_lag(&self) -> Duration {
        Duration::from_millis(self.sum_of_faults(|kind| if let FaultKind::LagQuery { ms } = kind { *ms } else { 0 }))
    }

    /// Whether sockets without a route carry nothing but public streams.
    pub(crate) fn has_silent_root(&self) -> bool {
        self.faults.any(self.clock.now(), |fault| fault.kind == FaultKind::SilentRoot)
    }

    fn sum_of_faults(&self, of: impl Fn(&FaultKind) -> u64) -> u64 {
        self.faults.list().into_iter().map(|(_, fault, _)| of(&fault.kind)).sum()
    }

    /// Whether the exchange is closed.
    pub(crate) fn in_maintenance(&self) -> bool {
        self.faults.any(self.clock.now(), |fault| fault.kind == FaultKind::Maintenance)
    }
}
