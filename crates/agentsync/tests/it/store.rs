//! One contract for every place a board can be in, and races on it.

mod alarms;
mod contract;
mod git;
mod memory;
mod nothing;
mod packs;
mod queue;
mod races;
mod renewal;
mod repair;
mod values;
mod wire;
