//! The order book: bytes in, book out. Rows with a whole connector stand in `book_live`.

use futures_util::FutureExt;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tradewire_core::{BookState, GapReason, QueryError, Shortfall, Side};
use tradewire_tracking::{Depth, OrderBook, RawSnapshot, Scale, Step};

use super::book_live::{
    book_09, book_10, book_11, book_12, book_13, book_14, book_15, book_16, book_22, repeats_and_skips,
    restarts_and_repeats, subscribes_again,
};
use crate::Row;
use crate::bench::stand::{Ids, Levels, is_about_it};
use crate::bench::world::decimal;
use crate::bench::{Bench, Stand};
use crate::row::{Failed, Shown, Verdict, equal, expect};

/// The order book.
pub(super) const ROWS: &[Row] = &[
    Row::once("BOOK-01", "a snapshot replaces both sides whole", |b| book_01(b).boxed_local()),
    Row::once("BOOK-02", "quantities are absolute; 0 deletes; absent deletes are counted", |b| {
        book_02(b).boxed_local()
    }),
    Row::once("BOOK-03", "buffered updates bridge a snapshot, or another one is needed (first-last)", |b| {
        book_03(b).boxed_local()
    }),
    Row::once("BOOK-04", "old updates are ignored, overlaps applied, holes are gaps (first-last)", |b| {
        book_04(b).boxed_local()
    }),
    Row::once("BOOK-05", "buffered updates bridge a snapshot by the previous id", |b| book_05(b).boxed_local()),
    Row::once("BOOK-06", "the previous id decides, whatever the first id is", |b| book_06(b).boxed_local()),
    Row::once("BOOK-07", "deltas are counted by one, a hole subscribes again", |b| book_07(b).boxed_local()),
    Row::once("BOOK-08", "a count of 1, or a later snapshot, replaces the book", |b| book_08(b).boxed_local()),
    Row::once("BOOK-09", "after a gap every query answers Invalid at once; other pairs stay", |b| {
        book_09(b).boxed_local()
    }),
    Row::once("BOOK-10", "recovery asks for that pair alone, keeps updates, never gives up", |b| {
        book_10(b).boxed_local()
    }),
    Row::once("BOOK-11", "a crossed book is invalid and recovered, never cut", |b| book_11(b).boxed_local()),
    Row::once("BOOK-12", "an impossible level voids the book; nothing is applied in part", |b| {
        book_12(b).boxed_local()
    }),
    Row::once("BOOK-13", "finer decimals: rules are read, the book comes back with them", |b| book_13(b).boxed_local()),
    Row::once("BOOK-14", "a checksum, or a second book from a fresh snapshot, confirms or replaces the first", |b| {
        book_14(b).boxed_local()
    }),
    Row::once("BOOK-15", "unknown depth is kept and shown, never used for an answer", |b| book_15(b).boxed_local()),
    Row::seeded("BOOK-16", "snapshot plus updates is the next snapshot; no bytes panic", |b| book_16(b).boxed_local()),
    Row::once("BOOK-17", "best, mid and spread are exact; an empty side is Empty", |b| book_17(b).boxed_local()),
    Row::once("BOOK-18", "price for volume", |b| book_18(b).boxed_local()),
    Row::once("BOOK-19", "volume and quote volume for a price", |b| book_19(b).boxed_local()),
    Row::once("BOOK-20", "average price and quote volume for a volume", |b| book_20(b).boxed_local()),
    Row::once("BOOK-21", "price and base volume for a quote volume", |b| book_21(b).boxed_local()),
    Row::once("BOOK-22", "short depth is Insufficient with what there is; answers are of one version", |b| {
        book_22(b).boxed_local()
    }),
];

pub(super) const SCALE: Scale = Scale { price: 2, quantity: 5 };
pub(super) const BIDS: Levels<'_> = &[("99.50", "1.50000"), ("99.00", "3.00000"), ("98.00", "5.00000")];
pub(super) const ASKS: Levels<'_> = &[("100.00", "1.00000"), ("100.50", "2.00000"), ("101.00", "4.00000")];

/// A valid book at version 100 with the levels of the examples, both sides wholly known.
pub(super) fn synced(bench: &Bench) -> Result<Stand<'_>, Failed> {
    let mut stand = Stand::new(bench, SCALE)?;
    let step = stand.snapshot(100, 1000, BIDS, ASKS)?;
    expect(matches!(step, Step::Synced(_)), "Synced by a snapshot", format_args!("{step:?}"))?;
    Ok(stand)
}

fn texts(levels: Levels<'_>) -> Vec<(String, String)> {
    levels.iter().map(|(price, quantity)| ((*price).to_owned(), (*quantity).to_owned())).collect()
}

/// Levels as a book shows them: without trailing zeros.
fn texts_as_shown(levels: Levels<'_>) -> Result<Vec<(String, String)>, Failed> {
    let plain = |text: &str| Ok::<_, Failed>(decimal(text)?.normalize().to_string());
    levels.iter().map(|(price, quantity)| Ok((plain(price)?, plain(quantity)?))).collect()
}

async fn book_01(bench: &Bench) -> Verdict {
    let mut stand = synced(bench)?;
    stand.change(&[("97", "2")], &[("103", "9")])?;
    stand.sink.book.lose(GapReason::Reconnect, stand.sink.now);
    let (bids, asks) = ([("50.25", "7")], [("60", "8"), ("61.5", "0.25")]);
    stand.snapshot(500, 1000, &bids, &asks)?;
    equal("bids", texts(&bids), stand.levels(Side::Buy))?;
    equal("asks", texts(&asks), stand.levels(Side::Sell))?;
    if has_rule(bench, "checksum").is_some() {
        equal("update id", 500, stand.sink.book.update_id())?;
    }
    Ok(Shown::Works)
}

async fn book_02(bench: &Bench) -> Verdict {
    let mut stand = synced(bench)?;
    stand.change(&[("99.50", "0.00000000"), ("99.00", "7.5"), ("99.25", "1")], &[("102", "0")])?;
    equal("bids", texts(&[("99.25", "1"), ("99", "7.5"), ("98", "5")]), stand.levels(Side::Buy))?;
    equal("asks", texts(&[("100", "1"), ("100.5", "2"), ("101", "4")]), stand.levels(Side::Sell))?;
    equal("deletes of absent levels", 1, stand.sink.book.counters().absent_deletes)?;
    Ok(Shown::Works)
}

/// Whether the subject follows the rule of these rows.
fn has_rule(bench: &Bench, rule: &str) -> Option<Shown> {
    let declared = bench.capabilities().market.sequence_rule;
    (declared != rule).then(|| Shown::NotRun(format!("an exchange whose sequence rule is '{rule}'")))
}

/// A snapshot that comes after some updates.
struct Bridge {
    updates: &'static [Ids],
    /// Id of the snapshot.
    snapshot: u64,
    /// The version that the book has then; `None` if it needs another snapshot.
    version: Option<u64>,
}

const fn ids(first: u64, last: u64) -> Ids {
    Ids { previous: first - 1, first, last }
}

const fn after(previous: u64, first: u64, last: u64) -> Ids {
    Ids { previous, first, last }
}

const BY_FIRST_AND_LAST: &[Bridge] = &[
    Bridge { updates: &[ids(90, 95), ids(96, 100)], snapshot: 100, version: Some(100) },
    Bridge { updates: &[ids(96, 100), ids(101, 105)], snapshot: 100, version: Some(105) },
    Bridge { updates: &[ids(95, 103), ids(104, 110)], snapshot: 100, version: Some(110) },
    Bridge { updates: &[ids(95, 101)], snapshot: 100, version: Some(101) },
    Bridge { updates: &[ids(101, 101)], snapshot: 100, version: Some(101) },
    Bridge { updates: &[ids(102, 110)], snapshot: 100, version: None },
    Bridge { updates: &[ids(102, 110), ids(111, 120)], snapshot: 100, version: None },
    Bridge { updates: &[], snapshot: 100, version: Some(100) },
];

/// No id of the pair lies between the previous id and the first.
const BY_PREVIOUS: &[Bridge] = &[
    Bridge { updates: &[after(80, 85, 90), after(90, 94, 99)], snapshot: 100, version: Some(100) },
    Bridge { updates: &[after(90, 96, 100), after(100, 104, 110)], snapshot: 100, version: Some(110) },
    Bridge { updates: &[after(90, 95, 103), after(103, 107, 110)], snapshot: 100, version: Some(110) },
    Bridge { updates: &[after(100, 150, 160), after(160, 170, 175)], snapshot: 100, version: Some(175) },
    Bridge { updates: &[after(99, 102, 110)], snapshot: 100, version: Some(110) },
    Bridge { updates: &[after(101, 102, 110)], snapshot: 100, version: None },
    Bridge { updates: &[after(101, 102, 110), after(110, 115, 120)], snapshot: 100, version: None },
    Bridge { updates: &[], snapshot: 100, version: Some(100) },
];

async fn book_03(bench: &Bench) -> Verdict {
    match has_rule(bench, "first-last") {
        Some(not_run) => Ok(not_run),
        None => bridges(bench, BY_FIRST_AND_LAST),
    }
}

async fn book_05(bench: &Bench) -> Verdict {
    match has_rule(bench, "previous") {
        Some(not_run) => Ok(not_run),
        None => bridges(bench, BY_PREVIOUS),
    }
}

fn bridges(bench: &Bench, table: &[Bridge]) -> Verdict {
    for Bridge { updates, snapshot, version } in table {
        let mut stand = Stand::new(bench, SCALE)?;
        for ids in *updates {
            let step = stand.update(*ids, &[("99.5", "2")], &[])?;
            equal("a step before the snapshot", Step::Buffered, step)?;
        }
        let step = stand.snapshot(*snapshot, 1000, BIDS, ASKS)?;
        let place = |what: &str| format!("{what} with a snapshot {snapshot} after {updates:?}");
        match version {
            Some(version) => {
                equal(place("the state"), BookState::Live, stand.sink.book.state())?;
                equal(place("the version"), *version, stand.sink.book.update_id())?;
            }
            None => {
                equal(place("the step"), Step::SnapshotTooOld, step)?;
                equal(place("the state"), BookState::Syncing, stand.sink.book.state())?;
                let step = stand.snapshot(105, 1000, BIDS, ASKS)?;
                expect(matches!(step, Step::Synced(_)), "a newer snapshot heals it", format_args!("{step:?}"))?;
            }
        }
    }
    Ok(Shown::Works)
}

async fn book_04(bench: &Bench) -> Verdict {
    if let Some(not_run) = has_rule(bench, "first-last") {
        return Ok(not_run);
    }
    let gap = Step::Lost(GapReason::Sequence);
    steps_after_100(
        bench,
        TO_100,
        &[
            (ids(90, 100), Step::Ignored),
            (ids(100, 100), Step::Ignored),
            (ids(95, 101), Step::Applied),
            (ids(101, 105), Step::Applied),
            (ids(102, 105), gap),
            (ids(200, 205), gap),
        ],
    )?;
    repeats_and_skips(bench).await
}

async fn book_06(bench: &Bench) -> Verdict {
    if let Some(not_run) = has_rule(bench, "previous") {
        return Ok(not_run);
    }
    let gap = Step::Lost(GapReason::Sequence);
    steps_after_100(
        bench,
        TO_100,
        &[
            (after(90, 95, 100), Step::Ignored),
            (after(80, 81, 90), Step::Ignored),
            (after(100, 101, 105), Step::Applied),
            (after(100, 150, 160), Step::Applied),
            (after(100, 90, 101), Step::Applied),
            (after(101, 102, 105), gap),
            (after(99, 101, 105), gap),
            (after(150, 151, 160), gap),
        ],
    )?;
    repeats_and_skips(bench).await
}

async fn book_07(bench: &Bench) -> Verdict {
    if let Some(not_run) = has_rule(bench, "counted") {
        return Ok(not_run);
    }
    let mut stand = Stand::new(bench, SCALE)?;
    for id in 99..=101 {
        let step = stand.update(ids(id, id), &[("99.5", "2")], &[])?;
        equal("a step before the first snapshot", Step::Ignored, step)?;
    }
    equal("state before the first snapshot", BookState::Syncing, stand.sink.book.state())?;
    let step = stand.snapshot(100, 1000, BIDS, ASKS)?;
    expect(matches!(step, Step::Synced(_)), "Synced by a snapshot", format_args!("{step:?}"))?;
    equal("bids of the snapshot alone", texts_as_shown(BIDS)?, stand.levels(Side::Buy))?;
    let gap = Step::Lost(GapReason::Sequence);
    steps_after_100(
        bench,
        ids(100, 100),
        &[
            (ids(100, 100), Step::Ignored),
            (ids(99, 99), Step::Ignored),
            (ids(101, 101), Step::Applied),
            (ids(102, 102), gap),
            (ids(200, 200), gap),
        ],
    )?;
    repeats_and_skips(bench).await?;
    subscribes_again(bench).await
}

async fn book_08(bench: &Bench) -> Verdict {
    if let Some(not_run) = has_rule(bench, "counted") {
        return Ok(not_run);
    }
    let (bids, asks) = ([("50.25", "7")], [("60", "8"), ("61.5", "0.25")]);
    let mut stand = synced(bench)?;
    for (whole, id) in [(false, 1), (true, 1), (true, 500), (true, 90)] {
        stand.snapshot(100, 1000, BIDS, ASKS)?;
        let step =
            if whole { stand.snapshot(id, 1000, &bids, &asks)? } else { stand.update(ids(id, id), &bids, &asks)? };
        let place = format!("{} with the count {id}", if whole { "a snapshot" } else { "a delta" });
        equal(&place, Step::Restarted, step)?;
        equal(&place, (BookState::Live, id), (stand.sink.book.state(), stand.sink.book.update_id()))?;
        equal(&place, (texts(&bids), texts(&asks)), (stand.levels(Side::Buy), stand.levels(Side::Sell)))?;
        let next = stand.change(&[("50", "1")], &[])?;
        equal(format_args!("the next delta after {place}"), Step::Applied, next)?;
    }
    let mut stand = synced(bench)?;
    stand.sink.now = stand.sink.now.after(std::time::Duration::from_secs(3));
    let step = stand.snapshot(100, 1000, BIDS, ASKS)?;
    equal("a snapshot that is repeated", Step::Ignored, step)?;
    equal("when the book was last confirmed", stand.sink.now, stand.sink.book.confirmed())?;
    restarts_and_repeats(bench).await
}

/// The update that takes the books of the tables from a snapshot at 90 to 100.
const TO_100: Ids = after(90, 91, 100);

/// Gives each update to a book at version 100 and sees what it does.
fn steps_after_100(bench: &Bench, to_100: Ids, table: &[(Ids, Step)]) -> Result<(), Failed> {
    for (ids, expected) in table {
        let mut stand = Stand::new(bench, SCALE)?;
        stand.snapshot(to_100.previous, 1000, BIDS, ASKS)?;
        let step = stand.update(to_100, &[], &[])?;
        equal("the step to 100", Step::Applied, step)?;
        let step = stand.update(*ids, &[("99.5", "2")], &[])?;
        equal(format_args!("{ids:?} after 100"), *expected, step)?;
        let changed = stand.levels(Side::Buy)[0].1 == "2";
        expect(changed == (*expected == Step::Applied), "only applied updates change the book", changed)?;
    }
    Ok(())
}

async fn book_17(bench: &Bench) -> Verdict {
    let stand = synced(bench)?;
    let book = stand.valid()?;
    let best = |side| book.best(side).map(|level| (level.price.to_string(), level.quantity.to_string()));
    equal("best bid", Ok(("99.5".to_owned(), "1.5".to_owned())), best(Side::Buy))?;
    equal("best ask", Ok(("100".to_owned(), "1".to_owned())), best(Side::Sell))?;
    equal("mid", Ok(decimal("99.75")?), book.mid().map(|mid| mid.value()))?;
    equal("spread", Ok(decimal("0.5")?), book.spread())?;
    let mut stand = Stand::new(bench, SCALE)?;
    stand.snapshot(1, 1000, &[], ASKS)?;
    let book = stand.valid()?;
    equal("best bid of none", Err(QueryError::Empty(Side::Buy)), book.best(Side::Buy))?;
    equal("mid without bids", Err(QueryError::Empty(Side::Buy)), book.mid())?;
    equal("spread without bids", Err(QueryError::Empty(Side::Buy)), book.spread())?;
    Ok(Shown::Works)
}

/// What buying more than there is must answer.
fn short_of_asks() -> Result<QueryError, Failed> {
    Ok(QueryError::Insufficient(Shortfall { base: "7".parse()?, quote: decimal("705")?, worst: "101".parse()? }))
}

async fn book_18(bench: &Bench) -> Verdict {
    let stand = synced(bench)?;
    let book = stand.valid()?;
    for (side, volume, price) in
        [(Side::Buy, "1", "100"), (Side::Buy, "2.5", "100.5"), (Side::Buy, "7", "101"), (Side::Sell, "4.5", "99")]
    {
        let answer = book.price_for_volume(side, volume.parse()?);
        equal(format_args!("price to {side} {volume}"), Ok(price.parse()?), answer)?;
    }
    equal("price to buy 7.1", Err(short_of_asks()?), book.price_for_volume(Side::Buy, "7.1".parse()?))?;
    Ok(Shown::Works)
}

async fn book_19(bench: &Bench) -> Verdict {
    let stand = synced(bench)?;
    let book = stand.valid()?;
    for (side, price, volume) in
        [(Side::Buy, "100.5", "3"), (Side::Buy, "99.9", "0"), (Side::Sell, "99", "4.5"), (Side::Sell, "99.6", "0")]
    {
        let answer = book.volume_for_price(side, price.parse()?);
        equal(
            format_args!("volume to {side} at {price}"),
            Ok(Depth { volume: volume.parse()?, whole_side: false }),
            answer,
        )?;
    }
    for (price, quote, whole_side) in [("100.5", "301", false), ("200", "705", true), ("99.9", "0", false)] {
        let answer = book.quote_volume_for_price(Side::Buy, price.parse()?);
        equal(
            format_args!("quote volume to buy at {price}"),
            Ok(Depth { volume: decimal(quote)?, whole_side }),
            answer,
        )?;
    }
    Ok(Shown::Works)
}

async fn book_20(bench: &Bench) -> Verdict {
    let stand = synced(bench)?;
    let book = stand.valid()?;
    equal("average to buy 2.5", Ok("100.3".parse()?), book.vwap(Side::Buy, "2.5".parse()?))?;
    equal("average to sell 3", Ok("99.25".parse()?), book.vwap(Side::Sell, "3".parse()?))?;
    equal("cost of 2.5", Ok(decimal("250.75")?), book.quote_volume_for_base(Side::Buy, "2.5".parse()?))?;
    equal("average to buy 7.1", Err(short_of_asks()?), book.vwap(Side::Buy, "7.1".parse()?))?;
    // 1.5 × 99.5 + 1.5 × 99.0 + … does not end: (149.25 + 148.5 + 0.7 · 99) / 3.7 at 28 digits, half to even.
    let third = book.vwap(Side::Sell, "3.7".parse()?).map(|price| price.to_string());
    equal("average to sell 3.7", Ok("99.20270270270270270270270270".trim_end_matches('0').to_owned()), third)?;
    Ok(Shown::Works)
}

async fn book_21(bench: &Bench) -> Verdict {
    let stand = synced(bench)?;
    let book = stand.valid()?;
    for (quote, price) in [("250.75", "100.5"), ("100", "100"), ("705", "101")] {
        let answer = book.price_for_quote_volume(Side::Buy, decimal(quote)?);
        equal(format_args!("price to buy for {quote}"), Ok(price.parse()?), answer)?;
    }
    equal("bought for 250.75", Ok("2.5".parse()?), book.base_for_quote(Side::Buy, decimal("250.75")?))?;
    equal("sold for 297.75", Ok("3".parse()?), book.base_for_quote(Side::Sell, decimal("297.75")?))?;
    equal("bought for 706", Err(short_of_asks()?), book.base_for_quote(Side::Buy, decimal("706")?))?;
    equal("price to buy for 706", Err(short_of_asks()?), book.price_for_quote_volume(Side::Buy, decimal("706")?))?;
    Ok(Shown::Works)
}

/// Every question that can be asked about an amount refuses one that is not positive.
pub(super) fn refuses_what_is_not_positive(book: &OrderBook) -> Result<(), Failed> {
    for text in ["0", "-1"] {
        let refused = Err(QueryError::InvalidRequest);
        equal("price for a volume", refused, book.price_for_volume(Side::Buy, text.parse()?).map(drop))?;
        equal("average of a volume", refused, book.vwap(Side::Sell, text.parse()?).map(drop))?;
        equal("quote volume of a volume", refused, book.quote_volume_for_base(Side::Buy, text.parse()?).map(drop))?;
        equal("price for a quote volume", refused, book.price_for_quote_volume(Side::Buy, decimal(text)?).map(drop))?;
        equal("base for a quote volume", refused, book.base_for_quote(Side::Sell, decimal(text)?).map(drop))?;
    }
    Ok(())
}

/// Frames that hold an impossible level, each with a good one before it.
pub(super) fn impossible_levels(bench: &Bench) -> Result<(), Failed> {
    for bad in [
        ("0", "1"),
        ("-1", "1"),
        ("100.5", "-1"),
        ("abc", "1"),
        ("100.5", ""),
        ("", "1"),
        ("1e2", "1"),
        ("100.5", "NaN"),
    ] {
        let mut stand = synced(bench)?;
        let before = (stand.levels(Side::Buy), stand.levels(Side::Sell));
        let frame = stand.next_frame(&[("99.5", "9")], &[("100", "9"), bad]);
        match stand.frame(&frame) {
            Err(error) => {
                expect(is_about_it(&error, GapReason::Decode), "an error about the pair", format_args!("{error:?}"))?
            }
            Ok(taken) => {
                return Err(Failed::new(format_args!("an error for the level {bad:?}"), format_args!("{taken:?}")));
            }
        }
        equal(
            "levels after an update that cannot be read",
            before,
            (stand.levels(Side::Buy), stand.levels(Side::Sell)),
        )?;
    }
    Ok(())
}

/// Random changes of a model book: the local book equals it after each, and twice the same bytes give the same book.
pub(super) fn random_flow(bench: &Bench) -> Result<(), Failed> {
    let mut random = ChaCha8Rng::seed_from_u64(bench.seed());
    let (mut first, mut second) = (synced(bench)?, synced(bench)?);
    for _ in 0..200 {
        let level = |random: &mut ChaCha8Rng, from: i64| {
            let price = from + random.random_range(0..300_i64);
            let quantity = if random.random_range(0..3) == 0 { 0 } else { random.random_range(1..100_000_i64) };
            (format!("{}.{:02}", price / 100, price % 100), format!("{}.{:05}", quantity / 100_000, quantity % 100_000))
        };
        let bids: Vec<_> = (0..random.random_range(0..4)).map(|_| level(&mut random, 9_600)).collect();
        let asks: Vec<_> = (0..random.random_range(0..4)).map(|_| level(&mut random, 10_000)).collect();
        let (bids, asks) = (borrowed(&bids), borrowed(&asks));
        let ids = first.next(random.random_range(1..5));
        let frame = first.update_frame(ids, &bids, &asks);
        for stand in [&mut first, &mut second] {
            let (_, steps) = stand.frame(&frame).map_err(|error| Failed::new("a readable frame", error.error))?;
            equal("a step", vec![Step::Applied], steps)?;
        }
    }
    let text = |stand: &Stand<'_>| (stand.levels(Side::Buy), stand.levels(Side::Sell));
    equal("the book of the same bytes", text(&first), text(&second))?;
    same_as_its_snapshot(bench, &first)
}

fn borrowed(levels: &[(String, String)]) -> Vec<(&str, &str)> {
    levels.iter().map(|(price, quantity)| (price.as_str(), quantity.as_str())).collect()
}

/// A snapshot of a book gives that book.
fn same_as_its_snapshot(bench: &Bench, book: &Stand<'_>) -> Result<(), Failed> {
    let (bids, asks) = (book.levels(Side::Buy), book.levels(Side::Sell));
    let mut fresh = Stand::new(bench, SCALE)?;
    fresh.snapshot(book.sink.book.update_id(), 5000, &borrowed(&bids), &borrowed(&asks))?;
    let equal_books = fresh.sink.book.last_known().equal_where_known(book.sink.book.last_known());
    expect(equal_books, "the book of the next snapshot", "another one")
}

/// Random bytes, and good frames with random damage, bring errors and never a panic.
pub(super) fn random_bytes(bench: &Bench) -> Result<(), Failed> {
    let mut random = ChaCha8Rng::seed_from_u64(!bench.seed());
    let mut stand = synced(bench)?;
    let good = stand.next_frame(&[("99.5", "9")], &[("100.5", "9")]);
    for _ in 0..300 {
        let mut bytes = good.clone();
        match random.random_range(0..3) {
            0 => bytes.truncate(random.random_range(0..bytes.len())),
            1 => {
                let at = random.random_range(0..bytes.len());
                bytes[at] = random.random();
            }
            _ => random.fill_bytes(&mut bytes),
        }
        // Whatever comes of it: that it comes back is what counts.
        let _ = stand.frame(&bytes);
        let _ = bench.unconnected()?.decode_snapshot(&bytes, SCALE);
    }
    Ok(())
}

/// A snapshot in integers of the examples' book.
pub(super) fn raw_snapshot(update_id: u64) -> RawSnapshot {
    RawSnapshot {
        update_id,
        bids: vec![(9_950, 150_000), (9_900, 300_000), (9_800, 500_000)],
        asks: vec![(10_000, 100_000), (10_050, 200_000), (10_100, 400_000)],
    }
}
