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

/// Reads `2023-09-25T07:49:37[.708706](Z|+00:00)`.
pub(super) fn parsed(text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix('Z').or_else(|| text.strip_suffix("+00:00"))?;
    let (date, time) = text.split_once('T')?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let [year, month, day] = numbers(date, '-')?;
    let [hours, minutes, seconds] = numbers(time, ':')?;
    let micros: i64 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    let seconds = days_of(year, month, day) * 86_400 + hours * 3_600 + minutes * 60 + seconds;
    Some(Timestamp(seconds.checked_mul(MICROS)?.checked_add(micros)?))
}

/// Seconds since 1970 with four decimals, as REST tells times of orders.
pub(super) fn seconds(at: Timestamp) -> f64 {
    (at.0.div_euclid(100) as f64) / 10_000.0
}

fn numbers(text: &str, mark: char) -> Option<[i64; 3]> {
    let parts: Vec<i64> = text.split(mark).map(|part| part.parse().ok()).collect::<Option<_>>()?;
    parts.try_into().ok()
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

/// Days from 1970 to a date.
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let (era, in_era) = (year.div_euclid(400), year.rem_euclid(400));
    let in_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_and_read() {
        let at = Timestamp(1_695_628_177_708_706);
        assert_eq!(rfc3339(at), "2023-09-25T07:49:37.708706Z");
        assert_eq!(rfc1123(at), "Mon, 25 Sep 23 07:49:37 +0000");
        assert_eq!(parsed("2023-09-25T07:49:37.708706Z"), Some(at));
        assert_eq!(parsed("2024-02-29T00:00:00+00:00").map(rfc3339).as_deref(), Some("2024-02-29T00:00:00.000000Z"));
        assert_eq!(parsed("yesterday"), None);
    }
}
