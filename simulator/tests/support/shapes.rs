//! Comparison of answers with the published examples of them.

use std::path::PathBuf;

use serde_json::Value;

/// The published example of this name in a folder such as `binance-usdm`, where the examples are at hand.
pub fn example(folder: &str, name: &str) -> Option<Value> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/protocols/examples").join(folder);
    let text = std::fs::read_to_string(root.join(format!("{name}.json"))).ok()?;
    Some(serde_json::from_str(&text).expect("an example is JSON"))
}

/// Asserts that every field of the example is there with the same kind of value; `more` may be there besides, and
/// those of `less` may be missing. Lists are compared by their first elements.
pub fn has_shape(ours: &Value, theirs: &Value, (more, less): (&[&str], &[&str]), at: &str) {
    match (ours, theirs) {
        (Value::Object(mine), Value::Object(other)) => {
            for (name, wanted) in other.iter().filter(|(name, _)| !less.contains(&name.as_str())) {
                let value = mine.get(name).unwrap_or_else(|| panic!("{at}: no `{name}` in {ours}"));
                has_shape(value, wanted, (more, less), &format!("{at}.{name}"));
            }
            let extra = mine.keys().filter(|name| !other.contains_key(*name) && !more.contains(&name.as_str()));
            assert_eq!(extra.collect::<Vec<_>>(), Vec::<&String>::new(), "fields nobody expects at {at}");
        }
        (Value::Array(mine), Value::Array(other)) => {
            let pair = mine.first().zip(other.first());
            pair.into_iter().for_each(|(mine, other)| has_shape(mine, other, (more, less), &format!("{at}[]")));
        }
        _ => assert_eq!(std::mem::discriminant(ours), std::mem::discriminant(theirs), "kind of value at {at}"),
    }
}
