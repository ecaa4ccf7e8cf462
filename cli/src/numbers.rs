use tradewire::Decimal;

/// A measured number with one decimal.
pub(crate) fn one_decimal(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// A decimal with exactly so many decimals, without rounding: it must not have more.
pub(crate) fn fixed(number: Decimal, decimals: u32) -> String {
    let mut number = number;
    number.rescale(decimals.max(number.normalize().scale()));
    number.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_padded_and_never_cut() {
        for (number, decimals, text) in [("1.5", 3, "1.500"), ("1.500", 1, "1.5"), ("1.25", 1, "1.25"), ("7", 0, "7")] {
            assert_eq!(fixed(Decimal::from_str_exact(number).expect("a number"), decimals), text);
        }
    }
}
