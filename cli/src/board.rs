use std::sync::Arc;

use tokio::time::Instant;
use tradewire::{BookReader, MarketConfig, MarketData, MarketSource, Pair};

use crate::meter::{Meter, Meters, Rate};

/// The books that a command shows, in the order asked for.
#[derive(Debug, Default)]
pub(crate) struct Board {
    pub(crate) rows: Vec<Row>,
}

/// One book on the board.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) exchange: &'static str,
    pub(crate) pair: Pair,
    pub(crate) reader: BookReader,
    pub(crate) meter: Arc<Meter>,
    pub(crate) rate: Rate,
}

/// A connector whose books will be put on a board.
#[derive(Debug)]
pub(crate) struct Followed {
    exchange: &'static str,
    pairs: Vec<Pair>,
    meters: Arc<Meters>,
    pub(crate) market: MarketData,
}

impl Followed {
    /// Begins to follow `pairs`, with a meter on each. A pair given twice counts once.
    pub(crate) fn start(source: Arc<dyn MarketSource>, config: MarketConfig, pairs: &[Pair]) -> Self {
        let mut unique: Vec<Pair> = Vec::with_capacity(pairs.len());
        for pair in pairs {
            if !unique.contains(pair) {
                unique.push(pair.clone());
            }
        }
        let exchange = source.capabilities().exchange;
        let meters = Arc::new(Meters::new(source.server_clock().clone(), &unique));
        let observer: Arc<dyn tradewire::MarketObserver> = Arc::clone(&meters) as _;
        let market = MarketData::start(source, MarketConfig { observer: Some(observer), ..config }, unique.clone());
        Self { exchange, pairs: unique, meters, market }
    }

    pub(crate) fn exchange(&self) -> &'static str {
        self.exchange
    }
}

impl Board {
    /// Adds the books of a connector that is ready.
    pub(crate) fn add(&mut self, followed: &Followed) {
        for pair in &followed.pairs {
            let Some(reader) = followed.market.book(pair) else { continue };
            let meter = followed.meters.of(pair);
            let (exchange, pair) = (followed.exchange, pair.clone());
            self.rows.push(Row { exchange, pair, reader, meter, rate: Rate::default() });
        }
        self.sample();
    }

    /// Measures the rates.
    pub(crate) fn sample(&mut self) {
        let now = Instant::now();
        for row in &mut self.rows {
            row.rate.sample(now, row.meter.updates());
        }
    }
}
