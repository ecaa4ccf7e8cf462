//! What a book can be asked (BOOK-17 to BOOK-22), in exact integers. An answer that a decimal cannot hold is an error.
//!
//! Buying walks the asks, selling walks the bids. Levels in unknown depth are never used.

use tradewire_core::exact::{add, compose, divide, multiply};
use tradewire_core::{Decimal, Level, Price, Quantity, QueryError, Shortfall, Side};

use crate::OrderBook;
use crate::order_book::level;

/// A sum over the levels at a price or better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depth<T> {
    /// The sum; zero if no level is as good.
    pub volume: T,
    /// Whether the whole known side was used: beyond it there may be nothing, or nothing that is known.
    pub whole_side: bool,
}

/// Where a walk from the best level on stands: in integers of the book's scale.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    base: i128,
    quote: i128,
}

impl Sums {
    fn and(self, price: i64, quantity: i64) -> Option<Self> {
        let (price, quantity) = (i128::from(price), i128::from(quantity));
        // The product of two 64-bit numbers fits 128 bits; the sums may not.
        Some(Self { base: self.base.checked_add(quantity)?, quote: self.quote.checked_add(price * quantity)? })
    }
}

/// The level that completes an amount.
struct Reached {
    price: i64,
    /// Sums over the levels before it.
    before: Sums,
}

impl OrderBook {
    /// The best level of a side: the highest bid for `Buy`, the lowest ask for `Sell`.
    ///
    /// # Errors
    /// [`QueryError::Empty`]; [`QueryError::Insufficient`] if the known levels are used up.
    pub fn best(&self, side: Side) -> Result<Level, QueryError> {
        let (price, quantity) = self.best_scaled(side)?;
        Ok(level(self.scale(), price, quantity))
    }

    /// (bid + ask) / 2, exactly.
    ///
    /// # Errors
    /// As [`OrderBook::best`].
    pub fn mid(&self) -> Result<Price, QueryError> {
        let (bid, ask) = self.touch()?;
        // Half of a number is five times a tenth of it.
        compose((bid + ask) * 5, self.scale().price + 1).map(Price::new).ok_or(QueryError::Overflow)
    }

    /// ask − bid, exactly.
    ///
    /// # Errors
    /// As [`OrderBook::best`].
    pub fn spread(&self) -> Result<Decimal, QueryError> {
        let (bid, ask) = self.touch()?;
        compose(ask - bid, self.scale().price).ok_or(QueryError::Overflow)
    }

    /// The price of the level at which the base quantity taken from the best on first reaches `volume`.
    ///
    /// # Errors
    /// [`QueryError::Insufficient`]; [`QueryError::Empty`]; [`QueryError::InvalidRequest`] unless positive.
    pub fn price_for_volume(&self, side: Side, volume: Quantity) -> Result<Price, QueryError> {
        let reached = self.reach_base(side, volume)?;
        Ok(Price::from_scaled(reached.price, self.scale().price))
    }

    /// Base quantity at `price` or better.
    ///
    /// # Errors
    /// [`QueryError::InvalidRequest`] unless the price is positive; [`QueryError::Overflow`].
    pub fn volume_for_price(&self, side: Side, price: Price) -> Result<Depth<Quantity>, QueryError> {
        let (sums, whole_side) = self.sum_to(side, price)?;
        Ok(Depth { volume: Quantity::new(self.base(sums.base)?), whole_side })
    }

    /// Σ price × quantity at `price` or better, in the quote asset.
    ///
    /// # Errors
    /// [`QueryError::InvalidRequest`] unless the price is positive; [`QueryError::Overflow`].
    pub fn quote_volume_for_price(&self, side: Side, price: Price) -> Result<Depth<Decimal>, QueryError> {
        let (sums, whole_side) = self.sum_to(side, price)?;
        Ok(Depth { volume: self.quote(sums.quote)?, whole_side })
    }

    /// The average price of exactly `volume`, the last level in part: the exact sum divided by `volume`, rounded half to
    /// even at 28 digits.
    ///
    /// # Errors
    /// As [`OrderBook::price_for_volume`]; [`QueryError::Overflow`].
    pub fn vwap(&self, side: Side, volume: Quantity) -> Result<Price, QueryError> {
        let quote = self.quote_volume_for_base(side, volume)?;
        divide(quote, volume.value()).map(Price::new).ok_or(QueryError::Overflow)
    }

    /// What exactly `volume` costs or brings, in the quote asset, the last level in part.
    ///
    /// # Errors
    /// As [`OrderBook::price_for_volume`]; [`QueryError::Overflow`].
    pub fn quote_volume_for_base(&self, side: Side, volume: Quantity) -> Result<Decimal, QueryError> {
        let Reached { price, before } = self.reach_base(side, volume)?;
        let price = Price::from_scaled(price, self.scale().price).value();
        let rest = add(volume.value(), -self.base(before.base)?);
        let part = rest.and_then(|rest| multiply(price, rest));
        part.and_then(|part| add(self.quote(before.quote).ok()?, part)).ok_or(QueryError::Overflow)
    }

    /// The price of the level at which Σ price × quantity, from the best on, first reaches `quote`.
    ///
    /// # Errors
    /// [`QueryError::Insufficient`]; [`QueryError::Empty`]; [`QueryError::InvalidRequest`] unless positive.
    pub fn price_for_quote_volume(&self, side: Side, quote: Decimal) -> Result<Price, QueryError> {
        let reached = self.reach_quote(side, quote)?;
        Ok(Price::from_scaled(reached.price, self.scale().price))
    }

    /// The base quantity that exactly `quote` buys, or that must be sold for it, the last level in part; rounded half to
    /// even at 28 digits.
    ///
    /// # Errors
    /// As [`OrderBook::price_for_quote_volume`]; [`QueryError::Overflow`].
    pub fn base_for_quote(&self, side: Side, quote: Decimal) -> Result<Quantity, QueryError> {
        let Reached { price, before } = self.reach_quote(side, quote)?;
        let price = Price::from_scaled(price, self.scale().price).value();
        let (base, spent) = (self.base(before.base)?, self.quote(before.quote)?);
        // One division for the whole, so that it is rounded once: (base × price + quote − spent) / price.
        let value = multiply(base, price).and_then(|value| add(value, add(quote, -spent)?));
        value.and_then(|value| divide(value, price)).map(Quantity::new).ok_or(QueryError::Overflow)
    }

    /// Best bid and best ask as integers of the book's scale.
    fn touch(&self) -> Result<(i128, i128), QueryError> {
        Ok((self.best_scaled(Side::Buy)?.0.into(), self.best_scaled(Side::Sell)?.0.into()))
    }

    fn best_scaled(&self, side: Side) -> Result<(i64, i64), QueryError> {
        self.known_levels(side).next().ok_or_else(|| self.nothing_known(side))
    }

    /// Walks until the base quantity reaches `volume`.
    fn reach_base(&self, side: Side, volume: Quantity) -> Result<Reached, QueryError> {
        let amount = amount_in(volume.value(), self.scale().quantity)?;
        self.reach(side, |sums| sums.base >= amount)
    }

    /// Walks until the quote volume reaches `quote`.
    fn reach_quote(&self, side: Side, quote: Decimal) -> Result<Reached, QueryError> {
        let amount = amount_in(quote, self.quote_scale())?;
        self.reach(side, |sums| sums.quote >= amount)
    }

    fn reach(&self, side: Side, enough: impl Fn(Sums) -> bool) -> Result<Reached, QueryError> {
        let (mut before, mut worst) = (Sums::default(), None);
        for (price, quantity) in self.known_levels(side.opposite()) {
            let with = before.and(price, quantity).ok_or(QueryError::Overflow)?;
            if enough(with) {
                return Ok(Reached { price, before });
            }
            (before, worst) = (with, Some(price));
        }
        match worst {
            Some(price) => Err(self.shortfall(before, price)),
            None => Err(self.nothing_known(side.opposite())),
        }
    }

    /// Sums over the known levels at `price` or better, and whether those are all.
    fn sum_to(&self, side: Side, price: Price) -> Result<(Sums, bool), QueryError> {
        let scale = self.scale().price;
        let bound = match side {
            Side::Buy => floor_in(positive(price.value())?, scale),
            Side::Sell => amount_in(price.value(), scale)?,
        };
        let mut sums = Sums::default();
        for (price, quantity) in self.known_levels(side.opposite()) {
            let worse = match side {
                Side::Buy => i128::from(price) > bound,
                Side::Sell => i128::from(price) < bound,
            };
            if worse {
                return Ok((sums, false));
            }
            sums = sums.and(price, quantity).ok_or(QueryError::Overflow)?;
        }
        Ok((sums, true))
    }

    fn shortfall(&self, sums: Sums, worst: i64) -> QueryError {
        let known = || {
            let base = Quantity::new(self.base(sums.base)?);
            let worst = Price::from_scaled(worst, self.scale().price);
            Ok(Shortfall { base, quote: self.quote(sums.quote)?, worst })
        };
        known().map_or_else(|error| error, QueryError::Insufficient)
    }

    /// The answer of a side without known levels. If others are left, in unknown depth, then it is not empty.
    fn nothing_known(&self, side: Side) -> QueryError {
        match self.known_to(side) {
            Some(bound) if self.len(side) > 0 => self.shortfall(Sums::default(), bound),
            _ => QueryError::Empty(side),
        }
    }

    fn quote_scale(&self) -> u32 {
        self.scale().price + self.scale().quantity
    }

    fn base(&self, sum: i128) -> Result<Decimal, QueryError> {
        compose(sum, self.scale().quantity).ok_or(QueryError::Overflow)
    }

    fn quote(&self, sum: i128) -> Result<Decimal, QueryError> {
        compose(sum, self.quote_scale()).ok_or(QueryError::Overflow)
    }
}

fn positive(number: Decimal) -> Result<Decimal, QueryError> {
    if number > Decimal::ZERO { Ok(number) } else { Err(QueryError::InvalidRequest) }
}

/// The smallest integer of `scale` that is not below a positive `number`; saturates beyond what any sum can reach.
fn amount_in(number: Decimal, scale: u32) -> Result<i128, QueryError> {
    let number = positive(number)?;
    let fine = number.scale().saturating_sub(scale);
    let cut = number.mantissa() % unit(fine) != 0;
    Ok(floor_in(number, scale).saturating_add(i128::from(cut)))
}

/// The largest integer of `scale` that is not above a positive `number`; saturates.
fn floor_in(number: Decimal, scale: u32) -> i128 {
    match scale.checked_sub(number.scale()) {
        Some(up) => number.mantissa().saturating_mul(unit(up)),
        None => number.mantissa() / unit(number.scale() - scale),
    }
}

/// Ten to the power of `decimals`, which are at most 36: no saturation.
fn unit(decimals: u32) -> i128 {
    10_i128.saturating_pow(decimals)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Scale;

    const SCALE: Scale = Scale { price: 2, quantity: 3 };

    fn decimal(text: &str) -> Decimal {
        Decimal::from_str_exact(text).expect(text)
    }

    fn price(text: &str) -> Price {
        text.parse().expect(text)
    }

    fn quantity(text: &str) -> Quantity {
        text.parse().expect(text)
    }

    /// Asks 100.0 × 1, 100.5 × 2, 101.0 × 4; bids 99.5 × 1.5, 99.0 × 3, 98.0 × 5.
    fn table() -> OrderBook {
        let mut book = OrderBook::new(Scale { price: 1, quantity: 1 });
        book.load_snapshot(&[(995, 15), (990, 30), (980, 50)], &[(1000, 10), (1005, 20), (1010, 40)], true, true);
        book
    }

    fn seven() -> QueryError {
        let (base, worst) = (quantity("7"), price("101"));
        QueryError::Insufficient(Shortfall { base, quote: decimal("705"), worst })
    }

    #[test]
    fn the_touch() {
        let book = table();
        let level = |p, q| Ok(Level { price: price(p), quantity: quantity(q) });
        assert_eq!(book.best(Side::Buy), level("99.5", "1.5"));
        assert_eq!(book.best(Side::Sell), level("100", "1"));
        assert_eq!(book.mid(), Ok(price("99.75")));
        assert_eq!(book.spread(), Ok(decimal("0.5")));
    }

    #[test]
    fn volumes_and_prices() {
        let book = table();
        for (side, volume, answer) in [
            (Side::Buy, "1", "100"),
            (Side::Buy, "1.0000001", "100.5"),
            (Side::Buy, "2.5", "100.5"),
            (Side::Buy, "7", "101"),
            (Side::Sell, "4.5", "99"),
        ] {
            assert_eq!(book.price_for_volume(side, quantity(volume)), Ok(price(answer)), "{side} {volume}");
        }
        assert_eq!(book.price_for_volume(Side::Buy, quantity("7.1")), Err(seven()));
        for (side, at, base, quote, whole_side) in [
            (Side::Buy, "100.5", "3", "301", false),
            (Side::Buy, "99.9", "0", "0", false),
            (Side::Buy, "100.99", "3", "301", false),
            (Side::Buy, "101", "7", "705", true),
            (Side::Buy, "200", "7", "705", true),
            (Side::Sell, "99", "4.5", "446.25", false),
            (Side::Sell, "98.0001", "4.5", "446.25", false),
            (Side::Sell, "0.001", "9.5", "936.25", true),
        ] {
            let (base, quote) = (quantity(base), decimal(quote));
            assert_eq!(book.volume_for_price(side, price(at)), Ok(Depth { volume: base, whole_side }), "{side} {at}");
            assert_eq!(book.quote_volume_for_price(side, price(at)), Ok(Depth { volume: quote, whole_side }));
        }
    }

    #[test]
    fn averages_and_quote_volumes() {
        let book = table();
        assert_eq!(book.vwap(Side::Buy, quantity("2.5")), Ok(price("100.3")));
        assert_eq!(book.vwap(Side::Sell, quantity("3")), Ok(price("99.25")));
        assert_eq!(book.vwap(Side::Buy, quantity("7.1")), Err(seven()));
        assert_eq!(book.quote_volume_for_base(Side::Buy, quantity("2.5")), Ok(decimal("250.75")));
        assert_eq!(book.price_for_quote_volume(Side::Buy, decimal("250.75")), Ok(price("100.5")));
        assert_eq!(book.price_for_quote_volume(Side::Buy, decimal("100")), Ok(price("100")));
        assert_eq!(book.base_for_quote(Side::Buy, decimal("250.75")), Ok(quantity("2.5")));
        assert_eq!(book.base_for_quote(Side::Sell, decimal("297.75")), Ok(quantity("3")));
        assert_eq!(book.base_for_quote(Side::Buy, decimal("706")), Err(seven()));
    }

    #[test]
    fn wrong_requests_and_empty_sides() {
        let (full, empty) = (table(), OrderBook::new(SCALE));
        for text in ["0", "-1"] {
            let (volume, at, invalid) = (quantity(text), price(text), QueryError::InvalidRequest);
            for book in [&full, &empty] {
                assert_eq!(book.price_for_volume(Side::Buy, volume), Err(invalid));
                assert_eq!(book.vwap(Side::Sell, volume), Err(invalid));
                assert_eq!(book.quote_volume_for_base(Side::Buy, volume), Err(invalid));
                assert_eq!(book.price_for_quote_volume(Side::Buy, decimal(text)), Err(invalid));
                assert_eq!(book.base_for_quote(Side::Sell, decimal(text)), Err(invalid));
                assert_eq!(book.volume_for_price(Side::Buy, at), Err(invalid));
                assert_eq!(book.quote_volume_for_price(Side::Sell, at), Err(invalid));
            }
        }
        assert_eq!(empty.best(Side::Sell), Err(QueryError::Empty(Side::Sell)));
        assert_eq!(empty.mid(), Err(QueryError::Empty(Side::Buy)));
        assert_eq!(empty.vwap(Side::Buy, quantity("1")), Err(QueryError::Empty(Side::Sell)));
        let nothing = Depth { volume: Quantity::ZERO, whole_side: true };
        assert_eq!(empty.volume_for_price(Side::Buy, price("1")), Ok(nothing));
    }

    #[test]
    fn unknown_depth_is_shown_and_never_used() {
        let mut book = OrderBook::new(Scale { price: 1, quantity: 1 });
        book.load_snapshot(&[(995, 15)], &[(1000, 10), (1005, 20)], true, false);
        book.apply(&[(900, 70)], &[(1010, 40)]);
        assert_eq!((book.len(Side::Sell), book.top(Side::Sell, 9).len()), (3, 3), "kept and shown");
        assert_eq!(book.price_for_volume(Side::Buy, quantity("3")), Ok(price("100.5")));
        let (base, quote, worst) = (quantity("3"), decimal("301"), price("100.5"));
        let short = Err(QueryError::Insufficient(Shortfall { base, quote, worst }));
        assert_eq!(book.price_for_volume(Side::Buy, quantity("3.1")), short);
        assert_eq!(book.volume_for_price(Side::Buy, price("101")), Ok(Depth { volume: base, whole_side: true }));
        assert_eq!(book.price_for_volume(Side::Sell, quantity("8")), Ok(price("90")), "the bids are wholly known");
        book.apply(&[], &[(1000, 0), (1005, 0)]);
        let (base, quote) = (Quantity::ZERO, Decimal::ZERO);
        assert_eq!(book.best(Side::Sell), Err(QueryError::Insufficient(Shortfall { base, quote, worst })));
    }

    #[test]
    fn what_no_decimal_holds_is_an_overflow() {
        let mut book = OrderBook::new(Scale { price: 18, quantity: 18 });
        book.load_snapshot(&[(i64::MAX, i64::MAX)], &[(i64::MAX, i64::MAX)], true, true);
        let held = book.best(Side::Sell).expect("a level");
        assert_eq!(held.price.to_scaled(18), Some(i64::MAX));
        assert_eq!(book.quote_volume_for_price(Side::Buy, held.price), Err(QueryError::Overflow));
        assert_eq!(book.price_for_volume(Side::Buy, quantity("100")), Err(QueryError::Overflow), "the shortfall");
        assert_eq!(book.price_for_volume(Side::Buy, quantity("9")), Ok(held.price));
        let levels: Vec<_> = (0..5).map(|i| (i64::MAX - i, i64::MAX)).collect();
        book.load_snapshot(&[], &levels, true, true);
        assert_eq!(book.volume_for_price(Side::Buy, held.price), Err(QueryError::Overflow), "beyond 128 bits");
    }

    /// The same answers from plain decimals and nested loops.
    struct Naive {
        levels: Vec<Level>,
    }

    impl Naive {
        fn of(book: &OrderBook, side: Side) -> Self {
            Self { levels: book.levels(side.opposite()).collect() }
        }

        fn sums(&self, count: usize) -> (Decimal, Decimal) {
            let used = &self.levels[..count];
            let quote = used.iter().map(|level| level.price.value() * level.quantity.value()).sum();
            (used.iter().map(|level| level.quantity.value()).sum(), quote)
        }

        fn short(&self) -> QueryError {
            let (base, quote) = self.sums(self.levels.len());
            let worst = self.levels[self.levels.len() - 1].price;
            QueryError::Insufficient(Shortfall { base: Quantity::new(base), quote, worst })
        }

        fn reach(&self, enough: impl Fn(Decimal, Decimal) -> bool) -> Result<usize, QueryError> {
            let reaches = |count: &usize| {
                let (base, quote) = self.sums(*count);
                enough(base, quote)
            };
            (1..=self.levels.len()).find(reaches).ok_or_else(|| self.short())
        }
    }

    fn sides() -> impl Strategy<Value = Vec<(i64, i64)>> {
        prop::collection::vec((1..500_000_i64, 1..1_000_000_i64), 1..40)
    }

    fn amount() -> impl Strategy<Value = Decimal> {
        (1..10_000_000_000_i64, 0..9_u32).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale))
    }

    proptest! {
        #[test]
        fn equal_to_plain_decimals(bids in sides(), asks in sides(), buy in any::<bool>(), amount in amount()) {
            let mut book = OrderBook::new(SCALE);
            book.load_snapshot(&bids, &asks, true, true);
            let side = if buy { Side::Buy } else { Side::Sell };
            let naive = Naive::of(&book, side);

            let by_base = naive.reach(|base, _| base >= amount);
            let volume = Quantity::new(amount);
            prop_assert_eq!(book.price_for_volume(side, volume), by_base.map(|n| naive.levels[n - 1].price));
            let paid = by_base.map(|n| {
                let (base, quote) = naive.sums(n - 1);
                quote + (amount - base) * naive.levels[n - 1].price.value()
            });
            prop_assert_eq!(book.quote_volume_for_base(side, volume), paid);
            prop_assert_eq!(book.vwap(side, volume), paid.map(|paid| Price::new(divide(paid, amount).expect("fits"))));

            let by_quote = naive.reach(|_, quote| quote >= amount);
            prop_assert_eq!(book.price_for_quote_volume(side, amount), by_quote.map(|n| naive.levels[n - 1].price));
            let got = by_quote.map(|n| {
                let (base, quote) = naive.sums(n - 1);
                let price = naive.levels[n - 1].price.value();
                Quantity::new(divide(base * price + (amount - quote), price).expect("fits"))
            });
            prop_assert_eq!(book.base_for_quote(side, amount), got);

            let good = |level: &&Level| if buy { level.price.value() <= amount } else { level.price.value() >= amount };
            let used = naive.levels.iter().take_while(good).count();
            let (base, quote) = naive.sums(used);
            let whole_side = used == naive.levels.len();
            let volume = Quantity::new(base);
            prop_assert_eq!(book.volume_for_price(side, Price::new(amount)), Ok(Depth { volume, whole_side }));
            prop_assert_eq!(
                book.quote_volume_for_price(side, Price::new(amount)),
                Ok(Depth { volume: quote, whole_side })
            );
            let (bid, ask) = (book.top(Side::Buy, 1)[0].price.value(), book.top(Side::Sell, 1)[0].price.value());
            prop_assert_eq!(book.mid(), Ok(Price::new((bid + ask) / Decimal::TWO)));
            prop_assert_eq!(book.spread(), Ok(ask - bid));
            prop_assert_eq!(book.crossed(), bid >= ask);
        }
    }
}
