//! Candle intervals and where their candles begin.

pub(crate) const SECOND: i64 = 1_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;
/// The first Monday after the start of 1970.
const MONDAY: i64 = 4 * DAY;

/// The width of a candle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Interval {
    /// The exchange's word.
    pub(crate) name: &'static str,
    span: Span,
}

/// How long a candle lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Span {
    /// So many milliseconds.
    Millis(i64),
    /// From Monday to Sunday.
    Week,
    /// A month of the calendar.
    Month,
}

impl Interval {
    /// The interval of that name in an exchange's table.
    pub(crate) fn among(table: &[(&'static str, Span)], name: &str) -> Option<Interval> {
        table.iter().find(|(known, _)| *known == name).map(|(name, span)| Interval { name, span: *span })
    }

    /// Whether it is shorter than a minute.
    pub(crate) fn is_seconds(self) -> bool {
        matches!(self.span, Span::Millis(width) if width < MINUTE)
    }

    /// Start of the candle that holds `millis`, in a zone `offset` milliseconds ahead of UTC.
    pub(crate) fn start(self, millis: i64, offset: i64) -> i64 {
        let local = millis + offset;
        let start = match self.span {
            Span::Millis(width) => local.div_euclid(width) * width,
            Span::Week => (local - MONDAY).div_euclid(7 * DAY) * 7 * DAY + MONDAY,
            Span::Month => month_start(local, 0),
        };
        start - offset
    }

    /// Start of the candle after the one that holds `millis`.
    pub(crate) fn next(self, millis: i64, offset: i64) -> i64 {
        match self.span {
            Span::Millis(width) => self.start(millis, offset) + width,
            Span::Week => self.start(millis, offset) + 7 * DAY,
            Span::Month => month_start(millis + offset, 1) - offset,
        }
    }
}

/// First instant of the month of `millis`, or of the one `later` months after it.
fn month_start(millis: i64, later: i64) -> i64 {
    let (year, month) = year_and_month(millis.div_euclid(DAY));
    let months = year * 12 + month - 1 + later;
    days_before(months.div_euclid(12), months.rem_euclid(12) + 1) * DAY
}

/// Year and month of a day counted from 1970-01-01, in the Gregorian calendar.
fn year_and_month(day: i64) -> (i64, i64) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month)
}

/// Days from 1970-01-01 to the first of a month.
fn days_before(year: i64, month: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * from_march + 2) / 5;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Milliseconds of an offset from UTC written `8`, `-3`, `+08:00` or `05:45`, from −12:00 to +14:00.
pub(crate) fn zone_offset(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (hours, minutes) = digits.split_once(':').unwrap_or((digits, "0"));
    let number =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<i64>().ok()).flatten();
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let offset = sign * (hours * HOUR + minutes * MINUTE);
    (minutes < 60 && (-12 * HOUR..=14 * HOUR).contains(&offset)).then_some(offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-02-29 12:34:56.789 UTC, a Thursday.
    const NOON: i64 = 1_709_210_096_789;

    #[test]
    fn candles_begin_where_the_calendar_says() {
        let start = |span| Interval { name: "", span }.start(NOON, 0);
        assert_eq!(start(Span::Millis(MINUTE)), 1_709_210_040_000);
        assert_eq!(start(Span::Millis(DAY)), 1_709_164_800_000);
        assert_eq!(start(Span::Week), 1_708_905_600_000, "Monday 2024-02-26");
        assert_eq!(start(Span::Month), 1_706_745_600_000, "2024-02-01");
        assert_eq!(Interval { name: "", span: Span::Month }.next(NOON, 0), 1_709_251_200_000, "2024-03-01");
    }

    #[test]
    fn zones_shift_the_day() {
        let offset = zone_offset("+08:00").unwrap();
        assert_eq!(
            Interval { name: "", span: Span::Millis(DAY) }.start(NOON, offset),
            1_709_136_000_000,
            "midnight in the east"
        );
        assert_eq!(zone_offset("-3"), Some(-3 * HOUR));
        assert_eq!([zone_offset("15"), zone_offset("x"), zone_offset("")], [None; 3]);
    }
}
