//! Times as text.

use crate::clock::Timestamp;
use crate::intervals::DAY;

const MICROS: i64 = 1_000_000;
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// The first of January 1970 was a Thursday.
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// Such as `2023-09-25T07:49:37.708706Z`.
pub(super) fn rfc3339(at: Timestamp) -> String {
    let (year, month, day) = date(at);
    let (hours, minutes, seconds) = time_of_day(at);
    let micros = at.0.rem_euclid(MICROS);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{micros:06}Z")
}

/// Such as `Mon, 25 Sep 23 07:49:37 +0000`.
pub(super) fn rfc1123(at: Timestamp) -> String {
    let (year, month, day) = date(at);
    let (hours, minutes, seconds) = time_of_day(at);
    let weekday = WEEKDAYS[usize::try_from(days(at).rem_euclid(7)).unwrap_or_default()];
    let month = MONTHS[usize::try_from(month - 1).unwrap_or_default()];
    format!("{weekday}, {day:2} {month} {:02} {hours:02}:{minutes:02}:{seconds:02} +0000", year.rem_euclid(100))
}

fn days(at: Timestamp) -> i64 {
    at.millis().div_euclid(DAY)
}

fn time_of_day(at: Timestamp) -> (i64, i64, i64) {
    let seconds = at.0.div_euclid(MICROS).rem_euclid(86_400);
    (seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// Year, month and day of the calendar, counted in years that begin in March, so that a leap day is the last.
fn date(at: Timestamp) -> (i64, i64, i64) {
    let since = days(at) + 719_468;
    let (era, in_era) = (since.div_euclid(146_097), since.rem_euclid(146_097));
    let year = (in_era - in_era / 1_460 + in_era / 36_524 - in_era / 146_096) / 365;
    let in_year = in_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * in_year + 2) / 153;
    let day = in_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_and_read() {
        let at = Timestamp(1_695_628_177_708_706);
        assert_eq!(rfc3339(at), "2023-09-25T07:49:37.708706Z");
        assert_eq!(rfc1123(at), "Mon, 25 Sep 23 07:49:37 +0000");
    }
}
