//! `tradewire demo`: a simulated exchange and the real connector against it over real sockets, faults included.

mod account;
mod entry;
mod full_screen;
mod lines;
mod referee;
mod script;
mod show;
mod stage;
mod summary;
mod tally;
mod trader;

use tokio::time::Instant;
use tradewire::Capabilities;

use crate::args::DemoArgs;
use crate::connect::Begin;
use crate::failure::Failure;
use crate::output;
use crate::screen;
use crate::stop::{Deadline, Stop};

use script::Schedule;
use show::Show;
use stage::Stage;
use summary::Summary;

/// How long a demo runs where nobody can press a key.
const SECONDS: u64 = 30;
/// What a demo is about, said wherever it is shown.
const ABOUT: &str = "live books and an account that trades";

/// What is simulated only where it is named: after a fault an account there is asked for no more than one thing in three seconds,
/// and a demo of all exchanges is to be quick.
const BY_NAME_ALONE: &[&str] = &["kraken-spot"];

/// How a demo ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Its time was over.
    Time,
    /// Somebody wanted to leave.
    Left,
}

pub(crate) async fn run(args: DemoArgs, mut stop: Stop) -> Result<(), Failure> {
    let mut stages = Vec::new();
    let opened = open(&args, &mut stages).await;
    let result = match opened {
        Ok(()) => play(&args, stages.as_mut_slice(), &mut stop).await,
        Err(failure) => Err(failure),
    };
    for stage in stages {
        stage.close().await;
    }
    let Some(summary) = result? else { return Ok(()) };
    output::even_if_closed(if args.json { output::json(&summary) } else { output::line(summary.text()) })?;
    summary.verdict()
}

/// The exchanges that can be simulated and connected to.
pub(crate) fn exchanges() -> impl Iterator<Item = &'static Capabilities> {
    tradewire::exchanges().into_iter().filter(|known| tradewire_simulator::EXCHANGES.contains(&known.exchange))
}

/// Opens a stage for each exchange that was asked for.
async fn open(args: &DemoArgs, stages: &mut Vec<Stage>) -> Result<(), Failure> {
    let mut wanted: Vec<&str> = args.exchanges.iter().map(String::as_str).collect();
    if wanted.is_empty() {
        let usual = |known: &&Capabilities| !known.fictional && !BY_NAME_ALONE.contains(&known.exchange);
        wanted = exchanges().filter(usual).map(|known| known.exchange).collect();
    }
    wanted.sort_unstable();
    wanted.dedup();
    for exchange in wanted {
        stages.push(Stage::open(exchange, args.seed).await?);
    }
    Ok(())
}

/// Runs the demo on open stages; nothing to sum up if it was stopped before it began.
async fn play(args: &DemoArgs, stages: &mut [Stage], stop: &mut Stop) -> Result<Option<Summary>, Failure> {
    for stage in stages.iter() {
        if matches!(stage.ready(stop).await?, Begin::Stopped) {
            return Ok(None);
        }
    }
    let full_screen = !args.json && screen::possible();
    let seconds = args.seconds.or((!full_screen).then_some(SECONDS));
    let end = Deadline::after(Instant::now(), seconds);
    let mut show = Show::new(stages, Schedule::over(seconds));
    let ended = if full_screen {
        full_screen::show(&mut show, end, stop).await?
    } else {
        match lines::print(&mut show, args.json, end, stop).await {
            // Nobody reads on; what has happened until then is judged all the same.
            Err(Failure::OutputClosed) => End::Left,
            ended => ended?,
        }
    };
    let accounts = show.accounts().await?;
    if !full_screen {
        let last = show.conclude();
        output::even_if_closed(last.iter().try_for_each(|entry| lines::tell_entry(entry, args.json)))?;
    }
    Ok(Some(Summary::of(&mut show, accounts, args.seed, ended)))
}
