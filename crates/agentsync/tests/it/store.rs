//! One contract for every place a board can be in, and races on it.

mod contract;
mod git;
mod memory;
mod races;
mod renewal;
mod repair;
mod values;
