//! All accounts of an exchange, under one lock.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rust_decimal::Decimal;
use serde::Serialize;

use super::account::{Account, AccountId};
use super::error::OrderError;
use super::event::{AccountChange, AccountEvent};
use super::filters::ExchangeRules;
use super::key::{ApiKey, Credentials, KeyType};
use super::keygen;
use super::perpetual::{AlgoId, Movement, TransactionKind};
use super::rates::{CommissionRates, Rates};
use crate::clock::Timestamp;
use crate::market::MarketId;
use crate::policy::Policy;

/// Letters of an id that the exchange makes.
const MADE_ID_LENGTH: usize = 22;

/// All accounts. Taken after a market's lock, never before one.
#[derive(Debug)]
pub(crate) struct Accounts {
    seed: u64,
    all: Vec<Account>,
    by_name: HashMap<String, AccountId>,
    by_key: HashMap<String, AccountId>,
    random: ChaCha8Rng,
    pub(super) rules: ExchangeRules,
    pub(super) policy: Policy,
    /// Whether the accounts hold contracts.
    pub(super) contracts: bool,
    next_transaction: u64,
    next_algo: u64,
    pub(super) next_list: u64,
    pub(super) sequences: HashMap<MarketId, Sequences>,
    pub(super) totals: Totals,
    pub(super) outbox: Vec<AccountEvent>,
}

/// Numbers that count up per market.
#[derive(Debug, Default)]
pub(super) struct Sequences {
    pub(super) execution: u64,
    pub(super) prevented: u64,
}

/// Where funds are that no account has, by asset: what all accounts have is `deposited` less `fees` and `others`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Totals {
    /// Brought in, less what was taken out.
    pub deposited: BTreeMap<Arc<str>, Decimal>,
    /// Taken as fees, less rebates.
    pub fees: BTreeMap<Arc<str>, Decimal>,
    /// Won by traders without an account, whose purse is infinite; negative is lost. Of contracts: the
    /// losses that accounts have realised, less their profits.
    pub others: BTreeMap<Arc<str>, Decimal>,
    /// Fundings that the accounts have paid, less what they have received.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub funding: BTreeMap<Arc<str>, Decimal>,
    /// What the insurance fund has taken, less what it has paid.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub insurance: BTreeMap<Arc<str>, Decimal>,
}

impl Accounts {
    /// No accounts yet; what is random follows from the seed.
    pub(crate) fn new(seed: u64, rules: ExchangeRules, policy: Policy, contracts: bool) -> Accounts {
        Accounts {
            seed,
            all: Vec::new(),
            by_name: HashMap::new(),
            by_key: HashMap::new(),
            random: ChaCha8Rng::seed_from_u64(seed.rotate_left(31)),
            rules,
            policy,
            contracts,
            next_transaction: 1,
            next_algo: 1_000_000_000,
            next_list: 1,
            sequences: HashMap::new(),
            totals: Totals::default(),
            outbox: Vec::new(),
        }
    }

    /// Opens an account without funds and keys; `None` if the name is taken.
    pub(crate) fn open(&mut self, name: &str, now: Timestamp) -> Option<AccountId> {
        if self.by_name.contains_key(name) {
            return None;
        }
        let id = AccountId(u32::try_from(self.all.len()).ok()?);
        self.by_name.insert(name.to_owned(), id);
        let mut account = Account::new(id, name, now);
        let (maker, taker) = self.policy.rates;
        account.rates.standard = Rates::new(maker, taker);
        account.margins.settings.mode = self.policy.position_mode;
        self.all.push(account);
        Some(id)
    }

    /// Adds a key to an account.
    ///
    /// # Errors
    /// No such account, or what the library for cryptography says.
    pub(crate) fn add_key(&mut self, id: AccountId, key_type: KeyType) -> Result<Credentials, String> {
        let (seed, in_base64) = (self.seed, self.policy.base64_secrets);
        let account = self.all.get_mut(id.0 as usize).ok_or("no such account")?;
        let (key, secret) = keygen::make(seed, (&account.name, account.keys.len()), key_type, in_base64)?;
        let credentials = Credentials { account: account.name.clone(), key_type, api_key: key.text.clone(), secret };
        self.by_key.insert(key.text.clone(), id);
        account.keys.push(key);
        account.credentials.push(credentials.clone());
        Ok(credentials)
    }

    /// Makes a key useless from now on; false if there is none.
    pub(crate) fn revoke_key(&mut self, text: &str) -> bool {
        self.set_revoked(text, true)
    }

    /// Takes a revocation back; false if there is no such key.
    pub(crate) fn restore_key(&mut self, text: &str) -> bool {
        self.set_revoked(text, false)
    }

    fn set_revoked(&mut self, text: &str, revoked: bool) -> bool {
        let id = self.by_key.get(text).copied();
        let key = id.and_then(|id| self.all[id.0 as usize].keys.iter_mut().find(|key| key.text == text));
        key.map(|key| key.revoked = revoked).is_some()
    }

    /// The account and the data of a key, revoked or not.
    pub(crate) fn key(&self, text: &str) -> Option<(AccountId, &ApiKey)> {
        let id = *self.by_key.get(text)?;
        self.all[id.0 as usize].keys.iter().find(|key| key.text == text).map(|key| (id, key))
    }

    /// The account of this name.
    pub(crate) fn named(&self, name: &str) -> Option<AccountId> {
        self.by_name.get(name).copied()
    }

    /// All accounts, in the order of opening.
    pub(crate) fn all(&self) -> &[Account] {
        &self.all
    }

    /// One account.
    ///
    /// # Errors
    /// [`OrderError::NoAccount`].
    pub(crate) fn account(&self, id: AccountId) -> Result<&Account, OrderError> {
        self.all.get(id.0 as usize).ok_or(OrderError::NoAccount)
    }

    /// One account, to be changed.
    ///
    /// # Errors
    /// [`OrderError::NoAccount`].
    pub(crate) fn account_mut(&mut self, id: AccountId) -> Result<&mut Account, OrderError> {
        self.all.get_mut(id.0 as usize).ok_or(OrderError::NoAccount)
    }

    /// An id for an order or a cancel to which its client gave none.
    pub(crate) fn made_id(&mut self) -> String {
        keygen::letters(&mut self.random, MADE_ID_LENGTH)
    }

    /// Brings funds in, or takes them out where `amount` is negative; never below zero.
    /// Returns what was moved.
    pub(crate) fn deposit(&mut self, id: AccountId, asset: &str, amount: Decimal, now: Timestamp) -> Option<Decimal> {
        let account = self.all.get_mut(id.0 as usize)?;
        let asset: Arc<str> = Arc::from(asset);
        let balance = account.balances.entry(Arc::clone(&asset)).or_default();
        let moved = amount.max(-balance.free);
        balance.free += moved;
        let after = *balance;
        account.updated = now;
        *self.totals.deposited.entry(Arc::clone(&asset)).or_default() += moved;
        if self.contracts {
            self.transact(id, Movement::new(TransactionKind::Transfer, Arc::clone(&asset), moved), now);
        }
        self.tell(id, now, AccountChange::Delta { asset: Arc::clone(&asset), delta: moved });
        self.tell(id, now, AccountChange::Balances(vec![(asset, after)]));
        Some(moved)
    }

    /// Locks funds from outside, or frees them where `amount` is negative; never more than there is.
    /// Returns what was moved.
    pub(crate) fn lock_outside(
        &mut self,
        id: AccountId,
        asset: &str,
        amount: Decimal,
        now: Timestamp,
    ) -> Option<Decimal> {
        let account = self.all.get_mut(id.0 as usize)?;
        let asset: Arc<str> = Arc::from(asset);
        let held = account.external_locks.entry(Arc::clone(&asset)).or_default();
        let balance = account.balances.entry(Arc::clone(&asset)).or_default();
        let moved = amount.min(balance.free).max(-*held);
        *held += moved;
        balance.free -= moved;
        balance.locked += moved;
        let after = *balance;
        account.updated = now;
        self.tell(id, now, AccountChange::ExternalLock { asset: Arc::clone(&asset), delta: moved });
        self.tell(id, now, AccountChange::Balances(vec![(asset, after)]));
        Some(moved)
    }

    /// A number for a conditional order.
    pub(super) fn next_algo(&mut self) -> AlgoId {
        self.next_algo += 1;
        AlgoId(self.next_algo)
    }

    /// Writes down a movement of a wallet that has been made; returns its number.
    pub(super) fn transact(&mut self, id: AccountId, movement: Movement, time: Timestamp) -> u64 {
        let number = self.next_transaction;
        self.next_transaction += 1;
        if let Some(account) = self.all.get_mut(id.0 as usize) {
            let balance = account.balance(&movement.asset).total();
            account.margins.transactions.push(movement.row(number, balance, time));
        }
        number
    }

    /// What an account pays in a market.
    pub(crate) fn rates(&self, id: AccountId, market: MarketId) -> CommissionRates {
        let account = self.all.get(id.0 as usize);
        account.map(|account| account.rates_of.get(&market).unwrap_or(&account.rates).clone()).unwrap_or_default()
    }

    /// Where the funds are that no account has.
    pub(crate) fn totals(&self) -> &Totals {
        &self.totals
    }

    /// Puts an event on the list of those that the wire has not seen.
    pub(super) fn tell(&mut self, account: AccountId, time: Timestamp, what: AccountChange) {
        self.outbox.push(AccountEvent { account, time, what });
    }

    /// Takes out the events that the wire has not seen.
    pub(super) fn take_events(&mut self) -> Vec<AccountEvent> {
        std::mem::take(&mut self.outbox)
    }
}
