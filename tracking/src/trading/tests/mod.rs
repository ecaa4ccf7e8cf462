//! The account's keeper with an exchange that answers what each test has it say.

mod account;
mod desk;
mod journal;
mod lookup;
mod market;
mod outbox;
mod reconcile;
mod stopping;
