use tradewire_core::{Decimal, Price, Quantity};

use crate::{Fault, Number};

/// The exact number, whatever its sign.
pub fn signed(number: &Number<'_>) -> Result<Decimal, Fault> {
    Ok(number.text().parse::<Quantity>()?.value())
}

/// The exact number, which must not be negative.
pub fn unsigned(number: &Number<'_>) -> Result<Decimal, Fault> {
    let read = signed(number)?;
    if read < Decimal::ZERO {
        return Err(Fault::decode(format!("'{number}' is negative")));
    }
    Ok(read)
}

/// As [`unsigned`].
pub fn quantity(number: &Number<'_>) -> Result<Quantity, Fault> {
    unsigned(number).map(Quantity::new)
}

/// As [`unsigned`]; zero stands for none.
pub fn above_zero(number: &Number<'_>) -> Result<Option<Decimal>, Fault> {
    unsigned(number).map(|read| (!read.is_zero()).then_some(read))
}

/// A price that must be there.
pub fn price(number: &Number<'_>) -> Result<Price, Fault> {
    match above_zero(number)? {
        Some(price) => Ok(Price::new(price)),
        None => Err(Fault::decode("zero where a price is needed")),
    }
}

/// An optional number by one of the functions above.
pub fn optional<T>(number: Option<&Number<'_>>, read: fn(&Number<'_>) -> Result<T, Fault>) -> Result<Option<T>, Fault> {
    number.map(read).transpose()
}
