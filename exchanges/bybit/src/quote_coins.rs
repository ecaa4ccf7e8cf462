use tradewire_core::Pair;

/// The coins that symbols of spot end with, longer ones first.
const SPOT: &[&str] = &["USDT", "USDC", "USDE", "USD1", "EUR", "BRL", "PLN", "TRY", "BTC", "ETH", "MNT", "DAI", "SOL"];

/// The pair that a symbol of spot most likely means.
pub(crate) fn spot(symbol: &str) -> Option<Pair> {
    SPOT.iter().find_map(|quote| Pair::new(symbol.strip_suffix(quote)?, quote).ok())
}

/// The pair that a symbol of a linear perpetual means: those in USDC end with `PERP`.
pub(crate) fn linear(symbol: &str) -> Option<Pair> {
    match symbol.strip_suffix("PERP") {
        Some(base) => Pair::new(base, "USDC").ok(),
        None => Pair::new(symbol.strip_suffix("USDT")?, "USDT").ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_split_by_what_they_end_with() {
        let shown = |pair: Option<Pair>| pair.map(|pair| pair.to_string());
        assert_eq!(shown(spot("BTCUSDT")).as_deref(), Some("BTC-USDT"));
        assert_eq!(shown(spot("ETHBTC")).as_deref(), Some("ETH-BTC"));
        assert_eq!(shown(linear("BTCPERP")).as_deref(), Some("BTC-USDC"));
        assert_eq!(shown(linear("1000PEPEUSDT")).as_deref(), Some("1000PEPE-USDT"));
        assert_eq!((spot("USDT"), linear("BTCUSD")), (None, None));
    }
}
