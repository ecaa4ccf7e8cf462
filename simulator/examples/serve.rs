//! Serves the default exchange until interrupted; the first line on stdout says where.
//!
//! `cargo run -p tradewire-simulator --example serve -- [port] [seed]`

use tradewire_simulator::{Config, Simulator};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut numbers = std::env::args().skip(1);
    let port = numbers.next().map_or(Ok(0), |text| text.parse())?;
    let seed = numbers.next().map_or(Ok(1), |text| text.parse())?;
    let simulator = Simulator::start(Config { port, seed, ..Config::default() }).await?;
    println!("{}", serde_json::to_string(simulator.addresses())?);
    tokio::signal::ctrl_c().await?;
    simulator.stop().await;
    Ok(())
}
