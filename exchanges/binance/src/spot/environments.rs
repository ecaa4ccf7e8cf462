use tradewire_core::Environment;

/// The addresses of Binance spot. The first is the default.
pub(crate) const ENVIRONMENTS: &[Environment] = &[
    environment(
        "com",
        "https://api.binance.com",
        "wss://stream.binance.com:9443",
        "wss://ws-api.binance.com:443/ws-api/v3",
    ),
    environment(
        "us",
        "https://api.binance.us",
        "wss://stream.binance.us:9443",
        "wss://ws-api.binance.us:443/ws-api/v3",
    ),
    environment(
        "testnet",
        "https://testnet.binance.vision",
        "wss://stream.testnet.binance.vision",
        "wss://ws-api.testnet.binance.vision/ws-api/v3",
    ),
    environment(
        "demo",
        "https://demo-api.binance.com",
        "wss://demo-stream.binance.com",
        "wss://demo-ws-api.binance.com/ws-api/v3",
    ),
];

/// The account's events come over the same address as the replies to commands.
const fn environment(name: &'static str, rest: &'static str, ws: &'static str, ws_api: &'static str) -> Environment {
    Environment { name, rest, ws, ws_api: Some(ws_api), ws_private: None }
}
