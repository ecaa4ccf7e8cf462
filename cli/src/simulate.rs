//! `tradewire simulate`: a simulated exchange, served until stopped.

use std::path::Path;

use tradewire::Pair;
use tradewire_simulator::{ClockSource, Config, Fault, Simulator, parse_faults};

use crate::args::{ClockChoice, SimulateArgs};
use crate::failure::Failure;
use crate::output;
use crate::stop::Stop;

pub(crate) async fn run(args: SimulateArgs, mut stop: Stop) -> Result<(), Failure> {
    let simulator = Simulator::start(config(&args)?).await.map_err(Failure::failed)?;
    let result = output::json(simulator.addresses());
    if result.is_ok() {
        stop.wait().await;
    }
    simulator.stop().await;
    result
}

fn config(args: &SimulateArgs) -> Result<Config, Failure> {
    let listed = match args.pairs.as_slice() {
        [] => Config::default(),
        pairs => Config::with_pairs(&pairs.iter().map(Pair::as_str).collect::<Vec<_>>()).map_err(Failure::wrong_use)?,
    };
    Ok(Config {
        exchange: args.exchange.clone(),
        port: args.port,
        control_port: args.control_port,
        seed: args.seed,
        faults: args.faults.as_deref().map(read_faults).transpose()?.unwrap_or_default(),
        clock: match args.clock {
            ClockChoice::Wall => ClockSource::Running,
            ClockChoice::Virtual => ClockSource::Manual,
        },
        ..listed
    })
}

fn read_faults(path: &Path) -> Result<Vec<Fault>, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|cause| Failure::failed(format!("cannot read the faults in {}: {cause}", path.display())))?;
    parse_faults(&text).map_err(|error| Failure::failed(format!("{}: {error}", path.display())))
}
