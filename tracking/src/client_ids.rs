use std::fmt;
use std::time::Duration;

use tradewire_core::{ClientOrderId, CommandError, Error, ErrorKind, Timestamp, TradingCapabilities};

/// The name of the fact under which a journal keeps what ids must not be made again.
const FACT: &str = "client-order-ids";
/// How far ahead ids are recorded as used, so that the fact need not be written with every order.
const RECORDED_AHEAD: Duration = Duration::from_secs(60);
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
/// Digits of the rising part: microseconds since 1970 until the year 2085.
const RISING_LEN: usize = 10;
const RISING_END: u64 = 36_u64.pow(RISING_LEN as u32);
/// Digits of the instance part: the most, and the fewest where an exchange's ids are short.
const INSTANCE_MAX: usize = 8;
const INSTANCE_MIN: usize = 4;

/// What client order ids look like on one exchange: prefix, instance part, rising part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdForm {
    prefix: String,
    max_len: usize,
    marks: &'static str,
}

impl IdForm {
    /// Ids that start with `prefix`, for an exchange with these capabilities.
    ///
    /// # Errors
    /// `Config` for a prefix with characters that the exchange does not take, or so long that no room is left for the rest.
    pub fn new(prefix: &str, capabilities: &TradingCapabilities) -> Result<Self, Error> {
        let form = Self {
            prefix: prefix.to_owned(),
            max_len: capabilities.client_order_id_max_len,
            marks: capabilities.client_order_id_marks,
        };
        let wrong = |text| Error::new(ErrorKind::Config, text).with("prefix", prefix).with("longest id", form.max_len);
        if !prefix.chars().all(|c| form.takes(c)) {
            return Err(wrong("the prefix of client order ids has characters that the exchange does not take"));
        }
        if prefix.len() + INSTANCE_MIN + RISING_LEN > form.max_len {
            return Err(wrong("the prefix of client order ids is too long"));
        }
        Ok(form)
    }

    /// Refuses an id of the caller's that the exchange would not take.
    ///
    /// # Errors
    /// `NotSent(InvalidRequest)`.
    pub fn check(&self, id: &ClientOrderId) -> Result<(), CommandError> {
        let wrong = |text| Err(refused(id, text).with("longest", self.max_len).with("marks", self.marks));
        let verdict = match id.as_str() {
            "" => wrong("the id is empty"),
            text if text.chars().count() > self.max_len => wrong("the id is too long"),
            text if !text.chars().all(|c| self.takes(c)) => {
                wrong("the id has characters that the exchange does not take")
            }
            _ => Ok(()),
        };
        verdict.map_err(CommandError::NotSent)
    }

    /// The refusal of an id of the caller's that has named an order before.
    pub fn used_before(id: &ClientOrderId) -> CommandError {
        CommandError::NotSent(refused(id, "an order had this id before"))
    }

    fn takes(&self, c: char) -> bool {
        c.is_ascii_alphanumeric() || self.marks.contains(c)
    }

    fn instance_len(&self) -> usize {
        self.instance_room().min(INSTANCE_MAX)
    }

    fn instance_room(&self) -> usize {
        self.max_len - self.prefix.len() - RISING_LEN
    }
}

/// Makes the client order ids of one instance. No two are equal, and each is greater than those before it, as text too, also after
/// a restart and with the clock set back. Pure.
#[derive(Clone, Debug)]
pub struct ClientOrderIds {
    form: IdForm,
    instance: String,
    /// The rising part of the next id is this at least.
    next: u64,
    /// Ids below this one are recorded as used.
    recorded: u64,
}

impl ClientOrderIds {
    /// The ids of an instance. `recorded` is the value of the fact that an earlier run of it wrote; without one it is a new
    /// instance, named by `random`.
    ///
    /// # Errors
    /// `Journal` for a recorded fact that cannot be read.
    pub fn start(form: IdForm, recorded: Option<&str>, random: u64) -> Result<Self, Error> {
        let Some(recorded) = recorded else {
            let len = form.instance_len();
            let instance = Digits(random % 36_u64.pow(len as u32), len).to_string();
            return Ok(Self { form, instance, next: 0, recorded: 0 });
        };
        let unreadable = || {
            let text = "the record of client order ids cannot be read";
            Error::new(ErrorKind::Journal, text).with("fact", FACT).with("value", recorded)
        };
        let (instance, until) = recorded.split_once(' ').ok_or_else(unreadable)?;
        let until = u64::from_str_radix(until, 36).map_err(|_| unreadable())?;
        let whole = instance.len() >= INSTANCE_MIN && instance.bytes().all(|digit| DIGITS.contains(&digit));
        if !whole || until >= RISING_END {
            return Err(unreadable());
        }
        if instance.len() > form.instance_room() {
            // The prefix has grown: the instance gets another, shorter part.
            return Ok(Self { next: until, ..Self::start(form, None, random)? });
        }
        Ok(Self { instance: instance.to_owned(), form, next: until, recorded: until })
    }

    /// The name of the fact that [`Self::fact`] writes.
    pub const fn fact_name() -> &'static str {
        FACT
    }

    /// The next id. Unless [`Self::fact`] has nothing to write afterwards, the fact has to be written with the order that gets it.
    pub fn next(&mut self, now: Timestamp) -> ClientOrderId {
        let micros = u64::try_from(now.as_nanos() / 1_000).unwrap_or(0);
        let rising = self.next.max(micros).min(RISING_END - 1);
        self.next = rising + 1;
        ClientOrderId::from(format!("{}{}{}", self.form.prefix, self.instance, Digits(rising, RISING_LEN)))
    }

    /// What has to be written, name and value, before the newest id leaves; `None` if what was written before covers it. Once it is
    /// written, tell [`Self::written`] the value.
    pub fn fact(&self) -> Option<(String, String)> {
        let ahead = self.next.saturating_add(RECORDED_AHEAD.as_micros() as u64).min(RISING_END - 1);
        let value = || format!("{} {}", self.instance, Digits(ahead, RISING_LEN));
        (self.next > self.recorded).then(|| (FACT.to_owned(), value()))
    }

    /// A value that [`Self::fact`] has given is written.
    pub fn written(&mut self, value: &str) {
        let until = value.split_once(' ').and_then(|(_, until)| u64::from_str_radix(until, 36).ok());
        self.recorded = self.recorded.max(until.unwrap_or(0));
    }

    /// What the caller's own ids have to look like.
    pub fn form(&self) -> &IdForm {
        &self.form
    }
}

fn refused(id: &ClientOrderId, text: &'static str) -> Error {
    Error::new(ErrorKind::InvalidRequest, text).with("field", "client_order_id").with("id", id)
}

/// A number in base 36 with leading zeros: greater numbers are greater texts.
struct Digits(u64, usize);

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(number, len) = *self;
        let mut digits = [b'0'; RISING_LEN];
        let mut left = number;
        for digit in digits.iter_mut().rev() {
            *digit = DIGITS[(left % 36) as usize];
            left /= 36;
        }
        f.write_str(std::str::from_utf8(&digits[RISING_LEN - len..]).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::checks::tests::capabilities;

    fn form(prefix: &str) -> IdForm {
        IdForm::new(prefix, capabilities().trading.as_ref().expect("trades")).expect("a form")
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + millis)
    }

    #[test]
    fn conf_04_a_million_ids_of_each_of_two_instances_differ_and_rise() {
        let mut seen = HashSet::with_capacity(2_000_000);
        for random in [7, u64::MAX - 5] {
            let mut ids = ClientOrderIds::start(form("tw-"), None, random).expect("starts");
            let mut last = ClientOrderId::from("");
            for n in 0..1_000_000 {
                let id = ids.next(at(n / 1_000));
                assert!(id > last, "{id} after {last}");
                if n % 1_000 == 0 {
                    assert!(id.as_str().starts_with("tw-") && ids.form().check(&id).is_ok(), "{id}");
                }
                assert!(seen.insert(id.clone()), "{id} twice");
                last = id;
            }
        }
    }

    #[test]
    fn conf_04_ids_rise_across_restarts_with_the_clock_set_back() {
        let mut ids = ClientOrderIds::start(form("x"), None, 99).expect("starts");
        let mut recorded = None;
        let mut last = ClientOrderId::from("");
        // Crashes at any id, whose fact is written if it is the id of an order.
        for (run, now) in [0, 5_000, -3_600_000, 61_000, 61_001, -7_200_000].into_iter().enumerate() {
            for step in 0..200 {
                let id = ids.next(at(now + step));
                assert!(id > last, "run {run}: {id} after {last}");
                if let Some((name, value)) = ids.fact() {
                    assert_eq!(name, ClientOrderIds::fact_name());
                    ids.written(&value);
                    recorded = Some(value);
                }
                assert_eq!(ids.fact(), None);
                last = id;
            }
            ids = ClientOrderIds::start(form("x"), recorded.as_deref(), 1_000 + run as u64).expect("starts");
        }
    }

    #[test]
    fn conf_04_the_fact_is_written_about_once_a_minute() {
        let mut ids = ClientOrderIds::start(form("x"), None, 99).expect("starts");
        let mut writes = 0;
        for second in 0..600 {
            ids.next(at(second * 1_000));
            if let Some((_, value)) = ids.fact() {
                ids.written(&value);
                writes += 1;
            }
        }
        assert!((9..=11).contains(&writes), "{writes}");
    }

    #[test]
    fn conf_04_a_longer_prefix_takes_from_the_instance_part_or_is_refused() {
        let long = "p".repeat(20);
        let mut first = ClientOrderIds::start(form("x"), None, 5).expect("starts");
        first.next(at(0));
        let (_, value) = first.fact().expect("to be written");
        let mut ids = ClientOrderIds::start(form(&long), Some(&value), u64::MAX).expect("starts");
        let id = ids.next(at(0));
        assert_eq!(id.as_str().len(), 36, "{id}");
        let trading = capabilities().trading.expect("trades");
        for (prefix, why) in
            [("p".repeat(23), "too long"), ("a b".to_owned(), "characters"), ("é".to_owned(), "characters")]
        {
            let error = IdForm::new(&prefix, &trading).expect_err(why);
            assert!(error.kind() == ErrorKind::Config && error.message().contains(why), "{error}");
        }
        for damaged in ["", "abc", "ab 1", "abcd zz!", "abc! 1", "abcd zzzzzzzzzzz"] {
            let error = ClientOrderIds::start(form("x"), Some(damaged), 1).expect_err(damaged);
            assert_eq!(error.kind(), ErrorKind::Journal);
        }
    }

    #[test]
    fn conf_05_ids_of_the_caller_fit_length_and_alphabet() {
        let form = form("");
        for good in ["a", "A-9_b", &"z".repeat(36)] {
            assert!(form.check(&good.into()).is_ok(), "{good}");
        }
        for bad in ["", "a b", "a.b", "ß", &"z".repeat(37)] {
            match form.check(&bad.into()) {
                Err(CommandError::NotSent(error)) => {
                    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
                    assert_eq!(error.context("field"), Some("client_order_id"));
                }
                other => panic!("{bad}: {other:?}"),
            }
        }
        assert_eq!(IdForm::used_before(&"a".into()).error().kind(), ErrorKind::InvalidRequest);
    }
}
