use std::time::{Duration, Instant};

/// Something to measure on one set: made ready untimed, then run once, timed.
pub struct Stage<'a> {
    name: &'static str,
    run: Box<dyn FnMut() -> Duration + 'a>,
}

impl<'a> Stage<'a> {
    /// A stage that `prepare`s anew before each timed `run`.
    pub fn new<T>(name: &'static str, mut prepare: impl FnMut() -> T + 'a, mut run: impl FnMut(&mut T) + 'a) -> Self {
        // What is measured is real time, not the time that tests can pause.
        #[allow(clippy::disallowed_methods)]
        let timed = move || {
            let mut ready = prepare();
            let begin = Instant::now();
            run(&mut ready);
            begin.elapsed()
        };
        Self { name, run: Box::new(timed) }
    }
}

/// Runs stages in turn, round by round, so that a slow moment of the machine meets them all alike.
pub struct Interleaved<'a> {
    stages: Vec<Stage<'a>>,
}

impl<'a> Interleaved<'a> {
    /// The first stage is the one that others are compared with.
    pub fn new(stages: Vec<Stage<'a>>) -> Self {
        Self { stages }
    }

    /// Runs all stages `rounds` times after one round to warm up; returns name and median of each.
    pub fn medians(mut self, rounds: usize) -> Vec<(&'static str, Duration)> {
        let mut times = vec![Vec::with_capacity(rounds); self.stages.len()];
        for round in 0..=rounds {
            for (stage, times) in self.stages.iter_mut().zip(&mut times) {
                let time = (stage.run)();
                if round > 0 {
                    times.push(time);
                }
            }
        }
        self.stages.iter().zip(&mut times).map(|(stage, times)| (stage.name, median(times))).collect()
    }
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
