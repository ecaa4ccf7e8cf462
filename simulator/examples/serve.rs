//! Serves the default exchange until interrupted; the first line on stdout says where.
//!
//! `cargo run -p tradewire-simulator --example serve -- [port] [seed] [exchange]`

use tradewire_simulator::{Config, Simulator};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().map_or(Ok(0), |text| text.parse())?;
    let seed = arguments.next().map_or(Ok(1), |text| text.parse())?;
    let usual = Config::of(&arguments.next().unwrap_or_else(|| "binance-spot".to_owned()))?;
    let simulator = Simulator::start(Config { port, seed, ..usual }).await?;
    println!("{}", serde_json::to_string(simulator.addresses())?);
    tokio::signal::ctrl_c().await?;
    simulator.stop().await;
    Ok(())
}
