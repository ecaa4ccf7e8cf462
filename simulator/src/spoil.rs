//! What faults do to the text of an answer or a frame.

/// What a broken machine says.
pub(crate) const WEB_PAGE: &str = "<html><body>Something is wrong here</body></html>";

/// The first half of a text and a letter that fits nowhere.
pub(crate) fn garbled(text: &str) -> String {
    halved(text) + "#"
}

/// The first half of a text.
pub(crate) fn halved(text: &str) -> String {
    text.chars().take(text.chars().count() / 2).collect()
}

/// Puts a field that nobody knows into every object of the answer's top level.
pub(crate) fn add_field(body: &mut String) {
    if let Some(rest) = body.strip_prefix('{') {
        let comma = if rest.starts_with('}') { "" } else { "," };
        *body = format!("{{\"neverSeen\":\"yes\"{comma}{rest}");
    } else if body.starts_with("[{") {
        *body = body.replacen("[{", "[{\"neverSeen\":\"yes\",", 1);
    }
}

/// Replaces the first values of well-known enumerations by unknown ones.
pub(crate) fn add_enum_value(body: &mut String) {
    for known in [
        "\"rateLimitType\":\"RAW_REQUESTS\"",
        "\"rateLimitType\":\"ORDERS\"",
        "\"status\":\"TRADING\"",
        "\"status\":\"trading\"",
        "\"status\":\"open\"",
        "\"status\":\"Trading\"",
        "\"status\":\"online\"",
        "\"filterType\":\"MAX_NUM_ORDER_AMENDS\"",
        "\"LIMIT_MAKER\"",
        "\"status\":\"NEW\"",
        "\"status\":\"PARTIALLY_FILLED\"",
        "\"status\":\"FILLED\"",
        "\"status\":\"CANCELED\"",
        "\"X\":\"NEW\"",
        "\"X\":\"PARTIALLY_FILLED\"",
        "\"X\":\"FILLED\"",
        "\"X\":\"CANCELED\"",
    ] {
        let (name, _) = known.split_once(':').unwrap_or(("", known));
        let unknown = if name.is_empty() { "\"NEVER_SEEN\"".to_owned() } else { format!("{name}:\"NEVER_SEEN\"") };
        *body = body.replacen(known, &unknown, 1);
    }
}
