//! The whole program on real repositories, and its ports' contracts.

mod bad_input;
mod board;
mod checks;
mod forge;
mod mixed_fleet;
mod setup;
mod shape;
mod store;
