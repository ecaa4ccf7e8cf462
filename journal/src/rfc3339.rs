use tradewire_core::Timestamp;

const NANOS: i64 = 1_000_000_000;
const SECONDS_A_DAY: i64 = 86_400;
/// The Gregorian calendar repeats after so many days, which are 400 years.
const DAYS_A_CYCLE: i64 = 146_097;

/// An instant in UTC as RFC 3339 writes it, for example `2026-05-28T20:26:40.000250Z`: as many digits of the second as
/// it needs, by threes.
pub fn rfc3339(time: Timestamp) -> String {
    let (seconds, nanos) = (time.as_nanos().div_euclid(NANOS), time.as_nanos().rem_euclid(NANOS));
    let (year, month, day) = date(seconds.div_euclid(SECONDS_A_DAY));
    let second = seconds.rem_euclid(SECONDS_A_DAY);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let fraction = match nanos {
        0 => String::new(),
        nanos if nanos % 1_000_000 == 0 => format!(".{:03}", nanos / 1_000_000),
        nanos if nanos % 1_000 == 0 => format!(".{:06}", nanos / 1_000),
        nanos => format!(".{nanos:09}"),
    };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

/// Year, month and day of a number of days since 1970-01-01. Years are counted from March here, so that the leap day is
/// their last one.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (cycle, day) = (days.div_euclid(DAYS_A_CYCLE), days.rem_euclid(DAYS_A_CYCLE));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let (month, next) = if month_from_march < 10 { (month_from_march + 3, 0) } else { (month_from_march - 9, 1) };
    (cycle * 400 + year + next, month, day_of_month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_as_a_calendar_has_them() {
        for (seconds, nanos, expected) in [
            (0, 0, "1970-01-01T00:00:00Z"),
            (-1, 999_999_999, "1969-12-31T23:59:59.999999999Z"),
            (951_782_400, 0, "2000-02-29T00:00:00Z"),
            (951_868_800, 500_000_000, "2000-03-01T00:00:00.500Z"),
            (4_107_542_399, 0, "2100-02-28T23:59:59Z"),
            (4_107_542_400, 0, "2100-03-01T00:00:00Z"),
            (1_780_000_000, 250_000, "2026-05-28T20:26:40.000250Z"),
        ] {
            assert_eq!(rfc3339(Timestamp::from_nanos(seconds * NANOS + nanos)), expected);
        }
    }
}
