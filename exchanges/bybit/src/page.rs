use tradewire_core::{Error, ErrorKind, Timestamp};
use tradewire_tracking::{History, Page};
use tradewire_transport::Query;
use tradewire_wire::Fault;

use crate::envelope::List;

/// The longest window of a list of orders or executions.
pub(crate) const WINDOW_SECONDS: u64 = 7 * 24 * 60 * 60;

/// A window of a history and the page of it. The newest rows come first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window<'a> {
    from: Timestamp,
    until: Timestamp,
    page: Option<&'a str>,
}

impl<'a> Window<'a> {
    /// That of a history.
    pub(crate) fn of(history: &History<'a>) -> Self {
        Self { from: history.from, until: history.until, page: history.page }
    }

    /// Writes it.
    pub(crate) fn write(&self, query: &mut Query) {
        query.add("startTime", self.from.as_millis()).add("endTime", self.until.as_millis());
        write_page(query, self.page);
    }
}

/// Writes the name of a page.
pub(crate) fn write_page(query: &mut Query, page: Option<&str>) {
    if let Some(page) = page {
        query.add("cursor", page);
    }
}

/// The rows of a page, oldest first, and the name of the next page.
pub(crate) fn page<T>(list: &List<'_>, read: impl Fn(&str) -> Result<Option<T>, Fault>) -> Result<Page<T>, Fault> {
    let rows: Result<Vec<_>, _> = list.list.iter().rev().map(|row| read(row.get())).collect();
    Ok(Page { rows: rows?.into_iter().flatten().collect(), next: list.next_page(), goes_back: true })
}

/// The settle coins of linear perpetuals: what is asked of all contracts is asked of one coin after the other.
const SETTLE_COINS: [&str; 2] = ["USDT", "USDC"];

/// A page of a list of all contracts: of those of one settle coin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SettlePage<'a> {
    /// The coin.
    pub(crate) coin: &'static str,
    /// The exchange's name of the page of that coin's contracts.
    pub(crate) cursor: Option<&'a str>,
}

impl<'a> SettlePage<'a> {
    /// The page of this name; `None` names the first.
    ///
    /// # Errors
    /// `InvalidRequest` for a page that none of ours was named.
    pub(crate) fn named(name: Option<&'a str>) -> Result<Self, Error> {
        let Some(name) = name else { return Ok(Self { coin: SETTLE_COINS[0], cursor: None }) };
        let (coin, cursor) = name.split_once(' ').unwrap_or((name, ""));
        let coin = SETTLE_COINS.into_iter().find(|known| *known == coin);
        let wrong =
            || Error::new(ErrorKind::InvalidRequest, "no page is named so").with("page", format_args!("'{name}'"));
        Ok(Self { coin: coin.ok_or_else(wrong)?, cursor: Some(cursor).filter(|cursor| !cursor.is_empty()) })
    }

    /// The name of the page after this one: the next of its coin, or the first of the next coin.
    pub(crate) fn next(&self, cursor: Option<&str>) -> Option<String> {
        if let Some(cursor) = cursor {
            return Some(format!("{} {cursor}", self.coin));
        }
        let after = SETTLE_COINS.iter().skip_while(|coin| **coin != self.coin).nth(1)?;
        Some((*after).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_all_contracts_go_from_coin_to_coin() {
        let first = SettlePage::named(None).expect("the first");
        assert_eq!((first.coin, first.cursor), ("USDT", None));
        let second = first.next(Some("a=1 b")).expect("a page");
        let read = SettlePage::named(Some(&second)).expect("a page");
        assert_eq!((read.coin, read.cursor), ("USDT", Some("a=1 b")));
        let other = read.next(None).expect("another coin");
        let read = SettlePage::named(Some(&other)).expect("a page");
        assert_eq!((read.coin, read.cursor, read.next(None)), ("USDC", None, None));
        assert!(SettlePage::named(Some("MOON 1")).is_err());
    }
}
