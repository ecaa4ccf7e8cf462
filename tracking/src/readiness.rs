use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;
use tradewire_core::{Error, ErrorKind, Event, LifeEvent, Pair, Part};

use crate::feed::Feed;

/// Which parts of a connector are ready, and why the others are not. `Ready` and `NotReady` alternate strictly.
#[derive(Clone, Debug)]
pub(crate) struct Readiness {
    feed: Feed,
    parts: Arc<Mutex<Parts>>,
    verdict: watch::Sender<Verdict>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    Waiting(String),
    Ready,
    /// Will never become ready: the configuration or the keys must be mended.
    Failed(ErrorKind, String),
}

#[derive(Debug)]
struct Parts {
    /// Why a part is not ready; absent once it is.
    waiting: BTreeMap<Part, String>,
    books_not_valid: BTreeMap<Pair, String>,
    was_ready: bool,
}

impl Readiness {
    pub(crate) fn new(feed: Feed) -> Self {
        let waiting = [Part::Clock, Part::Exchange, Part::Instruments, Part::Books];
        let waiting = waiting.into_iter().map(|part| (part, "not tried yet".to_owned())).collect();
        let parts = Parts { waiting, books_not_valid: BTreeMap::new(), was_ready: false };
        let (verdict, _) = watch::channel(Verdict::Waiting("starting".to_owned()));
        Self { feed, parts: Arc::new(Mutex::new(parts)), verdict }
    }

    /// A part is ready.
    pub(crate) fn ready(&self, part: Part) {
        let mut parts = self.parts.lock();
        if parts.waiting.remove(&part).is_some() {
            self.tell(LifeEvent::PartReady { part });
            self.conclude(&mut parts);
        }
    }

    /// A part is not ready, for a reason that people can read.
    pub(crate) fn not_ready(&self, part: Part, reason: &str) {
        let mut parts = self.parts.lock();
        if parts.waiting.get(&part).is_some_and(|known| known == reason) {
            return;
        }
        parts.waiting.insert(part, reason.to_owned());
        self.tell(LifeEvent::PartNotReady { part, reason: reason.to_owned() });
        self.conclude(&mut parts);
    }

    /// The book of `pair` is valid, or not for the reason given.
    pub(crate) fn book(&self, pair: &Pair, not_valid: Option<&str>) {
        {
            let mut parts = self.parts.lock();
            match not_valid {
                Some(reason) => parts.books_not_valid.insert(pair.clone(), reason.to_owned()),
                None => parts.books_not_valid.remove(pair),
            };
        }
        self.books();
    }

    /// Judges the books anew.
    pub(crate) fn books(&self) {
        let reason = {
            let parts = self.parts.lock();
            let first = parts.books_not_valid.iter().next();
            first.map(|(pair, reason)| match parts.books_not_valid.len() {
                1 => format!("{pair} is {reason}"),
                n => format!("{pair} is {reason}, and {} more are not valid", n - 1),
            })
        };
        match reason {
            Some(reason) if self.part_ready(Part::Books) => self.not_ready(Part::Books, &reason),
            Some(reason) => self.keep_reason(Part::Books, reason),
            None => self.ready(Part::Books),
        }
    }

    /// Whether a part is ready.
    pub(crate) fn part_ready(&self, part: Part) -> bool {
        !self.parts.lock().waiting.contains_key(&part)
    }

    /// The parts that are not ready, with their reasons.
    pub(crate) fn waiting(&self) -> BTreeMap<Part, String> {
        self.parts.lock().waiting.clone()
    }

    /// Nothing will ever be ready: `error` must be mended first.
    pub(crate) fn fail(&self, error: &Error) {
        self.verdict.send_replace(Verdict::Failed(error.kind(), error.to_string()));
    }

    /// Waits until all parts are ready.
    pub(crate) async fn wait(&self) -> Result<(), Error> {
        let mut verdict = self.verdict.subscribe();
        loop {
            match &*verdict.borrow_and_update() {
                Verdict::Ready => return Ok(()),
                Verdict::Failed(kind, text) => return Err(Error::new(*kind, text.clone())),
                Verdict::Waiting(_) => {}
            }
            if verdict.changed().await.is_err() {
                return Err(Error::new(ErrorKind::NotReady, "the connector has stopped"));
            }
        }
    }

    /// A part that waits goes on waiting, for another reason that is not worth an event.
    fn keep_reason(&self, part: Part, reason: String) {
        self.parts.lock().waiting.insert(part, reason);
    }

    fn conclude(&self, parts: &mut Parts) {
        let ready = parts.waiting.is_empty();
        if ready != parts.was_ready {
            parts.was_ready = ready;
            self.tell(if ready { LifeEvent::Ready } else { LifeEvent::NotReady });
        }
        let verdict = match parts.waiting.iter().next() {
            None => Verdict::Ready,
            Some((part, reason)) => Verdict::Waiting(format!("{part}: {reason}")),
        };
        self.verdict.send_if_modified(|known| {
            let change = !matches!(known, Verdict::Failed(..)) && *known != verdict;
            if change {
                *known = verdict;
            }
            change
        });
    }

    fn tell(&self, event: LifeEvent) {
        tracing::info!(?event, "life");
        self.feed.publish(Event::Life(event));
    }
}
