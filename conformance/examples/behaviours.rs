//! Prints `docs/behaviours.md`: `cargo run -p tradewire-conformance --example behaviours > docs/behaviours.md`.

fn main() {
    print!("{}", tradewire_conformance::document());
}
