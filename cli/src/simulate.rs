//! `tradewire simulate`: a simulated exchange, served until stopped.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use tradewire::Pair;
use tradewire_simulator::{Addresses, ClockSource, Config, Fault, Simulator, parse_faults};

use crate::args::{ClockChoice, SimulateArgs};
use crate::failure::Failure;
use crate::output;
use crate::stop::Stop;

pub(crate) async fn run(args: SimulateArgs, mut stop: Stop) -> Result<(), Failure> {
    let simulator = Simulator::start(config(&args)?).await.map_err(Failure::failed)?;
    let result = announce(simulator.addresses());
    if result.is_ok() {
        stop.wait().await;
    }
    simulator.stop().await;
    result.map(drop)
}

/// The first line: where the simulator listens, and what it takes to trade there.
#[derive(Serialize)]
struct FirstLine<'a> {
    #[serde(flatten)]
    addresses: &'a Addresses,
    #[serde(skip_serializing_if = "Option::is_none")]
    ed25519_private_key_file: Option<&'a Path>,
}

/// Prints the first line. The file with the private key is there as long as what is returned.
fn announce(addresses: &Addresses) -> Result<Option<KeyFile>, Failure> {
    let write = |pem: &String| KeyFile::write(&addresses.rest, pem);
    let key = addresses.ed25519_private_key.as_ref().map(write).transpose();
    let key = key.map_err(|cause| Failure::failed(format!("cannot write a private key for tests: {cause}")))?;
    let file = key.as_ref().map(|key| key.0.as_path());
    output::json(&FirstLine { addresses, ed25519_private_key_file: file })?;
    Ok(key)
}

/// A file with the private key of the simulated account, which nobody else may read; removed when dropped.
struct KeyFile(PathBuf);

impl KeyFile {
    fn write(rest: &str, pem: &str) -> io::Result<KeyFile> {
        let port = rest.rsplit(':').next().unwrap_or_default();
        let name = format!("tradewire-simulator-{}-{port}.pem", std::process::id());
        let path = std::env::temp_dir().join(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path)?;
        let key = KeyFile(path);
        file.write_all(pem.as_bytes())?;
        Ok(key)
    }
}

impl Drop for KeyFile {
    fn drop(&mut self) {
        // It holds a key of a simulated account alone; one that stays does no harm.
        let _removed = std::fs::remove_file(&self.0);
    }
}

fn config(args: &SimulateArgs) -> Result<Config, Failure> {
    let usual = Config::of(&args.exchange).map_err(Failure::wrong_use)?;
    let listed = match args.pairs.as_slice() {
        [] => usual,
        pairs => usual.listing(&pairs.iter().map(Pair::as_str).collect::<Vec<_>>()).map_err(Failure::wrong_use)?,
    };
    Ok(Config {
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
