#![no_main]

use libfuzzer_sys::fuzz_target;
use tradewire_bybit::fuzzing::market_frame;

fuzz_target!(|bytes: &[u8]| market_frame(bytes));
