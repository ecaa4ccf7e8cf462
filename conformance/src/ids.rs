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
