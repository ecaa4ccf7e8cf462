use tradewire_core::Pair;

/// Assets that prices are in, on spot and futures, today's and those of recordings.
const QUOTE_ASSETS: &[&str] = &[
    "AEUR", "ARS", "AUD", "BIDR", "BKRW", "BNB", "BRL", "BTC", "BUSD", "BVND", "COP", "CZK", "DAI", "DOGE", "DOT",
    "ETH", "EUR", "EURI", "FDUSD", "GBP", "GYEN", "IDR", "IDRT", "JPY", "KZT", "MXN", "NGN", "PAX", "PLN", "RLUSD",
    "RON", "RUB", "SOL", "TRX", "TRY", "TUSD", "UAH", "USD", "USD1", "USDC", "USDE", "USDP", "USDS", "USDT", "UST",
    "VAI", "XRP", "XUSD", "ZAR",
];

/// What the symbols of coin-margined perpetuals end with.
const COIN_MARGINED: &str = "_PERP";

/// The pair that a symbol most likely means: split before the longest quote asset that it ends with.
pub(crate) fn guess_pair(symbol: &str) -> Option<Pair> {
    let symbol = symbol.strip_suffix(COIN_MARGINED).unwrap_or(symbol);
    let split = |quote: &&&str| symbol.strip_suffix(**quote).is_some_and(|base| !base.is_empty());
    let quote = QUOTE_ASSETS.iter().filter(split).max_by_key(|quote| quote.len())?;
    Pair::new(symbol.strip_suffix(quote)?, quote).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_quote_asset_wins() {
        for (symbol, pair) in [
            ("BTCUSDT", "BTC-USDT"),
            ("ETHBTC", "ETH-BTC"),
            ("BTCFDUSD", "BTC-FDUSD"),
            ("BTCTUSD", "BTC-TUSD"),
            ("币安人生USDT", "币安人生-USDT"),
            ("1000SATSTRY", "1000SATS-TRY"),
        ] {
            assert_eq!(guess_pair(symbol).expect(symbol).as_str(), pair);
        }
        for symbol in ["", "USDT", "WHAT", "btcusdt"] {
            assert_eq!(guess_pair(symbol), None, "{symbol}");
        }
    }
}
