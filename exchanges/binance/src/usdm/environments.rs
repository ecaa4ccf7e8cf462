use tradewire_core::Environment;

/// The addresses of USD-M. The first is the default.
pub(crate) const ENVIRONMENTS: &[Environment] = &[
    environment(
        "production",
        "https://fapi.binance.com",
        "wss://fstream.binance.com",
        "wss://ws-fapi.binance.com/ws-fapi/v1",
    ),
    environment(
        "demo",
        "https://demo-fapi.binance.com",
        "wss://demo-fstream.binance.com",
        "wss://testnet.binancefuture.com/ws-fapi/v1",
    ),
    environment(
        "testnet",
        "https://testnet.binancefuture.com",
        "wss://fstream.binancefuture.com",
        "wss://testnet.binancefuture.com/ws-fapi/v1",
    ),
];

/// The account's events come from a route of the market streams' server.
const fn environment(name: &'static str, rest: &'static str, ws: &'static str, ws_api: &'static str) -> Environment {
    Environment { name, rest, ws, ws_api: Some(ws_api), ws_private: Some(ws) }
}
