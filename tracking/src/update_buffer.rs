use tradewire_core::Timestamp;

use crate::{BookMessage, Checksum};

/// The most messages kept while a snapshot is on its way: minutes of a busy pair.
const BOOK_BUFFER: usize = 10_000;

/// Book messages that wait for a snapshot, in two flat lists so that keeping one allocates nothing in steady state.
#[derive(Debug, Default)]
pub(crate) struct UpdateBuffer {
    heads: Vec<Head>,
    levels: Vec<(i64, i64)>,
}

#[derive(Clone, Copy, Debug)]
struct Head {
    first_id: u64,
    last_id: u64,
    previous_id: Option<u64>,
    time: Timestamp,
    start: usize,
    bids: usize,
    asks: usize,
    checksum: Option<Checksum>,
}

impl UpdateBuffer {
    pub(crate) fn push(&mut self, message: &BookMessage<'_>) {
        self.heads.push(Head {
            first_id: message.first_id,
            last_id: message.last_id,
            previous_id: message.previous_id,
            time: message.time,
            start: self.levels.len(),
            bids: message.bids.len(),
            asks: message.asks.len(),
            checksum: message.checksum,
        });
        self.levels.extend_from_slice(message.bids);
        self.levels.extend_from_slice(message.asks);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = BookMessage<'_>> {
        self.heads.iter().map(|head| self.message(head))
    }

    pub(crate) fn first(&self) -> Option<BookMessage<'_>> {
        self.heads.first().map(|head| self.message(head))
    }

    pub(crate) fn last_id(&self) -> Option<u64> {
        self.heads.last().map(|head| head.last_id)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.heads.len() >= BOOK_BUFFER
    }

    pub(crate) fn clear(&mut self) {
        self.heads.clear();
        self.levels.clear();
    }

    fn message(&self, head: &Head) -> BookMessage<'_> {
        let (bids, asks) = self.levels[head.start..][..head.bids + head.asks].split_at(head.bids);
        BookMessage {
            snapshot: false,
            first_id: head.first_id,
            last_id: head.last_id,
            previous_id: head.previous_id,
            time: head.time,
            bids,
            asks,
            checksum: head.checksum,
        }
    }
}
