#![no_main]

use libfuzzer_sys::fuzz_target;
use tradewire_binance::fuzzing::exchange_info;

fuzz_target!(|bytes: &[u8]| exchange_info(bytes));
