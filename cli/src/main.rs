//! The program `tradewire`.

fn main() {}
