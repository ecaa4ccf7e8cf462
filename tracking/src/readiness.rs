use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;
use tradewire_core::{Error, ErrorKind, Event, LifeEvent, Pair, Part};

use crate::feed::Feed;

/// Which parts of a connector are ready, and why the others are not. `Ready` and `NotReady` alternate strictly, and so do
/// `PartReady` and `PartNotReady` of a part: every change is judged and told under one lock.
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
    /// Waiting does not help: the configuration must be mended.
    Failed(ErrorKind, String),
}

#[derive(Debug)]
struct Parts {
    /// Why a part is not ready; absent once it is.
    waiting: BTreeMap<Part, Waiting>,
    books_not_valid: BTreeMap<Pair, String>,
    /// Why connections of the account do not work; absent once they do.
    lines_down: BTreeMap<Line, String>,
    /// Pairs that cannot be followed, with the error.
    impossible: BTreeMap<Pair, (ErrorKind, String)>,
    /// Parts that cannot become ready, with the error.
    failed: BTreeMap<Part, (ErrorKind, String)>,
    was_ready: bool,
}

/// The parts of market data.
pub(crate) const MARKET_PARTS: [Part; 4] = [Part::Clock, Part::Exchange, Part::Instruments, Part::Books];
/// The parts of an account.
pub(crate) const ACCOUNT_PARTS: [Part; 3] = [Part::Private, Part::Account, Part::Journal];

/// A connection of an account. Its part is ready while all of them work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Line {
    /// The private stream.
    Stream,
    /// The socket that commands take, where there is one.
    Commands,
}

#[derive(Debug)]
struct Waiting {
    reason: String,
    /// Whether it was told that the part is not ready.
    told: bool,
}

impl Readiness {
    pub(crate) fn new(feed: Feed, parts: &[Part]) -> Self {
        let not_tried = |part: &Part| (*part, Waiting { reason: "not tried yet".to_owned(), told: false });
        let waiting = parts.iter().map(not_tried).collect();
        let parts = Parts {
            waiting,
            books_not_valid: BTreeMap::new(),
            lines_down: BTreeMap::new(),
            impossible: BTreeMap::new(),
            failed: BTreeMap::new(),
            was_ready: false,
        };
        let (verdict, _) = watch::channel(Verdict::Waiting("starting".to_owned()));
        Self { feed, parts: Arc::new(Mutex::new(parts)), verdict }
    }

    /// A part is ready.
    pub(crate) fn ready(&self, part: Part) {
        let mut parts = self.parts.lock();
        self.set_ready(&mut parts, part);
    }

    /// A part is not ready, for a reason that people can read. A new reason for the same state is kept, not told.
    pub(crate) fn not_ready(&self, part: Part, reason: &str) {
        let mut parts = self.parts.lock();
        self.set_waiting(&mut parts, part, reason.to_owned(), true);
    }

    /// The book of `pair` is valid, or not for the reason given.
    pub(crate) fn book(&self, pair: &Pair, not_valid: Option<&str>) {
        let mut parts = self.parts.lock();
        match not_valid {
            Some(reason) => parts.books_not_valid.insert(pair.clone(), reason.to_owned()),
            None => parts.books_not_valid.remove(pair),
        };
        self.judge_books(&mut parts);
    }

    /// A connection of the account is to be opened. It is no news that it does not work yet.
    pub(crate) fn line_expected(&self, line: Line, reason: &str) {
        self.parts.lock().lines_down.insert(line, reason.to_owned());
    }

    /// A connection of the account works, or not for the reason given.
    pub(crate) fn line(&self, line: Line, down: Option<&str>) {
        let mut parts = self.parts.lock();
        match down {
            Some(reason) => {
                parts.lines_down.insert(line, reason.to_owned());
                self.set_waiting(&mut parts, Part::Private, reason.to_owned(), true);
            }
            None => {
                parts.lines_down.remove(&line);
                match parts.lines_down.values().next().cloned() {
                    Some(reason) => self.set_waiting(&mut parts, Part::Private, reason, false),
                    None => self.set_ready(&mut parts, Part::Private),
                }
            }
        }
    }

    /// A connection of the account cannot be opened: waiting does not help.
    pub(crate) fn line_failed(&self, line: Line, error: &Error) {
        self.line_expected(line, &error.to_string());
        self.failed(Part::Private, error);
    }

    /// Judges the books anew.
    pub(crate) fn books(&self) {
        let mut parts = self.parts.lock();
        self.judge_books(&mut parts);
    }

    /// Whether a part is ready.
    pub(crate) fn part_ready(&self, part: Part) -> bool {
        !self.parts.lock().waiting.contains_key(&part)
    }

    /// Whether every part is ready.
    pub(crate) fn all_ready(&self) -> bool {
        self.parts.lock().waiting.is_empty()
    }

    /// The parts that are not ready, with their reasons.
    pub(crate) fn waiting(&self) -> BTreeMap<Part, String> {
        self.parts.lock().waiting.iter().map(|(part, waiting)| (*part, waiting.reason.clone())).collect()
    }

    /// The first part that was tried and is not ready, with the reason.
    pub(crate) fn trouble(&self) -> Option<(Part, String)> {
        let parts = self.parts.lock();
        parts.waiting.iter().find(|(_, waiting)| waiting.told).map(|(part, waiting)| (*part, waiting.reason.clone()))
    }

    /// A part cannot become ready: waiting does not help.
    pub(crate) fn failed(&self, part: Part, error: &Error) {
        let mut parts = self.parts.lock();
        parts.failed.insert(part, (error.kind(), format!("{part}: {error}")));
        self.set_waiting(&mut parts, part, error.to_string(), true);
    }

    /// A pair cannot be followed: waiting does not help.
    pub(crate) fn impossible(&self, pair: &Pair, error: &Error) {
        let mut parts = self.parts.lock();
        parts.impossible.insert(pair.clone(), (error.kind(), error.message().to_owned() + &names(error)));
        self.conclude(&mut parts);
    }

    /// A pair can be followed after all, or need not be.
    pub(crate) fn possible(&self, pair: &Pair) {
        let mut parts = self.parts.lock();
        parts.impossible.remove(pair);
        self.conclude(&mut parts);
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

    fn judge_books(&self, parts: &mut Parts) {
        let mut not_valid = parts.books_not_valid.iter();
        let reason = not_valid.next().map(|(pair, reason)| match not_valid.len() {
            0 => format!("{pair} is {reason}"),
            more => format!("{pair} is {reason}, and {more} more are not valid"),
        });
        match reason {
            // Books that have not been valid yet are no news.
            Some(reason) => {
                let news = !parts.waiting.contains_key(&Part::Books);
                self.set_waiting(parts, Part::Books, reason, news);
            }
            None => self.set_ready(parts, Part::Books),
        }
    }

    fn set_ready(&self, parts: &mut Parts, part: Part) {
        if parts.waiting.remove(&part).is_some() {
            parts.failed.remove(&part);
            self.tell(LifeEvent::PartReady { part });
            self.conclude(parts);
        }
    }

    fn set_waiting(&self, parts: &mut Parts, part: Part, reason: String, tell: bool) {
        let told = parts.waiting.get(&part).is_some_and(|waiting| waiting.told);
        parts.waiting.insert(part, Waiting { reason: reason.clone(), told: told || tell });
        if tell && !told {
            self.tell(LifeEvent::PartNotReady { part, reason });
        }
        self.conclude(parts);
    }

    fn conclude(&self, parts: &mut Parts) {
        let ready = parts.waiting.is_empty();
        if ready != parts.was_ready {
            parts.was_ready = ready;
            self.tell(if ready { LifeEvent::Ready } else { LifeEvent::NotReady });
        }
        let hopeless = parts.failed.values().next().or_else(|| parts.impossible.values().next());
        let verdict = match (hopeless, parts.waiting.iter().next()) {
            (Some((kind, text)), _) => Verdict::Failed(*kind, text.clone()),
            (None, Some((part, waiting))) => Verdict::Waiting(format!("{part}: {}", waiting.reason)),
            (None, None) => Verdict::Ready,
        };
        self.verdict.send_if_modified(|known| std::mem::replace(known, verdict.clone()) != verdict);
    }

    fn tell(&self, event: LifeEvent) {
        tracing::info!(?event, "life");
        self.feed.publish(Event::Life(event));
    }
}

/// The pair that an error is about, and the nearest one that exists, for people.
fn names(error: &Error) -> String {
    let name = |key: &str| error.context(key).map(|value| format!(", {key} {value}")).unwrap_or_default();
    name("pair") + &name("nearest")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_two_connections_is_ready_while_both_work() {
        let readiness = Readiness::new(Feed::default(), &[Part::Private]);
        let mut events = readiness.feed.subscribe(crate::reader::Books::default());
        readiness.line_expected(Line::Stream, "not opened yet");
        readiness.line_expected(Line::Commands, "not connected yet");
        readiness.line(Line::Stream, None);
        assert_eq!(readiness.waiting()[&Part::Private], "not connected yet");
        readiness.line(Line::Commands, None);
        readiness.line(Line::Commands, Some("cut"));
        readiness.line(Line::Stream, Some("cut too"));
        readiness.line(Line::Stream, None);
        assert_eq!(readiness.waiting()[&Part::Private], "cut");
        readiness.line(Line::Commands, None);

        let told = std::iter::from_fn(|| match events.try_next() {
            Some(Event::Life(event)) => Some(event),
            _ => None,
        });
        let ready = LifeEvent::PartReady { part: Part::Private };
        let down = LifeEvent::PartNotReady { part: Part::Private, reason: "cut".to_owned() };
        let expected = [ready.clone(), LifeEvent::Ready, down, LifeEvent::NotReady, ready, LifeEvent::Ready];
        assert_eq!(told.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn ready_and_not_ready_alternate_and_reasons_are_kept() {
        let readiness = Readiness::new(Feed::default(), &MARKET_PARTS);
        let mut events = readiness.feed.subscribe(crate::reader::Books::default());
        let pair: Pair = "BTC-USDT".parse().expect("a pair");
        readiness.book(&pair, Some("syncing"));
        for part in [Part::Clock, Part::Exchange, Part::Instruments] {
            readiness.ready(part);
        }
        readiness.book(&pair, None);
        readiness.not_ready(Part::Exchange, "503");
        readiness.not_ready(Part::Exchange, "503 again");
        assert_eq!(readiness.waiting()[&Part::Exchange], "503 again");
        readiness.ready(Part::Exchange);

        let mut told = Vec::new();
        while let Some(Event::Life(event)) = events.try_next() {
            told.push(event);
        }
        let ready = |part| LifeEvent::PartReady { part };
        let down = LifeEvent::PartNotReady { part: Part::Exchange, reason: "503".to_owned() };
        let expected = [
            ready(Part::Clock),
            ready(Part::Exchange),
            ready(Part::Instruments),
            ready(Part::Books),
            LifeEvent::Ready,
            down,
            LifeEvent::NotReady,
            ready(Part::Exchange),
            LifeEvent::Ready,
        ];
        assert_eq!(told, expected);
    }
}
