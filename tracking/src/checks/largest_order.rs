use rust_decimal::Decimal;
use tradewire_core::exact::{divide, multiply, subtract};
use tradewire_core::{InstrumentRules, Price, Quantity, Side};

/// The largest quantity of an order at `price` that `available` pays for: of the quote asset for buying, of the base asset for
/// selling. `fee_on_top` is the fraction charged beside it in the same asset; zero where fees are taken out of what is received.
///
/// The quantity is rounded down to its step and kept within its bounds; what is left over stays. `None` if nothing that the rules
/// allow can be paid for.
pub fn largest_order(
    side: Side,
    price: Price,
    available: Decimal,
    fee_on_top: Decimal,
    rules: &InstrumentRules,
) -> Option<Quantity> {
    let unit = match side {
        Side::Buy => multiply(price.value(), Decimal::ONE + fee_on_top)?,
        Side::Sell => Decimal::ONE + fee_on_top,
    };
    largest(unit, price, available, rules)
}

/// The largest quantity of an order of a contract at `price` for whose margin `available` of the collateral pays, at this
/// leverage, of either side. `fee` is the fraction of its value that is charged beside the margin; zero where none is held back.
///
/// Rounded, and `None`, as [`largest_order`].
pub fn largest_contract_order(
    price: Price,
    available: Decimal,
    leverage: Decimal,
    fee: Decimal,
    rules: &InstrumentRules,
) -> Option<Quantity> {
    let with_fee = Decimal::ONE + multiply(fee, leverage)?;
    largest(multiply(price.value(), with_fee)?, price, multiply(available, leverage)?, rules)
}

/// The largest quantity that `available` pays for at `unit` each.
fn largest(unit: Decimal, price: Price, available: Decimal, rules: &InstrumentRules) -> Option<Quantity> {
    if unit <= Decimal::ZERO || available <= Decimal::ZERO {
        return None;
    }
    let most_by_notional = rules.notional.max.and_then(|most| divide(most, price.value()));
    let most = divide(available, unit)?.min(most_by_notional.unwrap_or(Decimal::MAX));
    let most = rules.quantity.max.map_or(most, |max| most.min(max.value()));
    let rounded = rules.round_quantity(Quantity::new(most));
    // The quotient may have been rounded up.
    let quantity = if paid(rounded, unit, available) {
        rounded
    } else {
        rules.round_quantity(Quantity::new(subtract(rounded.value(), rules.quantity_step.size)?))
    };
    let notional = quantity.value().checked_mul(price.value())?;
    let allowed = quantity > Quantity::ZERO
        && rules.quantity.contains(&quantity)
        && rules.notional.contains(&notional)
        && paid(quantity, unit, available);
    allowed.then_some(quantity)
}

/// Whether `available` pays for `quantity` at `unit` each. A product that needs more than 28 digits is rounded, and must then be less.
fn paid(quantity: Quantity, unit: Decimal, available: Decimal) -> bool {
    match multiply(quantity.value(), unit) {
        Some(cost) => cost <= available,
        None => quantity.value().checked_mul(unit).is_some_and(|cost| cost < available),
    }
}
