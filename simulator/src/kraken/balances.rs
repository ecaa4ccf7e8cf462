//! Entries of an account's ledger, on the channel `balances`.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::Kraken;
use super::exact::short;
use super::ids;
use super::private_events::Told;
use super::sessions::Channel;
use super::times::rfc3339;
use crate::accounts::{AccountChange, AccountEvent, AccountId, Balance, OrderChange};
use crate::exchange::Exchange;

/// Totals as they were told last, by account and asset; and how many entries there were.
#[derive(Debug, Default)]
pub(super) struct Totals {
    told: Mutex<HashMap<(AccountId, Arc<str>), Decimal>>,
    entries: AtomicU64,
}

/// What has brought about a change of balances: the trades since the last one, or a transfer.
#[derive(Debug, Default)]
pub(super) struct Causes {
    /// Fees by asset.
    fees: HashMap<(AccountId, Arc<str>), Decimal>,
    trade: Option<String>,
    transfer: bool,
}

impl Causes {
    /// Notes an event.
    pub(super) fn note(&mut self, event: &AccountEvent) {
        match &event.what {
            AccountChange::Order(order) => {
                if let OrderChange::Trade(trade) = &order.change {
                    let fill = &trade.fill;
                    let key = (event.account, Arc::clone(&fill.commission_asset));
                    *self.fees.entry(key).or_default() += fill.commission;
                    self.trade = Some(ids::fill(fill));
                }
            }
            AccountChange::Delta { .. } => self.transfer = true,
            _ => {}
        }
    }
}

impl Kraken {
    /// Tells balances that have changed by more than what is held of them.
    pub(super) fn tell_balances(
        &self,
        exchange: &Exchange,
        event: &AccountEvent,
        balances: &[(Arc<str>, Balance)],
        causes: &mut Causes,
    ) {
        if self.sessions.listeners(event.account, Channel::Balances).is_empty() {
            return;
        }
        let mut rows = Vec::new();
        for (asset, balance) in balances {
            let key = (event.account, Arc::clone(asset));
            let before = self.totals.told.lock().insert(key.clone(), balance.total()).unwrap_or_default();
            let change = balance.total() - before;
            if change.is_zero() {
                continue;
            }
            let fee = causes.fees.remove(&key).unwrap_or_default();
            let (kind, category) = match (&causes.trade, causes.transfer) {
                (_, true) if change > Decimal::ZERO => ("deposit", "deposit"),
                (_, true) => ("withdrawal", "withdrawal"),
                _ => ("trade", "trade"),
            };
            let entry = self.totals.entries.fetch_add(1, Ordering::Relaxed) + 1;
            let row = json!({
                "ledger_id": ids::ledger(entry), "ref_id": causes.trade.clone().unwrap_or_else(|| ids::ledger(entry)),
                "timestamp": rfc3339(event.time), "type": kind, "asset": asset, "asset_class": "currency",
                "category": category, "wallet_type": "spot", "wallet_id": "main", "amount": short(change + fee),
                "fee": short(fee), "balance": short(balance.total()),
            });
            rows.extend(if let Value::Object(row) = row { Some(row) } else { None });
        }
        *causes = Causes::default();
        if rows.is_empty() {
            return;
        }
        let told = Told {
            channel: Channel::Balances,
            symbol: None,
            order: None,
            report: "update",
            end: false,
            last: Decimal::ZERO,
            between: false,
            rows,
        };
        self.tell(exchange, event.account, &told);
    }

    /// All balances of an account, which later changes are told against.
    pub(super) fn balances_at_first(&self, exchange: &Exchange, account: AccountId) -> Vec<Map<String, Value>> {
        let accounts = exchange.accounts.lock();
        let Ok(account) = accounts.account(account) else { return Vec::new() };
        let mut told = self.totals.told.lock();
        let row = |(asset, balance): (&Arc<str>, &Balance)| {
            told.insert((account.id, Arc::clone(asset)), balance.total());
            let total = short(balance.total());
            let row = json!({
                "asset": asset, "asset_class": "currency", "balance": total,
                "wallets": [{ "type": "spot", "id": "main", "balance": total }],
            });
            if let Value::Object(row) = row { Some(row) } else { None }
        };
        account.balances.iter().filter_map(row).collect()
    }
}
