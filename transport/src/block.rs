use std::time::Duration;

use tradewire_core::{Error, ErrorKind, Timestamp};

use crate::pool::AccountId;
use crate::{Applicant, Cost, Unit};

/// How long nothing leaves after "too many requests" without a time.
pub const RETRY_AFTER_429: Duration = Duration::from_secs(60);
/// How long nothing leaves after a ban without a time. Doubled for each repeat within a day.
pub const BAN_DEFAULT: Duration = Duration::from_secs(120);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What an exchange does when a limit was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// It refuses requests for a while.
    TooMany,
    /// It has banned the address for a while.
    Banned,
}

/// An answer that says that a limit was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What the exchange does.
    pub kind: RefusalKind,
    /// What may not be sent meanwhile: requests that take this unit, or nothing at all. A unit that accounts count stops
    /// only the account that was refused.
    pub unit: Option<Unit>,
    /// For how long; `None` where the answer does not tell.
    pub pause: Option<Duration>,
}

/// Until when requests may not leave, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) kind: RefusalKind,
    pub(crate) until: Timestamp,
}

impl Block {
    /// The error for a request that it kept from leaving; `until` is its end on our own clock. What a command's caller does is
    /// the same for every reason: wait until then.
    pub(crate) fn error(&self, of: &Applicant, until: Timestamp) -> Error {
        let (kind, text) = match self.kind {
            RefusalKind::TooMany => (ErrorKind::RateLimited, "the exchange has asked for a pause"),
            RefusalKind::Banned => (ErrorKind::Banned, "the exchange has banned this address for a while"),
        };
        let kind = if of.fails_when_blocked { ErrorKind::RateLimited } else { kind };
        Error::new(kind, text).with("sent", "no").with_retry_at(until)
    }
}

/// Which requests a block keeps from leaving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reach {
    /// Those of this account; `None`: of all.
    pub(crate) owner: Option<AccountId>,
    /// Those that take this unit; `None`: all.
    pub(crate) unit: Option<Unit>,
}

impl Reach {
    fn hits(&self, account: AccountId, cost: &Cost) -> bool {
        self.owner.is_none_or(|owner| owner == account) && self.unit.is_none_or(|unit| cost.of(unit) > 0)
    }
}

/// All blocks in force.
#[derive(Clone, Debug, Default)]
pub(crate) struct Blocks {
    in_force: Vec<(Reach, Block)>,
    last_ban: Option<(Timestamp, u32)>,
}

impl Blocks {
    /// Puts a refusal in force, for the requests of `owner` or for all. Returns until when.
    pub(crate) fn add(&mut self, refusal: Refusal, owner: Option<AccountId>, now: Timestamp) -> Timestamp {
        let reach = Reach { owner, unit: refusal.unit };
        let pause = refusal.pause.unwrap_or_else(|| match refusal.kind {
            RefusalKind::TooMany => RETRY_AFTER_429,
            RefusalKind::Banned => BAN_DEFAULT.saturating_mul(1 << self.earlier_bans(now).min(16)),
        });
        if refusal.kind == RefusalKind::Banned {
            self.last_ban = Some((now, self.earlier_bans(now).saturating_add(1)));
        }
        self.in_force.retain(|(_, block)| block.until > now);
        let until = now.after(pause);
        match self.in_force.iter_mut().find(|(other, block)| *other == reach && block.kind == refusal.kind) {
            Some((_, block)) => block.until = block.until.max(until),
            None => self.in_force.push((reach, Block { kind: refusal.kind, until })),
        }
        until
    }

    /// What keeps a request of an account from leaving, the longest block first.
    pub(crate) fn on(&self, account: AccountId, cost: &Cost, now: Timestamp) -> Option<Block> {
        let blocks = self.in_force.iter().filter(|(reach, block)| block.until > now && reach.hits(account, cost));
        blocks.map(|(_, block)| *block).max_by_key(|block| block.until)
    }

    /// Whether there is none at all.
    pub(crate) fn none(&self, now: Timestamp) -> bool {
        self.in_force.iter().all(|(_, block)| block.until <= now)
    }

    fn earlier_bans(&self, now: Timestamp) -> u32 {
        self.last_ban.map_or(0, |(at, count)| if now.since(at) < DAY { count } else { 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bans_without_a_time_double_within_a_day() {
        let mut blocks = Blocks::default();
        let banned = Refusal { kind: RefusalKind::Banned, unit: None, pause: None };
        let mut now = Timestamp::from_millis(1_700_000_000_000);
        for expected in [120, 240, 480] {
            assert_eq!(blocks.add(banned, None, now).since(now), Duration::from_secs(expected));
            now = now.after(Duration::from_secs(3_600));
        }
        now = now.after(DAY);
        assert_eq!(blocks.add(banned, None, now).since(now), BAN_DEFAULT);
    }

    #[test]
    fn a_block_of_one_unit_stops_only_what_takes_it() {
        let mut blocks = Blocks::default();
        let now = Timestamp::from_millis(1_000);
        let (ours, theirs) = (AccountId(0), AccountId(1));
        let pause = Some(Duration::from_secs(7));
        blocks.add(Refusal { kind: RefusalKind::TooMany, unit: Some(Unit::Orders), pause }, Some(ours), now);
        let order = Cost::weight(1).with_orders(1);
        assert!(blocks.on(ours, &order, now).is_some());
        assert!(blocks.on(theirs, &order, now).is_none(), "another account goes on");
        assert!(blocks.on(ours, &Cost::weight(1), now).is_none());
        assert!(blocks.on(ours, &order, now.after(Duration::from_secs(7))).is_none());
    }
}
