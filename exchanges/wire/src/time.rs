use std::time::Duration;

use tradewire_core::{Decimal, Timestamp};

use crate::{Fault, Number, unsigned};

const DAY_SECONDS: i64 = 86_400;

/// A time in RFC 3339 and UTC, such as `2022-12-25T09:30:59.123456Z`, with any number of decimals; those beyond the ninth
/// are dropped.
///
/// # Errors
/// `Decode` for anything else.
pub fn rfc3339(text: &str) -> Result<Timestamp, Fault> {
    read(text.as_bytes())
        .ok_or_else(|| Fault::decode(format!("'{}' is no time", text.chars().take(40).collect::<String>())))
}

fn read(text: &[u8]) -> Option<Timestamp> {
    let (head, rest) = text.split_at_checked(19)?;
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if separators.iter().any(|(place, separator)| head[*place] != *separator) {
        return None;
    }
    let field = |from: usize, to: usize| digits(&head[from..to]);
    let (year, month, day) = (field(0, 4)?, field(5, 7)?, field(8, 10)?);
    let (hour, minute, second) = (field(11, 13)?, field(14, 16)?, field(17, 19)?);
    let valid = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second <= 60;
    let seconds = days_since_1970(year, month, day) * DAY_SECONDS + hour * 3_600 + minute * 60 + second;
    let nanos = seconds.checked_mul(1_000_000_000)?.checked_add(fraction(rest)?)?;
    valid.then(|| Timestamp::from_nanos(nanos))
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))
}

/// The decimals of a second and the `Z` behind them, in nanoseconds.
fn fraction(rest: &[u8]) -> Option<i64> {
    let rest = rest.strip_suffix(b"Z")?;
    let Some(decimals) = rest.strip_prefix(b".") else { return rest.is_empty().then_some(0) };
    let kept = &decimals[..decimals.len().min(9)];
    decimals[kept.len()..].iter().all(u8::is_ascii_digit).then_some(())?;
    let scale = 9 - u32::try_from(kept.len()).ok()?;
    (!kept.is_empty()).then_some(digits(kept)? * 10_i64.pow(scale))
}

/// Days of the Gregorian calendar, years beginning in March.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468
}

/// A time in seconds since 1970, with decimals.
///
/// # Errors
/// `Decode` for one that is negative or no time.
pub fn unix_seconds(number: &Number<'_>) -> Result<Timestamp, Fault> {
    let nanos = unsigned(number)?.checked_mul(Decimal::new(1_000_000_000, 0)).map(|nanos| nanos.trunc());
    let nanos = nanos.and_then(|nanos| i64::try_from(nanos).ok());
    nanos.map(Timestamp::from_nanos).ok_or_else(|| Fault::decode("a time out of range"))
}

/// So many hours.
///
/// # Errors
/// `Decode` for more than there can be.
pub fn hours(count: u64) -> Result<Duration, Fault> {
    let seconds = count.checked_mul(3_600).ok_or_else(|| Fault::decode("hours out of range"))?;
    Ok(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_times() {
        for (text, nanos) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2022-12-25T09:30:59.123456Z", 1_671_960_659_123_456_000),
            ("2024-02-29T23:59:59.5Z", 1_709_251_199_500_000_000),
            ("2000-03-01T00:00:00.1234567891Z", 951_868_800_123_456_789),
            ("2000-03-01T00:00:00.123456789999999999999999999999Z", 951_868_800_123_456_789),
        ] {
            assert_eq!(rfc3339(text).expect(text).as_nanos(), nanos, "{text}");
        }
        for wrong in [
            "",
            "2022-12-25",
            "2022-12-25 09:30:59Z",
            "2022-13-25T09:30:59Z",
            "2022-12-25T09:30:59.Z",
            "2022-12-25T09:30:59",
            "2022-12-25T09:30:59.12345678999999999999999999999xZ",
        ] {
            assert!(rfc3339(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn numbers_are_times() {
        let read = |text: &str| unix_seconds(&serde_json::from_str(text).expect("a number"));
        assert_eq!(read("1616666559.8974").expect("a time").as_nanos(), 1_616_666_559_897_400_000);
        assert_eq!(read("1616666559").expect("a time").as_millis(), 1_616_666_559_000);
        assert!(read("-1").is_err());
        assert!(read("99999999999999999").is_err());
    }

    #[test]
    fn hours_that_cannot_be_are_refused() {
        assert_eq!(hours(8).expect("hours"), Duration::from_secs(28_800));
        assert!(hours(u64::MAX / 3_600 + 1).is_err());
    }
}
