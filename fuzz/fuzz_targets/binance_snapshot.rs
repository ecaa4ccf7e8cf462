#![no_main]

use libfuzzer_sys::fuzz_target;
use tradewire_binance::fuzzing::snapshot;

fuzz_target!(|bytes: &[u8]| snapshot(bytes));
