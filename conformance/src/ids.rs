//! Which ids there are, apart from the rows themselves: an id that a report misses is found by this list.

use crate::Component;

/// Groups of rows with the number of rows in each; ids count from 01.
const GROUPS: &[(&str, u8, Component)] = &[
    ("AUTH", 10, Component::Auth),
    ("SEC", 4, Component::Auth),
    ("CONF", 7, Component::Utils),
    ("LIMIT", 13, Component::Utils),
    ("ERR", 11, Component::Utils),
    ("BOOK", 22, Component::OrderBook),
    ("RULE", 11, Component::MarketStream),
    ("MKT", 16, Component::MarketStream),
    ("USER", 14, Component::UserStream),
    ("ORD", 36, Component::Connector),
    ("FILL", 9, Component::Connector),
    ("RECON", 16, Component::Connector),
    ("BAL", 9, Component::Connector),
    ("LIFE", 9, Component::Connector),
    ("CAP", 7, Component::Connector),
    ("PERP", 19, Component::Perpetual),
    ("NOBAL", 7, Component::NoBalanceStream),
];

/// All ids of the chosen components, in order.
pub(crate) fn of(wanted: impl Fn(Component) -> bool) -> impl Iterator<Item = String> {
    let groups = GROUPS.iter().filter(move |(.., component)| wanted(*component));
    groups.flat_map(|(group, count, _)| (1..=*count).map(move |number| format!("{group}-{number:02}")))
}

/// The component that an id belongs to.
pub(crate) fn component(id: &str) -> Option<Component> {
    let group = id.split_once('-')?.0;
    GROUPS.iter().find(|(known, ..)| *known == group).map(|(.., component)| *component)
}

/// Rows that are shown only when more is written than the stage that they belong to, by the stage from which on they are.
const LATER: &[(Component, &[&str])] = &[
    (Component::OrderBook, &["LIMIT-01", "LIMIT-02", "LIMIT-05"]),
    (
        Component::MarketStream,
        &[
            "CONF-01", "CONF-02", "CONF-03", "LIMIT-13", "ERR-07", "ERR-10", "ERR-11", "BOOK-06", "BOOK-09", "BOOK-10",
            "BOOK-11", "BOOK-12", "BOOK-13", "BOOK-14", "BOOK-15", "BOOK-16", "BOOK-22",
        ],
    ),
    (
        Component::Connector,
        &[
            "AUTH-02", "AUTH-03", "AUTH-04", "AUTH-05", "AUTH-06", "AUTH-07", "AUTH-08", "AUTH-09", "AUTH-10",
            "SEC-01", "SEC-02", "SEC-03", "SEC-04", "CONF-04", "CONF-05", "CONF-06", "CONF-07", "LIMIT-08", "LIMIT-09",
            "LIMIT-10", "LIMIT-11", "LIMIT-12", "ERR-01", "ERR-02", "ERR-03", "ERR-04", "ERR-05", "ERR-08", "ERR-09",
            "RULE-03", "RULE-06", "RULE-07", "RULE-09", "RULE-10", "RULE-11", "USER-01", "USER-03", "USER-04",
            "USER-05", "USER-06", "USER-07", "USER-08", "USER-09", "USER-10", "USER-11", "USER-12", "USER-13",
            "USER-14",
        ],
    ),
];

/// The stage that must be written before a row can be shown.
pub(crate) fn shown_from(id: &str) -> Option<Component> {
    let later = LATER.iter().find(|(_, ids)| ids.contains(&id)).map(|(stage, _)| *stage);
    later.or_else(|| component(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_shows_rows_and_none_shows_those_of_a_later_one() {
        for id in of(|_| true) {
            assert!(shown_from(&id) >= component(&id), "{id}");
        }
        for stage in Component::ALL {
            assert!(of(|_| true).any(|id| shown_from(&id) == Some(stage)), "{stage}");
        }
        for id in LATER.iter().flat_map(|(_, ids)| *ids) {
            assert!(of(|_| true).any(|known| known == *id), "{id}");
        }
    }
}
