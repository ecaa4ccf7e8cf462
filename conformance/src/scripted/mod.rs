//! A server that plays a script: for connectors of exchanges that are not simulated.
//!
//! A script is what went over the wire between a client and the exchange, as JSON lines. The server expects the client's part of it,
//! compares it to the last field, and gives the exchange's part as the answer:
//!
//! ```json
//! {"request": {"method": "GET", "path": "/1/time"}, "answer": {"body": {"time": 1700000000000}}, "repeat": true}
//! {"request": {"method": "DELETE", "path": "/1/orders", "query": {"symbol": "BTC/USDT", "id": "7", "time": "$time", "window": "$any"},
//!  "headers": {"ex-sign": "$signature"}}, "answer": {"status": 404, "body": {"error": {"code": 3004, "text": "no such order"}}}}
//! {"socket": "market", "opens": "/market"}
//! {"socket": "market", "gets": {"id": "$id", "do": "subscribe", "topics": ["book:BTC/USDT"]}}
//! {"socket": "market", "sends": {"id": "$id", "ok": true}}
//! {"socket": "market", "closes": true}
//! ```
//!
//! (One line each; the second is broken for this page only.) What changes from run to run is a placeholder, a text that begins with
//! `$`: `$time` and `$nonce` stand for digits, any other name for any text, number or whole value. Where the exchange's part has the
//! same name, it gets what came last.
//!
//! * Requests may come in any order: each is answered by the first line that is like it and was not used, or may be repeated. All
//!   arguments and all of the body are compared; of the headers those that are named.
//! * The lines of a socket are gone through in their order. A socket that is opened once more needs a second `opens`.
//! * Empty lines and lines with a `note` say nothing.
//!
//! [`ScriptedServer::finish`] tells the first thing that was not as in the script: where, what was expected, what came. A
//! [`ScriptRecorder`] stands between a connector and a testnet, and writes a script without keys, signatures and tokens.

mod http;
mod pattern;
mod recorder;
mod script;
mod scrub;
mod server;
#[cfg(test)]
mod tests;

pub use recorder::ScriptRecorder;
pub use script::{Script, ScriptFailure};
pub use scrub::Scrub;
pub use server::ScriptedServer;
