use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tradewire_core::{Error, ErrorKind, Event, LifeEvent, Timestamp};
use tradewire_transport::Clock;

use crate::feed::Feed;

/// The least time between two events about one lasting problem.
const PROBLEM_REPEAT: Duration = Duration::from_secs(60);

/// Subjects that are remembered at most; beyond them the oldest are forgotten.
const SUBJECTS_MAX: usize = 1024;

/// Tells failures in the background: one event when an episode begins, one a minute with the count while it lasts.
#[derive(Clone, Debug)]
pub(crate) struct Problems {
    feed: Feed,
    clock: Clock,
    episodes: Arc<Mutex<HashMap<Subject, Episode>>>,
}

/// What a problem is about: equal ones belong to one episode.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Subject {
    kind: ErrorKind,
    place: &'static str,
    /// The pair or symbol, where the error names one.
    name: Option<String>,
}

#[derive(Clone, Copy, Debug)]
struct Episode {
    told: Timestamp,
    untold: u64,
}

impl Problems {
    pub(crate) fn new(feed: Feed, clock: Clock) -> Self {
        Self { feed, clock, episodes: Arc::default() }
    }

    /// Notes a failure at `place`, a short constant name of what failed.
    pub(crate) fn report(&self, place: &'static str, error: &Error) {
        metrics::counter!("tradewire_problems_total", "place" => place, "kind" => error.kind().to_string())
            .increment(1);
        let name = ["pair", "symbol", "topic"].into_iter().find_map(|key| error.context(key));
        let subject = Subject { kind: error.kind(), place, name: name.map(str::to_owned) };
        let Some(count) = self.count(subject) else { return };
        tracing::warn!(place, count, %error, "problem");
        let place = format!("{place}: {error}");
        self.feed.publish(Event::Life(LifeEvent::Problem { kind: error.kind(), place, count }));
    }

    /// The number of failures to tell now, or `None` while the episode was told less than a minute ago.
    fn count(&self, subject: Subject) -> Option<u64> {
        let now = self.clock.now();
        let mut episodes = self.episodes.lock();
        if let Some(episode) = episodes.get_mut(&subject) {
            episode.untold += 1;
            if now.since(episode.told) < PROBLEM_REPEAT {
                return None;
            }
            let count = episode.untold;
            *episode = Episode { told: now, untold: 0 };
            return Some(count);
        }
        if episodes.len() >= SUBJECTS_MAX {
            episodes.retain(|_, episode| now.since(episode.told) < PROBLEM_REPEAT);
            if episodes.len() >= SUBJECTS_MAX {
                episodes.clear();
            }
        }
        episodes.insert(subject, Episode { told: now, untold: 0 });
        Some(1)
    }
}
