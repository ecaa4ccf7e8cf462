//! What a killed program has left in the write-ahead log: SQLite drops an unfinished transaction at its end without a
//! word, and whatever stands behind a damaged place too. The first has to be told, the second must not happen.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};

use tradewire_core::Error;

use crate::failure::Place;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// Then checksums are of words with the low byte first; one more says the high byte first.
const MAGIC: u32 = 0x377f_0682;

/// An unfinished transaction at the end of the journal: its process ended while it wrote, before it was told that the
/// record is safe. It is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TornTail {
    /// Pages of it that had been written.
    pub pages: u64,
}

/// What the log of a journal that nobody has open ends with.
///
/// # Errors
/// `Journal` if something stands behind a damaged place.
pub(crate) fn inspect(place: &Place) -> Result<Option<TornTail>, Error> {
    let failed = |cause| place.io("read the write-ahead log", cause);
    let log = match File::open(place.beside("-wal")) {
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(failed)?,
    };
    if log.metadata().map_err(failed)?.len() == 0 {
        return Ok(None);
    }
    if place.path().metadata().map_err(failed)?.len() == 0 {
        return Err(place.damaged("it is empty, but its write-ahead log is not"));
    }
    match scan(BufReader::with_capacity(1 << 16, log)).map_err(failed)? {
        Ending::Whole => Ok(None),
        Ending::Torn(tail) => Ok(Some(tail)),
        Ending::Damaged { page } => {
            Err(place
                .damaged(format_args!("in its write-ahead log, page {page} of the log, with later records behind it")))
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Ending {
    Whole,
    Torn(TornTail),
    /// Page 0 is the header.
    Damaged {
        page: u64,
    },
}

fn scan(mut log: impl Read) -> io::Result<Ending> {
    let mut header = [0; HEADER];
    if read_up_to(&mut log, &mut header)? < HEADER {
        return Ok(Ending::Whole);
    }
    let Some(mut chain) = Chain::begin(&header) else { return Ok(Ending::Damaged { page: 0 }) };
    let mut frame = vec![0; FRAME_HEADER + chain.page_size];
    loop {
        let read = read_up_to(&mut log, &mut frame)?;
        if read == 0 {
            return Ok(chain.ending());
        }
        chain.take(&frame[..read]);
    }
}

fn read_up_to(log: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match log.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(cause) if cause.kind() == ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(filled)
}

/// Follows the checksums from frame to frame: each covers all frames before it.
#[derive(Debug)]
struct Chain {
    page_size: usize,
    word: fn([u8; 4]) -> u32,
    /// Marks the frames of this generation; those of an earlier one remain behind them.
    salt: [u8; 8],
    sum: (u32, u32),
    frames: u64,
    /// Whole frames behind the last end of a transaction.
    unfinished: u64,
    tail: Option<Tail>,
}

/// What stands behind the first frame that is not whole.
#[derive(Debug)]
struct Tail {
    first: u64,
    frames: u64,
    /// Whether the transaction that was cut has its last frame in here.
    ended: bool,
    /// Whether another one stands behind that.
    followed: bool,
}

impl Chain {
    fn begin(header: &[u8; HEADER]) -> Option<Self> {
        let field = |at: usize| u32::from_be_bytes(four(&header[at..]));
        let word = match field(0) ^ MAGIC {
            0 => u32::from_le_bytes,
            1 => u32::from_be_bytes,
            _ => return None,
        };
        let page_size = usize::try_from(field(8)).ok()?;
        let mut salt = [0; 8];
        salt.copy_from_slice(&header[16..24]);
        let sum = checksum((0, 0), &header[..24], word);
        let sound = page_size.is_power_of_two() && (512..=65_536).contains(&page_size) && sum == (field(24), field(28));
        sound.then_some(Self { page_size, word, salt, sum, frames: 0, unfinished: 0, tail: None })
    }

    fn take(&mut self, frame: &[u8]) {
        self.frames += 1;
        if frame.len() < 16 || frame[8..16] != self.salt {
            // What an earlier generation has left; the frames of this one are over, or one of them is damaged.
            self.tail.get_or_insert_with(|| Tail::at(self.frames));
            return;
        }
        let last = u32::from_be_bytes(four(&frame[4..])) != 0;
        if self.tail.is_none() && self.continues(frame) {
            self.unfinished = if last { 0 } else { self.unfinished + 1 };
            return;
        }
        let tail = self.tail.get_or_insert_with(|| Tail::at(self.frames));
        tail.frames += 1;
        tail.followed |= tail.ended;
        tail.ended |= last;
    }

    fn continues(&mut self, frame: &[u8]) -> bool {
        if frame.len() < FRAME_HEADER + self.page_size {
            return false;
        }
        let sum = checksum(checksum(self.sum, &frame[..8], self.word), &frame[FRAME_HEADER..], self.word);
        let stated = (u32::from_be_bytes(four(&frame[16..])), u32::from_be_bytes(four(&frame[20..])));
        if sum == stated {
            self.sum = sum;
        }
        sum == stated
    }

    fn ending(&self) -> Ending {
        let behind = self.tail.as_ref().map_or(0, |tail| tail.frames);
        match &self.tail {
            Some(tail) if tail.followed => Ending::Damaged { page: tail.first },
            _ if self.unfinished + behind == 0 => Ending::Whole,
            _ => Ending::Torn(TornTail { pages: self.unfinished + behind }),
        }
    }
}

impl Tail {
    fn at(first: u64) -> Self {
        Self { first, frames: 0, ended: false, followed: false }
    }
}

fn four(bytes: &[u8]) -> [u8; 4] {
    [bytes[0], bytes[1], bytes[2], bytes[3]]
}

fn checksum(from: (u32, u32), bytes: &[u8], word: fn([u8; 4]) -> u32) -> (u32, u32) {
    bytes.chunks_exact(8).fold(from, |(first, second), pair| {
        let first = first.wrapping_add(word(four(pair))).wrapping_add(second);
        (first, second.wrapping_add(word(four(&pair[4..]))).wrapping_add(first))
    })
}
