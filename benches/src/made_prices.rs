use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tradewire_tracking::Scale;

use crate::Layout;

/// Made, deterministic trades or best prices of one symbol, in the form of Binance spot.
#[derive(Debug)]
pub struct MadePrices {
    /// How their numbers are written.
    pub layout: Layout,
    /// The symbol in all of them.
    pub symbol: &'static str,
    /// The frames.
    pub frames: Vec<Box<[u8]>>,
}

const LAYOUT: Layout = Layout { scale: Scale { price: 2, quantity: 5 }, shown_price: 8, shown_quantity: 8 };
const SYMBOL: &str = "MADEUSDT";

/// So many `trade` messages.
pub fn made_trades(count: usize) -> MadePrices {
    made(count, |index, walk| {
        let (price, quantity) = (walk.price(), walk.quantity());
        format!(
            r#"{{"stream":"madeusdt@trade","data":{{"e":"trade","E":1723161257440,"s":"{SYMBOL}","t":{},"p":"{price}","q":"{quantity}","T":1723161257439,"m":{},"M":true}}}}"#,
            3_735_683_259 + index,
            walk.random.random::<bool>()
        )
    })
}

/// So many `bookTicker` messages.
pub fn made_best_prices(count: usize) -> MadePrices {
    made(count, |index, walk| {
        let (bid, ask) = (walk.price(), walk.price_above());
        format!(
            r#"{{"stream":"madeusdt@bookTicker","data":{{"u":{},"s":"{SYMBOL}","b":"{bid}","B":"{}","a":"{ask}","A":"{}"}}}}"#,
            50_093_239_219 + 7 * index as u64,
            walk.quantity(),
            walk.quantity()
        )
    })
}

fn made(count: usize, frame: impl Fn(usize, &mut Walk) -> String) -> MadePrices {
    let mut walk = Walk { random: ChaCha8Rng::seed_from_u64(11), cents: 6_183_763 };
    let frames = (0..count).map(|index| frame(index, &mut walk).into_bytes().into()).collect();
    MadePrices { layout: LAYOUT, symbol: SYMBOL, frames }
}

/// A price that wanders.
struct Walk {
    random: ChaCha8Rng,
    cents: i64,
}

impl Walk {
    fn price(&mut self) -> String {
        self.cents += self.random.random_range(-300..=300);
        written(self.cents, 2)
    }

    fn price_above(&self) -> String {
        written(self.cents + 1, 2)
    }

    fn quantity(&mut self) -> String {
        // Log-uniform: from dust to five whole units.
        written(500_000_f64.powf(self.random.random()) as i64, 5)
    }
}

/// A number with so many decimals, written with eight.
fn written(value: i64, decimals: u32) -> String {
    let unit = 10_i64.pow(decimals);
    format!(
        "{}.{:0decimals$}{:0<rest$}",
        value / unit,
        value % unit,
        "",
        decimals = decimals as usize,
        rest = 8 - decimals as usize
    )
}
