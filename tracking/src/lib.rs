//! tradewire.
