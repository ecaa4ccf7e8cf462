//! Prints `docs/order-outcomes.md`: `cargo run -p tradewire-conformance --example order_outcomes > docs/order-outcomes.md`.

fn main() {
    print!("{}", tradewire_conformance::matrix::document());
}
