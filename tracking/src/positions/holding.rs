use rust_decimal::{Decimal, RoundingStrategy};
use tradewire_core::Price;
use tradewire_core::exact::{compose, divide, nearest_product, nearest_sum};

/// Decimals to which the cost of what is left of a position is rounded, half to even, when a part of it is closed.
const COST_DECIMALS: u32 = 16;
/// The exchange's entry price is ours where it differs by less than this part of it: it shows fewer digits.
const ENTRY_TOLERANCE: Decimal = Decimal::from_parts(1, 0, 0, false, 8);

/// How much is held, and what it has cost.
///
/// Opening adds price × quantity, exactly. Closing takes the same part off the cost as off the size; only that quotient is
/// rounded, at 16 decimals, and what it takes off is what the profit counts: so whatever is closed in whichever parts, the
/// profits add up to what was paid and received, to the last digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Holding {
    /// In base units; short is negative.
    size: Decimal,
    /// Σ price × quantity of what is held, with the sign of the size; `None` where it is not known.
    cost: Option<Decimal>,
}

impl Holding {
    /// Nothing.
    pub(super) const FLAT: Self = Self { size: Decimal::ZERO, cost: Some(Decimal::ZERO) };

    /// So much at an average price.
    pub(super) fn at(size: Decimal, entry: Option<Price>) -> Self {
        let cost = entry.and_then(|entry| nearest_product(size, entry.value())).map(rounded);
        if size.is_zero() { Self::FLAT } else { Self { size, cost } }
    }

    pub(super) fn size(&self) -> Decimal {
        self.size
    }

    /// The average price at which it was opened: a quotient, rounded half to even at 28 digits.
    pub(super) fn entry(&self) -> Option<Price> {
        if self.size.is_zero() {
            return None;
        }
        divide(self.cost?, self.size).map(|entry| Price::new(entry.normalize()))
    }

    /// What it is worth at the prices at which it was opened, without a sign; `None` where those are not known.
    pub(super) fn value(&self) -> Option<Decimal> {
        self.cost.map(|cost| cost.abs())
    }

    /// What closing it at `price` would earn.
    pub(super) fn profit_at(&self, price: Price) -> Option<Decimal> {
        let worth = nearest_product(self.size, price.value())?;
        nearest_sum(worth, -self.cost?).map(|profit| profit.normalize())
    }

    /// Takes the exchange's word on the entry price, which may be rounded, unless it is ours.
    pub(super) fn entered_at(&mut self, told: Option<Price>) {
        let Some(told) = told.filter(|_| !self.size.is_zero()) else { return };
        let near = |ours: Price| {
            let tolerance = nearest_product(told.value().abs(), ENTRY_TOLERANCE).unwrap_or_default();
            (ours.value() - told.value()).abs() <= tolerance
        };
        if !self.entry().is_some_and(near) {
            *self = Self::at(self.size, Some(told));
        }
    }

    /// Takes a trade in, `quantity` negative for a sale, and answers what it realised; `None` where the cost is not known.
    pub(super) fn trade(&mut self, quantity: Decimal, price: Price) -> Option<Decimal> {
        let opens = self.size.is_zero() || self.size.is_sign_negative() == quantity.is_sign_negative();
        if opens {
            self.open(quantity, price);
            return Some(Decimal::ZERO);
        }
        if quantity.abs() <= self.size.abs() {
            return self.close(quantity, price);
        }
        let beyond = sum(quantity, self.size);
        let realised = self.close(-self.size, price);
        self.open(beyond, price);
        realised
    }

    fn open(&mut self, quantity: Decimal, price: Price) {
        let paid = nearest_product(quantity, price.value()).map(rounded);
        self.size = sum(self.size, quantity);
        self.cost = self.cost.zip(paid).and_then(|(cost, paid)| nearest_sum(cost, paid));
    }

    fn close(&mut self, quantity: Decimal, price: Price) -> Option<Decimal> {
        let left = sum(self.size, quantity);
        let cost = self.cost;
        let cost_left = cost.and_then(|cost| share(cost, left, self.size));
        *self = Self { size: left, cost: if left.is_zero() { Some(Decimal::ZERO) } else { cost_left } };
        let released = nearest_sum(cost?, -self.cost?)?;
        let received = nearest_product(-quantity, price.value())?;
        nearest_sum(received, -released).map(|profit| profit.normalize())
    }
}

/// `whole` × `part` / `of`, rounded half to even at [`COST_DECIMALS`]. `part` is between zero and `of`.
fn share(whole: Decimal, part: Decimal, of: Decimal) -> Option<Decimal> {
    if part.is_zero() {
        return Some(Decimal::ZERO);
    }
    exact_share(whole, part, of).or_else(|| divide(nearest_product(whole, part)?, of).map(rounded))
}

/// In integers, so that it is rounded once.
fn exact_share(whole: Decimal, part: Decimal, of: Decimal) -> Option<Decimal> {
    let scale = part.normalize().scale().max(of.normalize().scale());
    let (part, of) = (units(part, scale)?, units(of, scale)?);
    let amount = units(whole, COST_DECIMALS)?;
    let rest = (amount % of).checked_mul(part)?;
    let floor = (amount / of).checked_mul(part)?.checked_add(rest / of)?;
    let twice = (rest % of).checked_mul(2)?;
    let up = twice > of || (twice == of && floor % 2 == 1);
    let magnitude = i128::try_from(floor + u128::from(up)).ok()?;
    compose(if whole.is_sign_negative() { -magnitude } else { magnitude }, COST_DECIMALS)
}

/// How many units of ten to the power of minus `scale` the amount of a number is; `None` where that is no whole number.
fn units(number: Decimal, scale: u32) -> Option<u128> {
    let number = number.normalize();
    let power = 10_u128.checked_pow(scale.checked_sub(number.scale())?)?;
    number.mantissa().unsigned_abs().checked_mul(power)
}

fn rounded(cost: Decimal) -> Decimal {
    cost.round_dp_with_strategy(COST_DECIMALS, RoundingStrategy::MidpointNearestEven).normalize()
}

/// Sizes have the few digits of lot steps: their sums fit.
fn sum(a: Decimal, b: Decimal) -> Decimal {
    nearest_sum(a, b).unwrap_or(a).normalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        Decimal::from_str_exact(text).expect(text)
    }

    fn price(text: &str) -> Price {
        text.parse().expect(text)
    }

    #[test]
    fn opening_averages_closing_earns_and_beyond_zero_it_opens_anew() {
        let mut held = Holding::FLAT;
        assert_eq!(held.trade(d("1"), price("100")), Some(d("0")));
        assert_eq!(held.trade(d("2"), price("103")), Some(d("0")));
        assert_eq!((held.size(), held.entry()), (d("3"), Some(price("102"))));
        assert_eq!(held.profit_at(price("101.5")), Some(d("-1.5")));
        assert_eq!(held.trade(d("-1"), price("110")), Some(d("8")));
        assert_eq!((held.size(), held.entry()), (d("2"), Some(price("102"))), "closing leaves the entry");
        assert_eq!(held.trade(d("-5"), price("100")), Some(d("-4")));
        assert_eq!((held.size(), held.entry()), (d("-3"), Some(price("100"))));
        assert_eq!(held.trade(d("3"), price("90")), Some(d("30")));
        assert_eq!((held.size(), held.entry(), held.value()), (d("0"), None, Some(d("0"))));
    }

    #[test]
    fn what_rounding_takes_from_one_part_the_next_one_gets() {
        let mut held = Holding::FLAT;
        held.trade(d("1"), price("100"));
        held.trade(d("2"), price("100.01"));
        let entry = held.entry().expect("open");
        assert_eq!(entry, price("100.0066666666666666666666667"));
        let first = held.trade(d("-1"), price("101")).expect("known");
        assert_eq!(first, d("0.9933333333333333"), "rounded at 16 decimals");
        let second = held.trade(d("-2"), price("101")).expect("known");
        assert_eq!(first + second, d("2.98"), "303 received, 300.02 paid");
    }

    #[test]
    fn a_rounded_word_on_the_entry_changes_nothing() {
        let mut held = Holding::FLAT;
        held.trade(d("1"), price("100"));
        held.trade(d("2"), price("100.01"));
        let before = held;
        held.entered_at(Some(price("100.00666667")));
        assert_eq!(held, before);
        held.entered_at(Some(price("100.1")));
        assert_eq!(held.entry(), Some(price("100.1")));
        let again = Holding::at(before.size(), before.entry());
        assert_eq!(again, before, "what was recorded gives the same cost");
    }
}
