use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_tracking::Scale;

use crate::cursor::Cursor;
use crate::digits::Column;
use crate::fault::Fault;
use crate::number::Number;

/// More levels than this on a side are no book message.
pub const LEVELS_MAX: usize = 10_000;

/// Levels of both sides in integers: buffers that messages are read into one after the other.
#[derive(Debug, Default)]
pub struct Levels {
    /// Bids, in the order of the message.
    pub bids: Vec<(i64, i64)>,
    /// Asks, in the order of the message.
    pub asks: Vec<(i64, i64)>,
}

/// Reads `[["price","quantity"],…]` in place of what `side` holds.
#[inline]
pub fn read_side(cursor: &mut Cursor<'_>, scale: Scale, side: &mut Vec<(i64, i64)>) -> Option<()> {
    side.clear();
    cursor.expect(b"[")?;
    if cursor.eat(b"]") {
        return Some(());
    }
    let (mut prices, mut quantities) = (Column::new(scale.price), Column::new(scale.quantity));
    loop {
        cursor.expect(b"[\"")?;
        let price = cursor.number_of(&mut prices)?;
        cursor.expect(b",\"")?;
        let quantity = cursor.number_of(&mut quantities)?;
        cursor.expect(b"]")?;
        if price == 0 || side.len() == LEVELS_MAX {
            return None;
        }
        side.push((price, quantity));
        match cursor.byte()? {
            b',' => {}
            b']' => return Some(()),
            _ => return None,
        }
    }
}

/// As [`read_side`], for any valid JSON.
pub fn side_from_json(raw: &RawValue, scale: Scale, side: &mut Vec<(i64, i64)>) -> Result<(), Fault> {
    side.clear();
    let levels: Vec<(Number<'_>, Number<'_>)> = serde_json::from_str(raw.get())?;
    if levels.len() > LEVELS_MAX {
        return Err(Fault::decode(format!("{} levels on a side", levels.len())));
    }
    for (price, quantity) in levels {
        side.push((price.positive(scale.price)?, quantity.scaled(scale.quantity)?));
    }
    Ok(())
}

/// As [`side_from_json`], for levels that are objects with a `price` and a `qty`: numbers, read as they are written.
pub fn side_from_objects(raw: &RawValue, scale: Scale, side: &mut Vec<(i64, i64)>) -> Result<(), Fault> {
    #[derive(Deserialize)]
    struct Level<'a> {
        #[serde(borrow)]
        price: Number<'a>,
        #[serde(borrow)]
        qty: Number<'a>,
    }
    side.clear();
    let levels: Vec<Level<'_>> = serde_json::from_str(raw.get())?;
    if levels.len() > LEVELS_MAX {
        return Err(Fault::decode(format!("{} levels on a side", levels.len())));
    }
    for Level { price, qty } in levels {
        side.push((price.positive(scale.price)?, qty.scaled(scale.quantity)?));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewire_core::GapReason;

    const SCALE: Scale = Scale { price: 1, quantity: 8 };

    fn read(json: &str) -> Result<Vec<(i64, i64)>, Fault> {
        let raw: &RawValue = serde_json::from_str(json).expect("JSON");
        let mut side = vec![(7, 7)];
        side_from_objects(raw, SCALE, &mut side).map(|()| side)
    }

    #[test]
    fn levels_that_are_objects_are_read_exactly_or_not_at_all() {
        let levels = r#"[{"price": 45283.5, "qty": 0.10000000, "new": []}, {"qty": 0, "price": 45281.0}]"#;
        assert_eq!(read(levels), Ok(vec![(452_835, 10_000_000), (452_810, 0)]));
        assert_eq!(read("[]"), Ok(Vec::new()));
        assert_eq!(read(r#"[{"price":1.25,"qty":1}]"#).expect_err("too fine").reason, GapReason::Scale);
        for broken in [r#"[{"price":0,"qty":1}]"#, r#"[{"price":1}]"#, "{}", r#"[{"price":-1,"qty":1}]"#] {
            assert_eq!(read(broken).expect_err(broken).reason, GapReason::Decode);
        }
    }
}
