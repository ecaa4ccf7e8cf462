//! Times for people and for files: RFC 3339 in UTC.

use tradewire::Timestamp;

const SECOND: i64 = 1_000_000_000;
const DAY_SECONDS: i64 = 86_400;

/// A time like `2017-07-12T02:45:19.559Z`: milliseconds, or finer where the time is.
pub(crate) fn text(time: Timestamp) -> String {
    let (seconds, nanos) = (time.as_nanos().div_euclid(SECOND), time.as_nanos().rem_euclid(SECOND));
    let (year, month, day) = date(seconds.div_euclid(DAY_SECONDS));
    let of_day = seconds.rem_euclid(DAY_SECONDS);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let fraction = match (nanos % 1_000_000, nanos % 1_000) {
        (0, _) => format!("{:03}", nanos / 1_000_000),
        (_, 0) => format!("{:06}", nanos / 1_000),
        _ => format!("{nanos:09}"),
    };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction}Z")
}

/// Year, month and day of a number of days since 1970. The year begins in March here, so that the leap day is its last,
/// and 400 years are one round of 146 097 days that begins on 1 March of year 0, 719 468 days before 1970.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (round, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (400 * round + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_times() {
        for (nanos, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999999999Z"),
            (1_499_827_319_559_000_000, "2017-07-12T02:41:59.559Z"),
            (951_782_400_000_001_000, "2000-02-29T00:00:00.000001Z"),
            (4_107_542_399_000_000_000, "2100-02-28T23:59:59.000Z"),
            (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(text(Timestamp::from_nanos(nanos)), expected);
        }
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut last = date(-200_000);
        for day in -199_999..200_000 {
            let next = date(day);
            let (year, month, of_month) = last;
            let begins = [(year, month, of_month + 1), (year, month + 1, 1), (year + 1, 1, 1)];
            assert!(begins.contains(&next) && next.2 <= 31 && next.1 <= 12, "{last:?} {next:?}");
            last = next;
        }
    }
}
