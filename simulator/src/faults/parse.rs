//! Faults from JSON, with errors that say which entry and which field is wrong.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{Fault, FaultKind};

/// A fault that was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{problem}", place(.entry))]
pub struct FaultError {
    /// Place in the list, from 1.
    pub entry: usize,
    /// What is wrong, with the field's name.
    pub problem: String,
}

fn place(entry: &usize) -> String {
    if *entry == 0 { String::new() } else { format!("fault {entry}: ") }
}

/// Reads a JSON array of faults, or a single one.
///
/// # Errors
/// [`FaultError`] names the first wrong entry and its field; entry 0 is the text as a whole.
pub fn parse_faults(json: &str) -> Result<Vec<Fault>, FaultError> {
    let value: Value =
        serde_json::from_str(json).map_err(|error| FaultError { entry: 0, problem: format!("not JSON: {error}") })?;
    let entries = match value {
        Value::Array(entries) => entries,
        single => vec![single],
    };
    let parse = |(at, entry)| Fault::from_json(entry).map_err(|problem| FaultError { entry: at + 1, problem });
    entries.into_iter().enumerate().map(parse).collect()
}

#[derive(Deserialize)]
struct Schedule {
    path: Option<String>,
    pair: Option<String>,
    stream: Option<String>,
    method: Option<String>,
    account: Option<String>,
    order: Option<String>,
    event: Option<String>,
    connection: Option<u64>,
    nth: Option<u64>,
    times: Option<u64>,
    probability: Option<f64>,
    seed: Option<u64>,
    for_ms: Option<u64>,
}

const SCHEDULE: [&str; 13] = [
    "path",
    "pair",
    "stream",
    "method",
    "account",
    "order",
    "event",
    "connection",
    "nth",
    "times",
    "probability",
    "seed",
    "for_ms",
];

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fault, D::Error> {
        Fault::from_json(Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Fault {
    /// Reads one fault.
    fn from_json(value: Value) -> Result<Fault, String> {
        let Value::Object(fields) = value else { return Err("must be an object".to_owned()) };
        let Some(word) = fields.get("kind").and_then(Value::as_str).map(str::to_owned) else {
            return Err("field `kind` is missing or not a text".to_owned());
        };
        let (mut schedule, own): (Map<_, _>, Map<_, _>) =
            fields.into_iter().partition(|(name, _)| SCHEDULE.contains(&name.as_str()));
        let mut own = own;
        if word == "flow"
            && let Some(seed) = schedule.remove("seed")
        {
            own.insert("seed".to_owned(), seed);
        }
        let kind: FaultKind =
            serde_json::from_value(Value::Object(own.clone())).map_err(|e| format!("`{word}`: {}", blame(&own, &e)))?;
        refuse_unknown(&kind, &own)?;
        let schedule: Schedule = serde_json::from_value(Value::Object(schedule.clone()))
            .map_err(|e| format!("`{word}`: {}", blame(&schedule, &e)))?;
        let fault = Fault {
            kind,
            path: schedule.path,
            pair: schedule.pair,
            stream: schedule.stream,
            method: schedule.method,
            account: schedule.account,
            order: schedule.order,
            event: schedule.event,
            connection: schedule.connection,
            nth: schedule.nth,
            times: schedule.times,
            probability: schedule.probability,
            seed: schedule.seed,
            for_ms: schedule.for_ms,
        };
        fault.check().map(|()| fault)
    }

    /// Whether the numbers make sense together.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.probability.is_some_and(|chance| !(0.0..=1.0).contains(&chance)) {
            return Err("field `probability` must lie between 0 and 1".to_owned());
        }
        if self.nth == Some(0) {
            return Err("field `nth` counts from 1".to_owned());
        }
        if self.times == Some(0) {
            return Err("field `times` must be at least 1".to_owned());
        }
        if let FaultKind::TickChange { tick } = self.kind
            && tick <= rust_decimal::Decimal::ZERO
        {
            return Err("field `tick` must be positive".to_owned());
        }
        if let FaultKind::Status { status } | FaultKind::RetryAfter { status, .. } | FaultKind::Code { status, .. } =
            self.kind
            && !(200..=599).contains(&status)
        {
            return Err("field `status` must be an HTTP status from 200 to 599".to_owned());
        }
        Ok(())
    }
}

fn refuse_unknown(kind: &FaultKind, given: &Map<String, Value>) -> Result<(), String> {
    let known = serde_json::to_value(kind).unwrap_or_default();
    match given.keys().find(|name| known.get(name.as_str()).is_none()) {
        Some(name) => Err(format!("`{}`: unknown field `{name}`", kind.name())),
        None => Ok(()),
    }
}

/// The error with the name of the field that causes it, found by leaving fields out.
fn blame(fields: &Map<String, Value>, error: &serde_json::Error) -> String {
    let text = error.to_string();
    let culprit = fields.iter().find(|(name, value)| {
        name.as_str() != "kind" && !text.contains(&format!("`{name}`")) && mismatched(&text, value)
    });
    match culprit {
        Some((name, _)) => format!("field `{name}`: {text}"),
        None => text,
    }
}

/// Whether serde's complaint quotes this value.
fn mismatched(text: &str, value: &Value) -> bool {
    match value {
        Value::String(word) => text.contains(&format!("\"{word}\"")) || text.contains(&format!("`{word}`")),
        Value::Number(number) => text.contains(&format!("`{number}`")),
        Value::Bool(flag) => text.contains(&format!("`{flag}`")),
        Value::Null => text.contains("null"),
        Value::Array(_) => text.contains("sequence"),
        Value::Object(_) => text.contains("map"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_schedule_are_read() {
        let faults = parse_faults(
            r#"[{"kind":"status","status":503,"path":"/api","nth":2,"times":3},{"kind":"flow","seed":9},
                {"kind":"skip-update","pair":"BTC-USDT","probability":0.5,"seed":4}]"#,
        )
        .unwrap();
        assert_eq!(faults[0], Fault::new(FaultKind::Status { status: 503 }).path("/api").nth(2).times(3));
        assert_eq!(faults[1].kind, FaultKind::Flow { seed: 9 });
        assert_eq!(faults[2], Fault::new(FaultKind::SkipUpdate).pair("BTC-USDT").probability(0.5, 4));
    }

    #[test]
    fn what_is_written_can_be_read() {
        for fault in [
            Fault::new(FaultKind::Hold { ms: 5 }).stream("@trade").times(3).connection(4),
            Fault::new(FaultKind::Flow { seed: 7 }),
            Fault::new(FaultKind::Drop).probability(0.25, 9),
        ] {
            let written = serde_json::to_string(&fault).unwrap();
            assert_eq!(serde_json::from_str::<Fault>(&written).unwrap(), fault, "{written}");
        }
    }

    #[test]
    fn errors_name_entry_and_field() {
        let problem = |json: &str| parse_faults(json).unwrap_err().to_string();
        assert!(
            problem(r#"[{"kind":"drop"},{"kind":"drop","colour":1}]"#)
                .contains("fault 2: `drop`: unknown field `colour`")
        );
        assert!(problem(r#"[{"kind":"delay"}]"#).contains("missing field `ms`"));
        assert!(problem(r#"[{"kind":"delay","ms":"x"}]"#).contains("field `ms`"));
        assert!(problem(r#"[{"kind":"drop","nth":"one"}]"#).contains("field `nth`"));
        assert!(problem(r#"[{"kind":"drop","nth":0}]"#).contains("field `nth`"));
        assert!(problem(r#"[{"kind":"explode"}]"#).contains("explode"));
        assert!(problem("[1]").contains("fault 1: must be an object"));
        assert!(problem("{").contains("not JSON"));
    }
}
