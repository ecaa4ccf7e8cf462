#![no_main]

use libfuzzer_sys::fuzz_target;
use tradewire_bybit::fuzzing::private_frame;

fuzz_target!(|bytes: &[u8]| private_frame(bytes));
