#![no_main]

use libfuzzer_sys::fuzz_target;
use tradewire_binance::fuzzing::usdm_private_frame;

fuzz_target!(|bytes: &[u8]| usdm_private_frame(bytes));
