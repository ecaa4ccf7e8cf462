//! Names of assets and pairs. REST has three for a pair (its key, `altname` and `wsname`) and two for an asset; the
//! sockets have one for each, which is the engine's.

use std::sync::Arc;

use parking_lot::Mutex;

use super::errors::ApiError;
use crate::exchange::Exchange;
use crate::listing::Listing;
use crate::market::Market;

/// Assets with names of their own in REST: on the sockets, `altname`, and the key.
const LEGACY: [(&str, &str, &str); 17] = [
    ("BTC", "XBT", "XXBT"),
    ("DOGE", "XDG", "XXDG"),
    ("ETC", "ETC", "XETC"),
    ("ETH", "ETH", "XETH"),
    ("LTC", "LTC", "XLTC"),
    ("MLN", "MLN", "XMLN"),
    ("REP", "REP", "XREP"),
    ("XLM", "XLM", "XXLM"),
    ("XMR", "XMR", "XXMR"),
    ("XRP", "XRP", "XXRP"),
    ("ZEC", "ZEC", "XZEC"),
    ("AUD", "AUD", "ZAUD"),
    ("CAD", "CAD", "ZCAD"),
    ("EUR", "EUR", "ZEUR"),
    ("GBP", "GBP", "ZGBP"),
    ("JPY", "JPY", "ZJPY"),
    ("USD", "USD", "ZUSD"),
];

/// The names of an asset in REST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asset<'a> {
    /// Such as `XXBT`.
    pub(super) key: &'a str,
    /// Such as `XBT`.
    pub(super) altname: &'a str,
    legacy: bool,
}

impl<'a> Asset<'a> {
    /// Of the engine's name, such as `BTC`.
    pub(super) fn of(name: &'a str) -> Asset<'a> {
        match LEGACY.iter().find(|(known, ..)| *known == name) {
            Some((_, altname, key)) => Asset { key, altname, legacy: true },
            None => Asset { key: name, altname: name, legacy: false },
        }
    }

    /// The engine's name of what any of its names means.
    pub(super) fn meant(text: &str) -> &str {
        let known = LEGACY.iter().find(|(_, altname, key)| [*altname, *key].contains(&text));
        known.map_or(text, |(name, ..)| name)
    }
}

/// The names of a pair in REST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    /// Such as `XETHXXBT`, or `XBTUSDT` where one of the two assets has no name of its own.
    pub(super) key: String,
    /// Such as `ETHXBT`.
    pub(super) altname: String,
    /// Such as `ETH/XBT`.
    pub(super) wsname: String,
}

impl Pair {
    /// Of two assets as the engine names them.
    pub(super) fn of(listing: &Listing) -> Pair {
        let (base, quote) = (Asset::of(&listing.base), Asset::of(&listing.quote));
        let altname = format!("{}{}", base.altname, quote.altname);
        let legacy = base.legacy && quote.legacy;
        let key = if legacy { format!("{}{}", base.key, quote.key) } else { altname.clone() };
        Pair { key, altname, wsname: format!("{}/{}", base.altname, quote.altname) }
    }

    fn is_called(&self, text: &str) -> bool {
        self.key == text || self.altname == text
    }
}

/// The market that any name of its pair means.
///
/// # Errors
/// `EQuery:Unknown asset pair`.
pub(super) fn market(exchange: &Exchange, text: &str) -> Result<Arc<Mutex<Market>>, ApiError> {
    let found = match text.split_once('/') {
        Some((base, quote)) => exchange.market(&format!("{}/{}", Asset::meant(base), Asset::meant(quote))),
        None => exchange.markets().into_iter().find(|market| Pair::of(&market.lock().listing).is_called(text)),
    };
    found.ok_or_else(ApiError::unknown_pair)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(base: &str, quote: &str) -> [String; 3] {
        let Pair { key, altname, wsname } = Pair::of(&Listing::new(base, quote));
        [key, altname, wsname]
    }

    #[test]
    fn pairs_have_prefixed_keys_where_both_assets_are_old() {
        assert_eq!(names("BTC", "USDT"), ["XBTUSDT", "XBTUSDT", "XBT/USDT"]);
        assert_eq!(names("ETH", "BTC"), ["XETHXXBT", "ETHXBT", "ETH/XBT"]);
        assert_eq!(names("BNB", "USD"), ["BNBUSD", "BNBUSD", "BNB/USD"]);
    }

    #[test]
    fn all_names_of_an_asset_mean_it() {
        assert_eq!(["XXBT", "XBT", "BTC", "USDT"].map(Asset::meant), ["BTC", "BTC", "BTC", "USDT"]);
    }
}
