//! Listen keys: texts that stand for an account's private events for an hour.

use std::collections::BTreeMap;
use std::time::Duration;

use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use crate::accounts::AccountId;
use crate::clock::Timestamp;

/// How long a key lives after it was made or extended.
const LIFE: Duration = Duration::from_secs(3600);

/// The live keys, at most one for each account.
#[derive(Debug, Default)]
pub(super) struct ListenKeys {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    live: BTreeMap<AccountId, Key>,
    made: u64,
}

#[derive(Clone, Debug)]
struct Key {
    text: String,
    /// The API key with which it was made.
    api_key: String,
    ends: Timestamp,
}

impl ListenKeys {
    /// The account's key, extended; a new one if it has none.
    pub(super) fn open(&self, account: AccountId, api_key: &str, now: Timestamp) -> String {
        let mut state = self.state.lock();
        if let Some(key) = state.live.get_mut(&account) {
            key.ends = now.plus(LIFE);
            return key.text.clone();
        }
        state.made += 1;
        let text = text_of(account, state.made, now);
        let key = Key { text: text.clone(), api_key: api_key.to_owned(), ends: now.plus(LIFE) };
        state.live.insert(account, key);
        text
    }

    /// Extends the account's key; `None` if it has none.
    pub(super) fn extend(&self, account: AccountId, now: Timestamp) -> Option<String> {
        let mut state = self.state.lock();
        let key = state.live.get_mut(&account)?;
        key.ends = now.plus(LIFE);
        Some(key.text.clone())
    }

    /// The account's key.
    pub(super) fn of(&self, account: AccountId) -> Option<String> {
        self.state.lock().live.get(&account).map(|key| key.text.clone())
    }

    /// The keys of one account, or of all.
    pub(super) fn live(&self, account: Option<AccountId>) -> Vec<String> {
        let state = self.state.lock();
        let wanted = state.live.iter().filter(|(id, _)| account.is_none_or(|wanted| wanted == **id));
        wanted.map(|(_, key)| key.text.clone()).collect()
    }

    /// Ends the keys of one account, or of all; returns them.
    pub(super) fn end(&self, account: Option<AccountId>) -> Vec<(AccountId, String)> {
        self.end_where(|id, _| account.is_none_or(|wanted| wanted == id))
    }

    /// Ends the keys whose time is over; returns them.
    pub(super) fn expire(&self, now: Timestamp) -> Vec<(AccountId, String)> {
        self.end_where(|_, key| key.ends <= now)
    }

    /// Ends what was made with an API key.
    pub(super) fn end_of_api_key(&self, api_key: &str) -> Vec<(AccountId, String)> {
        self.end_where(|_, key| key.api_key == api_key)
    }

    /// Whether there are any.
    pub(super) fn any(&self) -> bool {
        !self.state.lock().live.is_empty()
    }

    fn end_where(&self, ended: impl Fn(AccountId, &Key) -> bool) -> Vec<(AccountId, String)> {
        let mut state = self.state.lock();
        let gone = state.live.extract_if(.., |id, key| ended(*id, key));
        gone.map(|(id, key)| (id, key.text)).collect()
    }
}

/// 64 letters and digits.
fn text_of(account: AccountId, number: u64, now: Timestamp) -> String {
    let hash = Sha256::digest(format!("listen key {number} of {} at {}", account.0, now.0));
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_lives_an_hour_after_it_was_last_extended() {
        let (keys, account) = (ListenKeys::default(), AccountId(0));
        let at = |minutes: i64| Timestamp::from_millis(minutes * 60_000);
        let key = keys.open(account, "api", at(0));
        assert_eq!(keys.open(account, "api", at(30)), key, "the same while it lives");
        assert_eq!(keys.extend(account, at(80)).as_ref(), Some(&key));
        assert_eq!(keys.expire(at(139)), []);
        assert_eq!(keys.expire(at(140)), [(account, key.clone())]);
        assert_eq!((keys.extend(account, at(141)), keys.any()), (None, false));
        assert_ne!(keys.open(account, "api", at(142)), key);
    }
}
