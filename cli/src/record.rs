//! `tradewire record`: what an exchange sends, with receive times, to a file.

use std::path::Path;

use serde::Serialize;
use tokio::time::Instant;
use tradewire::{Error, Event, Events, LifeEvent, MarketConfig, MarketData, Recorder};

use crate::args::RecordArgs;
use crate::connect::{self, Begin};
use crate::failure::Failure;
use crate::output;
use crate::stop::{Deadline, Stop};

pub(crate) async fn run(args: RecordArgs, mut stop: Stop) -> Result<(), Failure> {
    let source = connect::source(&args.market.exchange, &args.market.addresses()?)?;
    let recorder = Recorder::create(&args.out)?;
    let config =
        MarketConfig { recorder: Some(recorder.clone()), snapshot_depth: args.market.depth, ..MarketConfig::default() };
    let market = MarketData::start(source, config, args.market.pairs.clone());
    let events = market.events();
    let begun = connect::ready(&market, args.market.wait(), &mut stop).await;
    let result = match begun {
        Ok(Begin::Ready) => follow(events, &args, &mut stop).await,
        _ => Ok(()),
    };
    market.close().await;
    let finished = finish(recorder).await;
    if let Err(failure) = begun {
        // A file in which nothing was followed would be in the way of the next attempt; one that stays does no harm.
        let _removed = std::fs::remove_file(&args.out);
        return Err(failure);
    }
    result?;
    let (lines, lost) = finished?;
    let recorded = Recorded { file: &args.out, lines, lost };
    output::even_if_closed(if args.json { output::json(&recorded) } else { output::line(recorded.text()) })?;
    recorded.verdict()
}

/// What a recording has come to.
#[derive(Debug, Serialize)]
struct Recorded<'a> {
    file: &'a Path,
    lines: u64,
    /// Frames that the disk was too slow for.
    lost: u64,
}

impl Recorded<'_> {
    fn text(&self) -> String {
        format!("{} lines in {}", self.lines, self.file.display())
    }

    /// Success only if nothing is missing.
    fn verdict(&self) -> Result<(), Failure> {
        match self.lost {
            0 => Ok(()),
            lost => Err(Failure::failed(format!("{lost} frames were lost: the disk was too slow"))),
        }
    }
}

async fn follow(mut events: Events, args: &RecordArgs, stop: &mut Stop) -> Result<(), Failure> {
    let end = Deadline::after(Instant::now(), args.seconds);
    loop {
        tokio::select! {
            () = stop.wait() => return Ok(()),
            () = end.wait() => return Ok(()),
            event = events.next() => match event {
                Some(Event::Life(LifeEvent::Stopped)) | None => return Err(Failure::failed("the connector has stopped")),
                Some(_) => {}
            },
        }
    }
}

/// Ends the file away from the runtime's threads: the disk may be slow.
async fn finish(recorder: Recorder) -> Result<(u64, u64), Failure> {
    let finished: Result<_, Error> = tokio::task::spawn_blocking(move || recorder.finish())
        .await
        .map_err(|cause| Failure::failed(format!("cannot finish the recording: {cause}")))?;
    Ok(finished?)
}
