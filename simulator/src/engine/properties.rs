//! Properties of the engine under random orders.
