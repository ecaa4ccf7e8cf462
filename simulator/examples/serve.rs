//! Serves the default exchange until interrupted; the first line on stdout says where.

use tradewire_simulator::{Config, Simulator};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let simulator = Simulator::start(Config::default()).await?;
    println!("{}", serde_json::to_string(simulator.addresses())?);
    tokio::signal::ctrl_c().await?;
    simulator.stop().await;
    Ok(())
}
