//! What must hold of every stream of events, whatever the row.

use std::collections::HashMap;

use tradewire_core::{Event, GapReason, LifeEvent, MarketEvent, Pair};

use super::witness::in_short;
use crate::row::{Failed, expect};

#[derive(Debug, Default)]
struct Grammar {
    books: HashMap<Pair, Book>,
    ready: bool,
    stopped: bool,
}

#[derive(Debug, Default)]
struct Book {
    valid: bool,
    /// A snapshot came and the book is not yet said to be valid.
    announced: bool,
    update_id: u64,
}

/// Checks a whole stream, from the start of a connector to its end.
///
/// # Errors
/// The first event that must not stand where it does.
pub(crate) fn check<'a>(events: impl Iterator<Item = &'a Event>) -> Result<(), Failed> {
    let mut grammar = Grammar::default();
    for event in events {
        grammar.take(event).map_err(|failed| failed.at(in_short(event)))?;
    }
    expect(grammar.stopped, "Stopped as the last event", "the stream ended without it")
}

impl Grammar {
    fn take(&mut self, event: &Event) -> Result<(), Failed> {
        expect(!self.stopped, "nothing after Stopped", "this event")?;
        match event {
            Event::Market(event) => self.market(event),
            Event::Life(event) => self.life(event),
            _ => Ok(()),
        }
    }

    fn life(&mut self, event: &LifeEvent) -> Result<(), Failed> {
        match event {
            LifeEvent::Ready | LifeEvent::NotReady => {
                let ready = *event == LifeEvent::Ready;
                expect(ready != self.ready, "Ready and NotReady in turns", "the same twice")?;
                self.ready = ready;
            }
            LifeEvent::Stopped => self.stopped = true,
            _ => {}
        }
        Ok(())
    }

    fn market(&mut self, event: &MarketEvent) -> Result<(), Failed> {
        let book = self.books.entry(event.pair().clone()).or_default();
        match event {
            MarketEvent::Gap { reason, .. } => match reason {
                GapReason::Trades => {}
                // The reader was slow: the book itself is as it was, and its snapshot follows if it is valid.
                GapReason::Overflow => *book = Book { valid: true, ..Book::default() },
                _ => *book = Book::default(),
            },
            MarketEvent::BookSnapshot(snapshot) => {
                (book.announced, book.update_id) = (true, snapshot.update_id);
            }
            MarketEvent::BookValid { .. } => {
                expect(book.announced, "a BookSnapshot before BookValid", "none")?;
                book.valid = true;
            }
            MarketEvent::BookUpdate(update) => {
                expect(book.valid, "updates of a valid book only", "the book was not said to be valid")?;
                expect(
                    update.update_id > book.update_id,
                    format_args!("an update id above {}", book.update_id),
                    update.update_id,
                )?;
                book.update_id = update.update_id;
            }
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewire_core::{BookSnapshot, BookUpdate, Timestamp};

    fn pair() -> Pair {
        "BTC-USDT".parse().expect("a pair")
    }

    fn snapshot(update_id: u64) -> Event {
        Event::Market(MarketEvent::BookSnapshot(BookSnapshot { pair: pair(), update_id, bids: vec![], asks: vec![] }))
    }

    fn update(update_id: u64) -> Event {
        let (time, received) = (Timestamp::default(), Timestamp::default());
        let update = BookUpdate { pair: pair(), update_id, bids: vec![], asks: vec![], time, received };
        Event::Market(MarketEvent::BookUpdate(update))
    }

    fn gap(reason: GapReason) -> Event {
        Event::Market(MarketEvent::Gap { pair: pair(), reason, lost: None })
    }

    fn valid() -> Event {
        Event::Market(MarketEvent::BookValid { pair: pair(), after: std::time::Duration::ZERO })
    }

    fn life(event: LifeEvent) -> Event {
        Event::Life(event)
    }

    #[test]
    fn a_stream_is_as_it_must_be() {
        let stopped = || life(LifeEvent::Stopped);
        let good = [
            snapshot(5),
            valid(),
            update(7),
            gap(GapReason::Trades),
            update(8),
            gap(GapReason::Sequence),
            snapshot(9),
            valid(),
            life(LifeEvent::Ready),
            life(LifeEvent::NotReady),
            stopped(),
        ];
        assert_eq!(check(good.iter()), Ok(()));
        for bad in [
            vec![snapshot(5), valid()],
            vec![stopped(), stopped()],
            vec![valid(), stopped()],
            vec![snapshot(5), valid(), update(5), stopped()],
            vec![snapshot(5), valid(), gap(GapReason::Crossed), update(6), stopped()],
            vec![life(LifeEvent::Ready), life(LifeEvent::Ready), stopped()],
        ] {
            assert!(check(bad.iter()).is_err(), "{bad:?}");
        }
    }
}
